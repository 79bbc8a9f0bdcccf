import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { encodeEventColumns } from "../../src/recording/eventColumns.ts";
import { importTrace } from "../../src/recording/import/importTrace.ts";
import { encodeTouchColumns } from "../../src/recording/touchColumns.ts";

/** What a run of the recorder says of itself, and not of the kernel. */
const DROPPED_KEYS = ["output", "seconds_under_emulation", "kept"];

export interface PackedRecording {
  readonly summaryJson: string;
  readonly touchColumnsGz: Uint8Array;
  /** Undefined where the recording has none. */
  readonly marksGz: Uint8Array | undefined;
  readonly eventColumnsGz: Uint8Array;
}

/** Turns `traffic/NAME.json`, `traces/NAME.touch.gz` and `traces/NAME.kmem.txt.gz` below `folder` into what src/recording/data holds. */
export async function packRecording(folder: string, name: string): Promise<PackedRecording> {
  const summary = JSON.parse(readFileSync(`${folder}/traffic/${name}.json`, "utf8")) as Record<string, unknown>;
  for (const key of DROPPED_KEYS) delete summary[key];
  const touches = gunzipSync(readFileSync(`${folder}/traces/${name}.touch.gz`));
  const marks = `${folder}/traces/${name}.marks.gz`;
  const batches: Uint8Array[] = [];
  for await (const batch of importTrace(`${folder}/traces/${name}.kmem.txt.gz`).batches) batches.push(batch.slice());
  const events = Buffer.concat(batches);
  summary["touch_sha256"] = sha256(touches);
  summary["events_sha256"] = sha256(events);
  return {
    summaryJson: `${JSON.stringify(summary)}\n`,
    touchColumnsGz: gzipSync(encodeTouchColumns(touches), { level: 9 }),
    marksGz: existsSync(marks) ? gzipSync(gunzipSync(readFileSync(marks)), { level: 9 }) : undefined,
    eventColumnsGz: gzipSync(encodeEventColumns(events), { level: 9 }),
  };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
