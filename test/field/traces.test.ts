import { checkCases } from "./checkCases.ts";
import { traceCases } from "./traceCases.ts";

checkCases(traceCases);
