import { writeFileSync } from "node:fs";
import { packRecording } from "../../src/workload/recordingPack.ts";

// Rebuilds src/recordings: `npm run pack:recordings -- ../shared/kernel-6.1 wl_redis_set_30k_1k ...`
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.length === 0) throw new Error("usage: FOLDER NAME...");
for (const name of names) {
  const packed = await packRecording(folder, name);
  writeFileSync(`src/recordings/${name}.json`, packed.summaryJson);
  writeFileSync(`src/recordings/${name}.touch.columns.gz`, packed.touchColumnsGz);
  writeFileSync(`src/recordings/${name}.events.columns.gz`, packed.eventColumnsGz);
}
