// npm run test:distributed: sweeps on engines as they are, with what they need from Debian and npm.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeSmallSweep } from "../sweep/smallSweep.ts";
import { killCheck } from "./kills.ts";
import { kubernetesCheck } from "./kubernetes.ts";
import { parallelCheck } from "./parallelSsh.ts";
import { csvCheck, parquetCheck } from "./readers.ts";
import { slurmCheck } from "./slurm.ts";
import { altmap, FOLDER, same, writeCommand } from "./tools.ts";

const NR_KILLS = 50;
const DRAWS = 40;

const sweep = writeSmallSweep(FOLDER, "sweep.yaml", DRAWS);
const expected = join(FOLDER, "expected");
writeCommand();
altmap("sweep", sweep, "-o", expected);

const CHECKS: Readonly<Record<string, () => Promise<string> | string>> = {
  shards: () => {
    for (const of of [1, 2, 7]) {
      const folder = join(FOLDER, `shards-${of}`);
      for (let i = of; i >= 1; i--) altmap("sweep", sweep, "-o", folder, "--shard", `${i}/${of}`);
      same(folder, expected);
    }
    return "1, 2 and 7 shards give the same bytes";
  },
  kills: () => killCheck(sweep, expected, NR_KILLS),
  csv: () => csvCheck(expected),
  parquet: () => parquetCheck(expected),
  kubernetes: () => kubernetesCheck(sweep),
  parallel: () => parallelCheck(sweep, expected),
  slurm: () => slurmCheck(sweep, expected),
};

const words = process.argv.slice(2);
let failed = 0;
for (const name of words.length > 0 ? words : Object.keys(CHECKS)) {
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  try {
    process.stdout.write(`ok ${name} (${await CHECKS[name]!()}) ${seconds()} s\n`);
  } catch (error) {
    failed++;
    process.stdout.write(`FAILED ${name} ${seconds()} s: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
if (failed === 0) rmSync(FOLDER, { recursive: true, force: true });
else process.stdout.write(`what is left lies in ${FOLDER}\n`);
process.exitCode = failed === 0 ? 0 : 1;
