// One worker of the end-to-end suite: simulates its share of scenarios (a machine with 128 MiB memory blocks and a
// device of 1 GiB or more) and sends what it found.
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { defaultDevice } from "../src/machine/machine.ts";
import { answerDocument } from "../src/report/answerDocument.ts";
import { readScenario } from "../src/scenario/scenario.ts";
import { simulate } from "../src/simulate.ts";

const results: { index: number; result: string }[] = [];
for (const index of workerData as readonly number[]) {
  const devices = [defaultDevice("cxl-samsung-mxp-genoa", (index + 1) * 1024 ** 3)];
  const standard = readScenario(undefined);
  const machine = { ...standard.machine, memoryBlockBytes: 128 * 1024 ** 2 };
  const scenario = { ...standard, machine, devices, workloads: ["wl_tmpfs_write_read_rm_48m"] };
  const document = JSON.stringify(answerDocument(await simulate(scenario)));
  results.push({ index, result: createHash("sha256").update(document).digest("hex") });
}
parentPort?.postMessage(results);
