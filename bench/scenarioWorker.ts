// One worker of the end-to-end suite: takes scenarios from a queue that all workers share, until none is left, and
// sends what it found. A scenario is what `altmap answer` does, five devices and five recordings, on a machine of its
// own: no two share what they count.
import "../src/node/install.ts";
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { answerDocument } from "../src/report/answerDocument.ts";
import { readScenario } from "../src/scenario/scenario.ts";
import { simulate } from "../src/simulate.ts";

export interface ScenarioQueue {
  /** A profile file each, whose host has the id `machine`. */
  readonly profiles: readonly string[];
  /** Shared: how many scenarios were taken. */
  readonly taken: Int32Array;
}

export interface ScenarioResult {
  readonly index: number;
  readonly result: string;
}

const { profiles, taken } = workerData as ScenarioQueue;
const standard = readScenario(undefined);
const results: ScenarioResult[] = [];
for (;;) {
  const index = Atomics.add(taken, 0, 1);
  if (index >= profiles.length) break;
  const scenario = { ...standard, profiles: profiles[index], machine: { ...standard.machine, host: "machine" } };
  const document = JSON.stringify(answerDocument(await simulate(scenario)));
  results.push({ index, result: createHash("sha256").update(document).digest("hex") });
}
parentPort?.postMessage(results);
