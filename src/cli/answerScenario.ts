import { checkFootprint } from "../count/operations/footprint.ts";
import { InputError, nearestName } from "../errors.ts";
import { defaultDevices } from "../machine/devices.ts";
import { defaultDevice } from "../machine/machine.ts";
import { platform } from "../platform.ts";
import { listRecordings } from "../recording/packagedRecording.ts";
import { answerDocument } from "../report/answerDocument.ts";
import { answerHeader } from "../report/answerHeader.ts";
import { answerCsv, answerMarkdown } from "../report/answerTables.ts";
import { answerText } from "../report/answerText.ts";
import { parseFolio } from "../scenario/folio.ts";
import { isOperationName, OPERATION_NAMES, type OperationName } from "../scenario/operationNames.ts";
import { checkCapacity, readScenario, type Scenario } from "../scenario/scenario.ts";
import { simulate } from "../simulate.ts";
import { parseBytes } from "../units.ts";

type AnswerFormat = "text" | "json" | "csv" | "md";

/** What the command line says instead of the scenario. */
interface AnswerOverrides {
  /** Devices that are plugged instead of the scenario's. */
  readonly device?: readonly string[];
  /** Of each device, as the user wrote it. */
  readonly capacity?: string;
  readonly host?: string;
  /** A file of hosts and devices that may be named. */
  readonly profiles?: string;
  /** As the user wrote them. */
  readonly footprint?: readonly string[];
  /** Size of the folios that operations work on, as the user wrote it. */
  readonly folio?: string;
  /** Also say which input makes what share of each interval. */
  readonly why?: boolean;
  /** Recordings and named operations instead of the scenario's. */
  readonly workload?: readonly string[];
}

/**
 * `altmap answer`: reads the scenario, simulates, renders.
 *
 * @returns what is printed, with its last newline
 * @error InputError for anything the user can mend
 */
export async function renderAnswer(
  scenarioPath: string | undefined,
  overrides: AnswerOverrides,
  format: AnswerFormat,
): Promise<string> {
  const simulation = await simulate(answerScenario(readScenario(scenarioPath), overrides), {
    why: overrides.why === true,
  });
  const document = answerDocument(simulation);
  switch (format) {
    case "json":
      return `${JSON.stringify(document, null, 2)}
`;
    case "csv":
      return answerCsv(document);
    case "md":
      return answerMarkdown(document);
    default:
      return answerText(document, answerHeader(simulation));
  }
}

/** The scenario with what the command line says instead. @error InputError naming the flag */
function answerScenario(read: Scenario, given: AnswerOverrides): Scenario {
  const { profiles, host, device: ids, capacity, footprint, workload, folio } = given;
  const scenario: Scenario = {
    ...read,
    policy:
      folio === undefined ? read.policy : { ...read.policy, folio: parseFolio(folio, "--folio", read.kernel.version) },
    profiles: profiles ?? read.profiles,
    machine: { ...read.machine, host: host ?? read.machine.host },
  };
  const capacityBytes =
    capacity === undefined ? undefined : checkCapacity(parseBytes(capacity, "--capacity"), "--capacity");
  ids?.forEach(refuseFile);
  const named = ids?.map((id) => defaultDevice(id)) ?? scenario.devices;
  const devices = capacityBytes === undefined ? named : (named ?? defaultDevices.map(({ id }) => defaultDevice(id)));
  const footprints = (footprint?.map((text) => parseBytes(text, "--footprint")) ?? scenario.footprints).map(
    checkFootprint,
  );
  const operations = workload?.filter(isOperationName) ?? scenario.operations;
  checkOperations(operations, footprints);
  workload?.forEach(checkName);
  return {
    ...scenario,
    workloads: workload?.filter((name) => !isOperationName(name)) ?? scenario.workloads,
    operations,
    footprints: [...new Set(footprints)].sort((a, b) => a - b),
    devices:
      capacityBytes === undefined
        ? devices
        : devices?.map((device) => ({ ...device, capacityBytes, capacityIsAssumed: false })),
  };
}

/** `--device` takes every word that follows, a scenario file too. */
function refuseFile(id: string): void {
  if (!/\.(ya?ml|json)$/i.test(id) && !(/[./]/.test(id) && platform().isFile(id))) return;
  throw new InputError({
    where: "--device",
    what: `"${id}" is a file, not a device: --device takes all words up to the next option`,
    expected: "the scenario file first, or one --device for each device and -- before the file",
    example: `altmap answer ${id} --device ID...`,
  });
}

/** A name that is no operation is a recording: unless it is nearly the one and no path. @error InputError */
function checkName(name: string): void {
  const near = isOperationName(name) || /[/\\.]/.test(name) ? undefined : nearestName(name, OPERATION_NAMES);
  if (near === undefined || listRecordings().includes(name)) return;
  throw new InputError({
    where: "--workload",
    what: `${name}: no such recording or operation; did you mean "${near}"?`,
    expected: `a recording, or one of ${OPERATION_NAMES.join(", ")}`,
  });
}

/** An operation by itself has no size. @error InputError */
function checkOperations(operations: readonly OperationName[] | undefined, footprints: readonly number[]): void {
  if (operations === undefined || operations.length === 0 || footprints.length > 0) return;
  throw new InputError({
    what: `the operation ${operations[0]} is run at a footprint, and none is given`,
    expected: "1GiB to 1TiB of memory in use",
    example: `altmap answer --workload ${operations[0]} --footprint 1GiB 64GiB`,
  });
}
