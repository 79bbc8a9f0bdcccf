// One worker of the end-to-end suite: takes scenarios from a queue that all workers share, until none is left, and
// sends what it found. No two scenarios share a host and a recording: what one counts does not help another.
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { hosts } from "../src/machine/hosts.ts";
import { defaultDevice } from "../src/machine/machine.ts";
import { answerDocument } from "../src/report/answerDocument.ts";
import { readScenario, type Scenario } from "../src/scenario/scenario.ts";
import { simulate } from "../src/simulate.ts";
import { listRecordings } from "../src/workload/packagedRecording.ts";

export interface ScenarioQueue {
  readonly nrScenarios: number;
  /** Shared: how many scenarios were taken. The largest are taken first, so that workers end together. */
  readonly taken: Int32Array;
}

export interface ScenarioResult {
  readonly index: number;
  readonly result: string;
}

const recordings = listRecordings();
const standard = readScenario(undefined);

/** A host and a recording of its own, a device of `index` + 1 GiB, memory blocks of 128 MiB. */
function scenarioOf(index: number): Scenario {
  const host = hosts[index % hosts.length]!.id;
  return {
    ...standard,
    machine: { ...standard.machine, host, memoryBlockBytes: 128 * 1024 ** 2 },
    devices: [defaultDevice("cxl-samsung-mxp-genoa", (index + 1) * 1024 ** 3)],
    workloads: [recordings[index % recordings.length]!],
  };
}

const { nrScenarios, taken } = workerData as ScenarioQueue;
const results: ScenarioResult[] = [];
for (;;) {
  const index = nrScenarios - 1 - Atomics.add(taken, 0, 1);
  if (index < 0) break;
  const document = JSON.stringify(answerDocument(await simulate(scenarioOf(index))));
  results.push({ index, result: createHash("sha256").update(document).digest("hex") });
}
parentPort?.postMessage(results);
