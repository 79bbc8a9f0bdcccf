import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { countSums } from "../../src/cost/countSums.ts";
import { NR_TERMS, type PriceOptions, pathsNs, sampleMachine } from "../../src/cost/price.ts";
import { countWorkload } from "../../src/count/countWorkload.ts";
import { defaultDevices } from "../../src/machine/devices.ts";
import { formatProfiles } from "../../src/machine/emit.ts";
import { findDevice } from "../../src/machine/find.ts";
import { geometryOf } from "../../src/machine/geometry.ts";
import { defaultHost } from "../../src/machine/hosts.ts";
import type { Quantity } from "../../src/machine/provenance.ts";
import type { ScenarioQueue, ScenarioResult } from "../scenarioWorker.ts";
import type { Case, Suite, SuiteOptions } from "../suite.ts";

const CLI = fileURLToPath(new URL("../../dist/cli/altmap.js", import.meta.url));
const WORKER = new URL("../../dist/bench/scenarioWorker.js", import.meta.url);

export const endToEndSuite: Suite = {
  name: "end-to-end",
  question: "How long does a user wait?",
  compares:
    "A cold process: node alone, altmap --version, altmap answer (5 devices, 2 placements, 5 workloads). Repricing one " +
    "run for many profiles. Scenarios of different machines and recordings on one worker and on two.",
  doesNotShow: "installing, building, reading from a slow disk.",
  async cases(options) {
    const workers = options.smoke ? [workersCase(2)] : [workersCase(8, 3), workersCase(64, 3)];
    return [...coldCases(), await repriceCase(options), ...workers];
  },
};

function coldCases(): Case[] {
  const cold = (name: string, args: readonly string[]): Case => {
    let output = "";
    return {
      name: `cold ${name}`,
      work: 1,
      unit: "processes",
      clock: "wall",
      against: [],
      rows: [
        {
          name,
          run: () => {
            output = execFileSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 26 });
          },
          checksum: () => createHash("sha256").update(output).digest("hex").slice(0, 16),
        },
      ],
    };
  };
  return [
    cold("node -e 0", ["-e", "0"]),
    cold("altmap --version", [CLI, "--version"]),
    cold("altmap answer", [CLI, "answer", "--json", "--no-cache"]),
  ];
}

/** One run's counts for many hosts and devices: what a sweep over profiles does. */
async function repriceCase({ smoke }: SuiteOptions): Promise<Case> {
  const run = await countWorkload("wl_tmpfs_write_read_rm_48m", geometryOf(defaultHost));
  const nrProfiles = smoke ? 10 : 10_000;
  const dram = findDevice(defaultHost.localDram);
  const machines = defaultDevices.map(
    (device) =>
      sampleMachine(defaultHost, { boot: dram, hotAdded: device }, { samples: Math.ceil(nrProfiles / 7) }).draws,
  );
  const profiles = machines.flat().slice(0, nrProfiles);
  const terms = new Float64Array(NR_TERMS);
  const options: PriceOptions = {};
  let total = 0;
  const row = (name: string, price: () => number) => ({
    name,
    run: () => {
      total = price();
    },
    checksum: () => total.toPrecision(12),
  });
  return {
    name: `reprice ${nrProfiles} profiles`,
    work: nrProfiles,
    unit: "profiles",
    against: ["sums taken anew"],
    rows: [
      row("sums taken once", () => {
        const sums = countSums(run.warm.counts);
        return profiles.reduce((sum, draw) => sum + pathsNs(sums, draw, options, terms), 0);
      }),
      row("sums taken anew", () =>
        profiles.reduce((sum, draw) => sum + pathsNs(countSums(run.warm.counts), draw, options, terms), 0),
      ),
    ],
  };
}

/** Machines that differ in the ways of L2 and LLC. @return a profile file each, in a folder of its own */
function machineFiles(nrMachines: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), "altmap-bench-machines-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { l2Bytes, l2Ways, llcBytes, llcWays } = defaultHost;
  return Array.from({ length: nrMachines }, (_, i) => {
    const [l2, llc] = [l2Ways.value - (i % 8), llcWays.value + Math.floor(i / 8)];
    const host = {
      ...defaultHost,
      id: "machine",
      l2Ways: exactly(l2Ways, l2),
      l2Bytes: exactly(l2Bytes, (l2Bytes.value / l2Ways.value) * l2),
      llcWays: exactly(llcWays, llc),
      llcBytes: exactly(llcBytes, (llcBytes.value / llcWays.value) * llc),
    };
    const file = join(folder, `${i}.yaml`);
    writeFileSync(file, formatProfiles({ devices: [], hosts: [host] }));
    return file;
  });
}

const exactly = (quantity: Quantity, value: number): Quantity => ({ ...quantity, value, range: [value, value] });

/**
 * Workers share nothing but the queue: each has its own instances of the kernels. Wall time, so a busy machine shows:
 * compare the processor time of the rows too. `npm run bench` has each thread collect its own garbage: there
 * is a worker for every processor, and V8's helper threads would take the other's.
 */
function workersCase(nrScenarios: number, rounds?: number): Case {
  const profiles = machineFiles(nrScenarios);
  const row = (nrWorkers: number) => {
    let checksum = "";
    return {
      name: nrWorkers === 1 ? "one worker" : `${nrWorkers} workers`,
      run: async () => {
        const queue: ScenarioQueue = { profiles, taken: new Int32Array(new SharedArrayBuffer(4)) };
        const parts = await Promise.all(Array.from({ length: nrWorkers }, () => runWorker(queue)));
        const inOrder = parts.flat().sort((a, b) => a.index - b.index);
        checksum = createHash("sha256").update(JSON.stringify(inOrder)).digest("hex").slice(0, 16);
      },
      checksum: () => checksum,
    };
  };
  return {
    name: `${nrScenarios} scenarios`,
    work: nrScenarios,
    unit: "scenarios",
    clock: "wall",
    against: ["one worker"],
    rows: [row(1), row(2)],
    ...(rounds === undefined ? {} : { rounds }),
  };
}

function runWorker(queue: ScenarioQueue): Promise<ScenarioResult[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: queue });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
