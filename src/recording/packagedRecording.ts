import { InputError, nearestName } from "../errors.ts";
import { platform } from "../platform.ts";
import { decodeEventColumns } from "./eventColumns.ts";
import { parseRecordingSummary, type RecordingSummary } from "./recordingSummary.ts";
import { decodeTouchColumns, lastPfnOfColumns } from "./touchColumns.ts";
import { decodeTouchMarks, type TouchMarks } from "./touchMarks.ts";

// src/recording/data holds, for each packaged recording, NAME.json (its summary, with the SHA-256 of the touch
// and event records), NAME.touch.columns.gz (the touch records, rearranged by touchColumns.ts) and
// NAME.marks.gz (touchMarks.ts) and
// NAME.events.columns.gz (what importTrace gives for its kmem text, rearranged by eventColumns.ts).
const COLUMNS_SUFFIX = ".touch.columns.gz";
const MARKS_SUFFIX = ".marks.gz";
const EVENTS_SUFFIX = ".events.columns.gz";

/** A recording that ships with altmap. */
export interface PackagedRecording {
  readonly summary: RecordingSummary;
  /** The touch records, byte for byte those of the original `NAME.touch.gz`; a batch is valid until the next. */
  touchBatches(batchRecords?: number): Generator<Uint8Array>;
  /** The largest pfn of the touch records. */
  lastPfn(): number;
  /** Whose each touch is; undefined where the recording does not say. */
  touchMarks(): TouchMarks | undefined;
  /** The event records of its kmem trace; a batch is valid until the next. */
  eventBatches(batchEvents?: number): Generator<Uint8Array>;
}

/** Names of the packaged recordings, sorted. */
export function listRecordings(): readonly string[] {
  return platform()
    .listPackaged()
    .filter((file) => file.endsWith(COLUMNS_SUFFIX))
    .map((file) => file.slice(0, -COLUMNS_SUFFIX.length))
    .sort();
}

/** @error InputError with the nearest name when there is none of that name */
export function loadRecording(name: string): PackagedRecording {
  const names = listRecordings();
  if (!names.includes(name)) {
    const near = nearestName(name, names);
    throw new InputError({
      what: `no packaged recording is named "${name.slice(0, 100)}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      expected: `one of ${names.join(", ")}`,
    });
  }
  const summary: unknown = JSON.parse(new TextDecoder().decode(platform().readPackaged(`${name}.json`)));
  const columns = (suffix: string): Uint8Array => platform().gunzip(platform().readPackaged(name + suffix));
  let read: Uint8Array | undefined;
  const touchColumns = (): Uint8Array => {
    read ??= columns(COLUMNS_SUFFIX);
    return read;
  };
  return {
    summary: parseRecordingSummary(summary, `${name}.json`),
    touchBatches: (batchRecords) => decodeTouchColumns(touchColumns(), name, batchRecords),
    lastPfn: () => lastPfnOfColumns(touchColumns(), name),
    touchMarks: () =>
      platform()
        .listPackaged()
        .includes(name + MARKS_SUFFIX)
        ? decodeTouchMarks(columns(MARKS_SUFFIX), name + MARKS_SUFFIX)
        : undefined,
    eventBatches: (batchEvents) => decodeEventColumns(columns(EVENTS_SUFFIX), name, batchEvents),
  };
}
