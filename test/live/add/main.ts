/** Records a kernel that is new to the model, compares it with the nearest one, and drafts its recipes. */
import "../../../src/node/install.ts";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { recipesOf } from "../../../src/linux/recipes/ofKernel.ts";
import { recordedKernelOf } from "../../../src/linux/recordedKernels.ts";
import { compareImage } from "../../recorded/imageModel.ts";
import { MissingPackages } from "../apt.ts";
import { recordImages } from "../images.ts";
import { ensureKernel, type KernelLine, type KernelPackage, parseKernelLine } from "../kernels.ts";
import { ensureTools } from "../packages.ts";
import { ensureQemu } from "../qemu.ts";
import { runRandom, type SequenceResult, saveFixture } from "../sequence.ts";
import { recordWorkload } from "../traffic/record.ts";
import type { Workload } from "../traffic/workload.ts";
import { WORKLOADS } from "../traffic/workloads.ts";
import { readConfig } from "./config.ts";
import { compareWorkload, findRenames, type WorkloadRow } from "./functions.ts";
import { type ImageResult, reportText } from "./report.ts";
import { recipeSkeleton } from "./skeleton.ts";

const STEPS = 20;
const RECORDED = ["hotplug", "hotplug-dram", "basics", "thp", "hugetlb"];

const USAGE = `npm run kernel:add -- LINE [options]
  LINE           a kernel's first two numbers, 7.4, of Debian's suites
  --output DIR   recordings and report go to DIR/kernel-LINE (default: dist/recordings); traffic that is there is used
  --seeds N      sequences of ${STEPS} hotplug steps (default 3)
  --traffic A,B  workloads to record (default: ${RECORDED.join()}; npm run record:kernel lists them; none: states only)`;

interface Plan {
  readonly line: KernelLine;
  readonly output: string;
  readonly seeds: number;
  readonly workloads: readonly Workload[];
}

/** @error Error that says what was expected */
function parsePlan(args: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      output: { type: "string", default: "dist/recordings" },
      seeds: { type: "string", default: "3" },
      traffic: { type: "string", default: RECORDED.join() },
    },
    allowPositionals: true,
  });
  const [line, ...others] = positionals;
  if (line === undefined || others.length > 0) throw new Error("expected one kernel, 7.4");
  const seeds = Number(values.seeds);
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Error(`--seeds ${values.seeds}: expected 1 or more`);
  const names = values.traffic === "none" ? [] : values.traffic.split(",");
  const workloads = names.map((name) => {
    const workload = WORKLOADS.find((candidate) => candidate.name === name);
    if (workload === undefined) throw new Error(`--traffic ${name}: no workload ${name}`);
    return workload;
  });
  return { line: parseKernelLine(line), output: values.output, seeds, workloads };
}

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function recordStates(kernel: KernelPackage, seeds: number, folder: string): Promise<SequenceResult[]> {
  const results: SequenceResult[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    tell(`states: sequence ${seed} of ${seeds}`);
    const result = await runRandom(kernel, seed, STEPS);
    if (result.fixture !== undefined) saveFixture(join(folder, "conformance"), result.fixture);
    results.push(result);
  }
  return results;
}

async function recordAllImages(kernel: KernelPackage, folder: string): Promise<ImageResult[]> {
  tell("images");
  const images = await recordImages(kernel, folder);
  return images.map(({ name, bytes }) => {
    return { name, differences: compareImage(bytes, recordedKernelOf(kernel.line), name).differences };
  });
}

/** One that cannot be recorded is told and left out: the others are as good. */
async function recordTraffic(
  kernel: KernelPackage,
  workloads: readonly Workload[],
  folder: string,
  failures: string[],
): Promise<WorkloadRow[]> {
  if (kernel.modules === undefined && workloads.length > 0) {
    failures.push(`traffic: ${kernel.release} is packaged without modules, so there is no disk to record to`);
    return [];
  }
  const rows: WorkloadRow[] = [];
  for (const workload of workloads) {
    tell(`traffic: ${workload.name}`);
    const targets = workload.parts.map(({ name }) => ({ name, path: join(folder, "traffic", name) }));
    try {
      if (!targets.every(({ path }) => existsSync(`${path}.json`))) await recordWorkload(kernel, workload, folder);
      for (const { name, path } of targets)
        if (workload.parts.some((part) => part.name === name && part.operations !== undefined))
          rows.push(await compareWorkload(name, path));
    } catch (error) {
      failures.push(`traffic of ${workload.name}: ${messageOf(error)}`);
    }
  }
  return rows;
}

async function addKernel({ line, output, seeds, workloads: wanted }: Plan): Promise<void> {
  ensureTools();
  ensureQemu();
  const kernel = ensureKernel(line);
  const folder = join(output, `kernel-${line}`);
  mkdirSync(folder, { recursive: true });
  const failures: string[] = [];
  const sequences = await recordStates(kernel, seeds, folder);
  const images = await recordAllImages(kernel, folder).catch((error: unknown) => {
    failures.push(`images: ${messageOf(error)}`);
    return [];
  });
  const workloads = await recordTraffic(kernel, wanted, folder, failures);
  const nearest = recipesOf(kernel.release);
  const renames = findRenames(workloads);
  const { release } = kernel;
  const report = reportText({
    ...{ line, release, nearest: nearest.kernel, nearestFormat: recordedKernelOf(line) },
    ...{ sequences, images, workloads, renames, config: readConfig(kernel.config), failures },
  });
  writeFileSync(join(folder, "REPORT.md"), report);
  writeFileSync(join(folder, "recipes.ts"), recipeSkeleton(line, release, nearest, workloads, renames));
  process.stdout.write(report);
  tell(`${folder}: REPORT.md, and recipes.ts: a draft of src/linux/recipes/${line}/recipes.ts`);
}

async function main(): Promise<void> {
  let plan: Plan;
  try {
    plan = parsePlan(process.argv.slice(2));
  } catch (error) {
    tell(`${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  try {
    await addKernel(plan);
  } catch (error) {
    if (!(error instanceof MissingPackages)) throw error;
    const mustRun = process.env["CI"] === "true";
    process.stdout.write(`${mustRun ? "FAILED" : "SKIPPED"}: kernel:add ${plan.line}: ${error.message}\n`);
    process.exitCode = 1;
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
await main();
