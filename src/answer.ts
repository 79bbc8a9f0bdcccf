import { existsSync } from "node:fs";
import { InputError } from "./errors.ts";
import { defaultDevices } from "./machine/devices.ts";
import { defaultDevice } from "./machine/machine.ts";
import { type AnswerDocument, answerDocument } from "./report/answerDocument.ts";
import { answerHeader } from "./report/answerHeader.ts";
import { answerCsv, answerMarkdown } from "./report/answerTables.ts";
import { answerText } from "./report/answerText.ts";
import { checkCapacity, readScenario, type Scenario } from "./scenario/scenario.ts";
import { simulate } from "./simulate.ts";
import { parseBytes } from "./units.ts";
import { checkFootprint } from "./workload/footprint.ts";

export type AnswerFormat = "text" | "json" | "csv" | "md";

/** What the command line says instead of the scenario. */
export interface AnswerOverrides {
  /** Devices that are plugged instead of the scenario's. */
  readonly device?: readonly string[];
  /** Of each device, as the user wrote it. */
  readonly capacity?: string;
  readonly host?: string;
  /** A file of hosts and devices that may be named. */
  readonly profiles?: string;
  /** As the user wrote them. */
  readonly footprint?: readonly string[];
}

/**
 * `altmap answer`: reads the scenario, simulates, renders.
 *
 * @error InputError for anything the user can mend
 */
export async function answer(
  scenarioPath: string | undefined,
  overrides: AnswerOverrides,
  format: AnswerFormat,
): Promise<string> {
  const scenario = overridden(readScenario(scenarioPath), overrides);
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

function overridden(read: Scenario, given: AnswerOverrides): Scenario {
  const { profiles, host, device: ids, capacity, footprint } = given;
  const scenario: Scenario = {
    ...read,
    profiles: profiles ?? read.profiles,
    machine: { ...read.machine, host: host ?? read.machine.host },
  };
  const capacityBytes =
    capacity === undefined ? undefined : checkCapacity(parseBytes(capacity, "--capacity"), "--capacity");
  ids?.forEach(refuseFile);
  const named = ids?.map((id) => defaultDevice(id)) ?? scenario.devices;
  const devices = capacityBytes === undefined ? named : (named ?? defaultDevices.map(({ id }) => defaultDevice(id)));
  return {
    ...scenario,
    devices: devices?.map((device) => ({ ...device, capacityBytes: capacityBytes ?? device.capacityBytes })),
    footprints: (footprint?.map((text) => parseBytes(text, "--footprint")) ?? scenario.footprints).map(checkFootprint),
  };
}

/** `--device` takes every word that follows, a scenario file too. */
function refuseFile(id: string): void {
  if (!/\.(ya?ml|json)$/i.test(id) && !(/[./]/.test(id) && existsSync(id))) return;
  throw new InputError({
    where: "--device",
    what: `"${id}" is a file, not a device: --device takes all words up to the next option`,
    expected: "the scenario file first, or one --device for each device and -- before the file",
    example: `altmap answer ${id} --device ID...`,
  });
}
