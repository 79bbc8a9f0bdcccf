/** The public API of the library. */
export { demandOf, emptyTouchCounts, type TouchCounts, writeBacksOf } from "./counts.ts";
export { InputError, KernelAbort, KernelTrap, MemoryPlanTooLarge } from "./errors.ts";
export { type Platform, usePlatform } from "./platform.ts";
export type { ImportReport } from "./recording/import/importReport.ts";
export { importTrace, type TraceImport } from "./recording/import/importTrace.ts";
export { parseOperations } from "./recording/operations.ts";
export type { Operation } from "./recording/operationsSchema.ts";
export { listRecordings } from "./recording/packagedRecording.ts";
export { openRecording, type Recording } from "./recording/recording.ts";
export type { RecordingSummary } from "./recording/recordingSummary.ts";
export { readTouchTrace } from "./recording/touchTrace.ts";
