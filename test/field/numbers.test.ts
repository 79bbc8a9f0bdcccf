import { checkCases } from "./checkCases.ts";
import { numberCases } from "./numberCases.ts";

checkCases(numberCases);
