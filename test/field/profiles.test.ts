import { checkCases } from "./checkCases.ts";
import { profileCases } from "./profileCases.ts";

checkCases(profileCases);
