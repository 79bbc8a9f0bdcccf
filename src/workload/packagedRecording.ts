import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { InputError, nearestName } from "../errors.ts";
import { parseRecordingSummary, type RecordingSummary } from "./recordingSummary.ts";
import { decodeTouchColumns } from "./touchColumns.ts";

// src/recordings holds, for each packaged recording, NAME.json (its summary, with the SHA-256 of the touch records)
// and NAME.touch.columns.gz (the touch records, rearranged by touchColumns.ts).
const FOLDER = new URL("../../src/recordings/", import.meta.url);
const COLUMNS_SUFFIX = ".touch.columns.gz";

/** A recording that ships with altmap. */
export interface PackagedRecording {
  readonly summary: RecordingSummary;
  /** The touch records, byte for byte those of the original `NAME.touch.gz`; a batch is valid until the next. */
  touchBatches(batchRecords?: number): Generator<Uint8Array>;
}

/** Names of the packaged recordings, sorted. */
export function listRecordings(): readonly string[] {
  return readdirSync(FOLDER)
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
  const summary: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
  let columns: Uint8Array | undefined;
  return {
    summary: parseRecordingSummary(summary, `${name}.json`),
    touchBatches: (batchRecords) => {
      columns ??= gunzipSync(readFileSync(new URL(name + COLUMNS_SUFFIX, FOLDER)));
      return decodeTouchColumns(columns, name, batchRecords);
    },
  };
}
