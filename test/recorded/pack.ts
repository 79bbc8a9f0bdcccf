import "../../src/node/install.ts";
import { writeFileSync } from "node:fs";
import { packRecording } from "./recordingPack.ts";

// Rebuilds src/recording/data: `npm run pack:recordings -- ../shared/kernel-6.1 wl_redis_set_30k_1k ...`
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.length === 0) throw new Error("usage: FOLDER NAME...");
for (const name of names) {
  const packed = await packRecording(folder, name);
  writeFileSync(`src/recording/data/${name}.json`, packed.summaryJson);
  writeFileSync(`src/recording/data/${name}.touch.columns.gz`, packed.touchColumnsGz);
  if (packed.marksGz) writeFileSync(`src/recording/data/${name}.marks.gz`, packed.marksGz);
  writeFileSync(`src/recording/data/${name}.events.columns.gz`, packed.eventColumnsGz);
}
