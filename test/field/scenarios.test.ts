import { checkCases } from "./checkCases.ts";
import { SCENARIO_CASES } from "./scenarioCases.ts";

checkCases(SCENARIO_CASES);
