import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { encodeTouchColumns } from "./touchColumns.ts";

/** What a run of the recorder says of itself, and not of the kernel. */
const DROPPED_KEYS = ["output", "seconds_under_emulation", "kept"];

export interface PackedRecording {
  readonly summaryJson: string;
  readonly touchColumnsGz: Uint8Array;
}

/** Turns `traffic/NAME.json` and `traces/NAME.touch.gz` below `folder` into what src/recordings holds. */
export function packRecording(folder: string, name: string): PackedRecording {
  const summary = JSON.parse(readFileSync(`${folder}/traffic/${name}.json`, "utf8")) as Record<string, unknown>;
  for (const key of DROPPED_KEYS) delete summary[key];
  const touches = gunzipSync(readFileSync(`${folder}/traces/${name}.touch.gz`));
  summary["touch_sha256"] = createHash("sha256").update(touches).digest("hex");
  return {
    summaryJson: `${JSON.stringify(summary)}\n`,
    touchColumnsGz: gzipSync(encodeTouchColumns(touches), { level: 9 }),
  };
}
