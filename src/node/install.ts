// Imported for its effect, before anything is read: the model runs on Node.
import { usePlatform } from "../platform.ts";
import { nodePlatform } from "./platform.ts";

usePlatform(nodePlatform);
