import "../../src/node/install.ts";
import { writeFileSync } from "node:fs";
import { packOperations } from "./packOperations.ts";
import { packRecording } from "./recordingPack.ts";

// Rebuilds src/recording/data: `npm run pack:recordings -- ../shared/kernel-6.1 wl_redis_set_30k_1k ...`
// and src/recording/data/operations.json: `npm run pack:recordings -- --operations dist/recordings`
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.length === 0) throw new Error("usage: FOLDER NAME...");
if (folder === "--operations") writeFileSync("src/recording/data/operations.json", packOperations(names[0] ?? "."));
for (const name of folder === "--operations" ? [] : names) {
  const packed = await packRecording(folder, name);
  writeFileSync(`src/recording/data/${name}.json`, packed.summaryJson);
  writeFileSync(`src/recording/data/${name}.touch.columns.gz`, packed.touchColumnsGz);
  if (packed.marksGz) writeFileSync(`src/recording/data/${name}.marks.gz`, packed.marksGz);
  writeFileSync(`src/recording/data/${name}.events.columns.gz`, packed.eventColumnsGz);
}
