import { defaultDevices } from "./machine/devices.ts";
import { defaultDevice } from "./machine/machine.ts";
import { type AnswerDocument, answerDocument } from "./report/answerDocument.ts";
import { answerHeader } from "./report/answerHeader.ts";
import { answerCsv, answerMarkdown } from "./report/answerTables.ts";
import { answerText } from "./report/answerText.ts";
import { checkCapacity, readScenario, type Scenario } from "./scenario/scenario.ts";
import { simulate } from "./simulate.ts";
import { parseBytes } from "./units.ts";

export type AnswerFormat = "text" | "json" | "csv" | "md";

/**
 * `altmap answer`: reads the scenario, simulates, renders.
 *
 * @param deviceIds plugged instead of the scenario's devices
 * @param capacity of each device, as the user wrote it
 * @error InputError for anything the user can mend
 */
export async function answer(
  scenarioPath: string | undefined,
  deviceIds: readonly string[] | undefined,
  capacity: string | undefined,
  format: AnswerFormat,
): Promise<string> {
  const scenario = withDevices(readScenario(scenarioPath), deviceIds, capacity);
  const simulation = await simulate(scenario);
  const document: AnswerDocument = answerDocument(simulation);
  switch (format) {
    case "json":
      return `${JSON.stringify(document, null, 2)}\n`;
    case "csv":
      return answerCsv(document);
    case "md":
      return answerMarkdown(document);
    default:
      return answerText(document, answerHeader(simulation));
  }
}

function withDevices(
  scenario: Scenario,
  deviceIds: readonly string[] | undefined,
  capacity: string | undefined,
): Scenario {
  if (deviceIds === undefined && capacity === undefined) return scenario;
  const capacityBytes =
    capacity === undefined ? undefined : checkCapacity(parseBytes(capacity, "--capacity"), "--capacity");
  const devices =
    deviceIds?.map((id) => defaultDevice(id)) ?? scenario.devices ?? defaultDevices.map(({ id }) => defaultDevice(id));
  return {
    ...scenario,
    devices: devices.map((device) => ({ ...device, capacityBytes: capacityBytes ?? device.capacityBytes })),
  };
}
