/**
 * The public API: what `import ... from "altmap"` gives. Everything here runs in Node and in a browser; in Node files,
 * gzip and threads are there already, elsewhere `usePlatform()` says first where they come from.
 *
 * ```ts
 * import { answer, parseScenario } from "altmap";
 *
 * const scenario = parseScenario("devices: [{ id: cxl-samsung-mxp-genoa, capacity: 64GiB }]");
 * const { verdicts } = await answer(scenario);
 * console.log(verdicts[0].sentence);
 * ```
 *
 * Sizes are in bytes, times in nanoseconds, bandwidths in GB/s (1e9 bytes), unless a name says otherwise. What the caller
 * can mend is thrown as `InputError`; every other error is a fault of altmap.
 */

// The answer, and the steps that lead to it.
export { answer } from "./answer.ts";
export { type OfflineBusyInput, offlineBusy } from "./count/operations/offlineBusy.ts";
export {
  demandOf,
  type EventRun,
  emptyTouchCounts,
  type HotplugRuns,
  type TouchCounts,
  writeBacksOf,
} from "./counts.ts";
// Errors.
export {
  HotplugError,
  InputError,
  type InputProblem,
  KernelAbort,
  KernelTrap,
  MemoryPlanTooLarge,
} from "./errors.ts";
export { type ExplainedDevices, type Explanation, explain } from "./explain.ts";
// What Linux decides.
export { decidePlacement, type Placement } from "./hotplug/placement.ts";
export type { Condition } from "./hotplug/placementConditions.ts";
export type { MemmapLayout, MemmapOnMemoryMode, PlacementInput } from "./hotplug/placementInput.ts";
export type { HotplugPlan } from "./hotplug/plan.ts";
// Hotplug steps of one's own.
export { parseScript, scriptJsonSchema } from "./hotplug/script/parseScript.ts";
// Profiles: hosts and devices, each value with its source.
export { formatProfiles } from "./machine/emit.ts";
export { importProfiles, type ToolOutput } from "./machine/import/importTexts.ts";
export type { Imported, ImportOptions } from "./machine/import/toProfiles.ts";
export { builtInDefaults, findProfile, loadProfiles } from "./machine/load.ts";
export {
  type DeviceProfile,
  type HostProfile,
  type LoadedCurve,
  type Medium,
  quantitiesOf,
} from "./machine/profiles.ts";
export { EVIDENCE_MEANING, type EvidenceLevel, type Quantity, SOURCES } from "./machine/provenance.ts";
export { type ProfileSet, parseProfiles } from "./machine/schema.ts";
// What the model runs on.
export { type KeptCounts, type Paths, type Platform, usePlatform } from "./platform.ts";
// Recordings: packaged ones by name, one's own by path, and traces that become one.
export type { ImportReport } from "./recording/import/importReport.ts";
export { importTrace, importTraceText, type TraceImport } from "./recording/import/importTrace.ts";
export type { TraceTextOptions } from "./recording/import/traceText.ts";
export { FileInputError } from "./recording/inputFile.ts";
export { loadOperationRecordings, type OperationRecording } from "./recording/operationRecordings.ts";
export { parseOperations } from "./recording/operations.ts";
export type { Operation } from "./recording/operationsSchema.ts";
export { listRecordings, loadRecording, type PackagedRecording } from "./recording/packagedRecording.ts";
export { openRecording, type Recording, type RecordingFiles } from "./recording/recording.ts";
export type { RecordingSummary } from "./recording/recordingSummary.ts";
export { type ReadTouchTraceOptions, readTouchTrace } from "./recording/touchTrace.ts";
// Documents: what the command line prints as JSON.
export type {
  AnswerDocument,
  AnswerFootprint,
  AnswerResult,
  AnswerWorkload,
  Interval,
  OperationRow,
  PlacementName,
} from "./report/answerDocument.ts";
export type { FootprintDeviceRow, VerdictRow } from "./report/answerRows.ts";
export { explainDocument } from "./report/explainText.ts";
export { tryDocument, tryText } from "./report/tryText.ts";
export type { ScenarioDevice } from "./scenario/devices.ts";
// Scenarios: what is plugged, into which machine and kernel.
export { OPERATIONS, type OperationName } from "./scenario/operationNames.ts";
export { parseScenario, readScenario, type Scenario } from "./scenario/scenario.ts";
export { type HotplugEvent, scenarioJsonSchema } from "./scenario/schema.ts";
export { type DeviceOutcome, type SimulateOptions, type Simulation, simulate } from "./simulate.ts";
export {
  type PricedSteps,
  type Script,
  type ScriptRun,
  type StepCost,
  type StepResult,
  type Tried,
  tryScript,
} from "./try.ts";
export type { BlockFilling, BusyRangeCounts } from "./wasm/busyRange.ts";
