import { type AnswerDocument, answerDocument } from "./report/answerDocument.ts";
import { readScenario, type Scenario } from "./scenario/scenario.ts";
import { type SimulateOptions, simulate } from "./simulate.ts";

/**
 * What it costs to put the memmap of each device on that device, and what it saves: the document that
 * `altmap answer --json` prints. Nothing is written and nothing is random: the same scenario gives the same document.
 *
 * ```ts
 * const { verdicts } = await answer(parseScenario("devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]"));
 * ```
 *
 * @param scenario of `readScenario` or `parseScenario`. @default the default scenario: every default device
 * @returns times in ns, sizes in bytes, ratios of 1; the unit is in every key
 * @error InputError for anything the caller can mend: an unknown device, a recording that cannot be read, sizes that
 *   the kernels do not walk
 */
export async function answer(
  scenario: Scenario = readScenario(undefined),
  options: SimulateOptions = {},
): Promise<AnswerDocument> {
  return answerDocument(await simulate(scenario, options));
}
