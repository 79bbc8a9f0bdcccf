import { checkFootprint } from "../count/operations/footprint.ts";
import { InputError, nearestName } from "../errors.ts";
import { ownProfiles } from "../machine/machine.ts";
import type { ProfileSet } from "../machine/schema.ts";
import { listRecordings } from "../recording/packagedRecording.ts";
import { answerDocument } from "../report/answerDocument.ts";
import { answerHeader } from "../report/answerHeader.ts";
import { answerCsv, answerMarkdown } from "../report/answerTables.ts";
import { answerText } from "../report/answerText.ts";
import { parseFolio } from "../scenario/folio.ts";
import { isOperationName, OPERATION_NAMES, type OperationName } from "../scenario/operationNames.ts";
import { readScenario, type Scenario } from "../scenario/scenario.ts";
import { simulate } from "../simulate.ts";
import { parseBytes } from "../units.ts";
import { type ScenarioFlags, withFlags } from "./scenarioFlags.ts";

type AnswerFormat = "text" | "json" | "csv" | "md";

/** What the command line says instead of the scenario. */
interface AnswerOverrides extends ScenarioFlags {
  /** As the user wrote them. */
  readonly footprint?: readonly string[];
  /** Size of the folios that operations work on, as the user wrote it. */
  readonly folio?: string;
  /** Also say which input makes what share of each interval. */
  readonly why?: boolean;
  readonly materialise?: boolean;
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
  const read = readScenario(scenarioPath);
  // Read once: profiles may come from standard input.
  const own = ownProfiles(overrides.profiles ?? read.profiles);
  const simulation = await simulate(answerScenario(read, overrides, own), {
    own,
    why: overrides.why === true,
    materialise: overrides.materialise === true,
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
function answerScenario(read: Scenario, given: AnswerOverrides, own: ProfileSet): Scenario {
  const { footprint, workload, folio } = given;
  const flagged = withFlags(read, given, own);
  const policy =
    folio === undefined ? read.policy : { ...read.policy, folio: parseFolio(folio, "--folio", flagged.kernel.version) };
  const footprints = (footprint?.map((text) => parseBytes(text, "--footprint")) ?? read.footprints).map(checkFootprint);
  const operations = workload?.filter(isOperationName) ?? read.operations;
  checkOperations(operations, footprints);
  workload?.forEach(checkName);
  return {
    ...flagged,
    policy,
    workloads: workload?.filter((name) => !isOperationName(name)) ?? read.workloads,
    operations,
    footprints: [...new Set(footprints)].sort((a, b) => a - b),
  };
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
