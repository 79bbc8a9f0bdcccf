/** The public API of the library. */
export { demandOf, emptyTouchCounts, type TouchCounts, writeBacksOf } from "./counts.ts";
export { InputError, KernelAbort, KernelTrap, MemoryPlanTooLarge } from "./errors.ts";
export type { ImportReport } from "./workload/import/importReport.ts";
export { importTrace, type TraceImport } from "./workload/import/importTrace.ts";
export { parseOperations } from "./workload/operations.ts";
export type { Operation } from "./workload/operationsSchema.ts";
export { listRecordings } from "./workload/packagedRecording.ts";
export { openRecording, type Recording } from "./workload/recording.ts";
export type { RecordingSummary } from "./workload/recordingSummary.ts";
export { readTouchTrace, writeTouchTrace } from "./workload/touchTrace.ts";
