/**
 * The live kernel suite: Debian's kernels in QEMU, driven with seeded random hotplug sequences that the model predicts
 * step by step. Ends with `N passed, M failed`; exit code 1 when a sequence failed, or when CI cannot run it.
 */
import "../../src/node/install.ts";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MissingPackages } from "./apt.ts";
import type { Fixture } from "./fixture.ts";
import { ensureKernel, type KernelLine, type KernelPackage } from "./kernels.ts";
import { checkMeasure } from "./measure/check.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { ensureTools } from "./packages.ts";
import { ensureQemu } from "./qemu.ts";
import { checkScripts } from "./scripts.ts";
import { kernelLineOf, runRandom, runReplay, type SequenceResult, saveFixture } from "./sequence.ts";
import { checkTraffic } from "./traffic/check.ts";

const FAILED_DIRECTORY = "dist/live/failed";
const MAX_SHOWN_DIFFERENCES = 10;

type Job = () => Promise<SequenceResult>;

function readFixtures(paths: readonly string[]): Fixture[] {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith(".json"))
          .sort()
          .map((name) => join(path, name))
      : [path],
  );
  return files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Fixture);
}

/** Gets packages only for kernels that are asked for. @error MissingPackages */
function planJobs(options: Options): Job[] {
  ensureTools();
  ensureQemu();
  const kernels = new Map<KernelLine, KernelPackage>();
  const kernelOf = (line: KernelLine): KernelPackage => {
    const kernel = kernels.get(line) ?? ensureKernel(line);
    kernels.set(line, kernel);
    return kernel;
  };
  if (options.replay.length > 0) {
    return readFixtures(options.replay).map((fixture) => {
      const line = kernelLineOf(fixture);
      if (line === undefined) throw new Error(`${fixture.name}: recorded on ${fixture.kernel}, which is not run here`);
      const kernel = kernelOf(line);
      return () => runReplay(kernel, fixture);
    });
  }
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.firstSeed + index);
  return options.kernels.flatMap((line) => {
    const kernel = kernelOf(line);
    const random = seeds.map((seed) => () => runRandom(kernel, seed, options.steps));
    // Scripts bind kmem and write to its knob, which 6.1 does not have.
    const scripts = line === "6.12" ? [() => checkScripts(kernel)] : [];
    return [...random, () => checkTraffic(kernel), () => checkMeasure(kernel), ...scripts];
  });
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

function report(result: SequenceResult, options: Options): boolean {
  const { name, steps, conditioned, differences, failure, endless, fixture } = result;
  const passed = differences.length === 0 && failure === undefined;
  const counts = `${steps} steps, ${conditioned} conditioned, ${differences.length} differences`;
  process.stdout.write(`${passed ? "ok  " : "FAIL"} ${name}: ${counts}; ${result.machine}\n`);
  if (failure !== undefined) process.stdout.write(`  ${failure}\n`);
  if (endless !== undefined) process.stdout.write(`  ended at step ${steps}: ${endless}\n`);
  for (const { step, path, expected, actual } of differences.slice(0, MAX_SHOWN_DIFFERENCES)) {
    process.stdout.write(`  step ${step} ${path}: expected ${shown(expected)}, got ${shown(actual)}\n`);
  }
  const directory = options.saveDirectory ?? (passed ? undefined : FAILED_DIRECTORY);
  if (directory !== undefined && fixture !== undefined) {
    const path = saveFixture(directory, fixture);
    if (!passed) process.stdout.write(`  saved ${path}; repeat with: altmap conform ${path}\n`);
  }
  return passed;
}

/** Runs up to `options.jobs` guests at a time; reports in order. @returns how many passed and failed */
async function runAll(jobs: readonly Job[], options: Options): Promise<{ passed: number; failed: number }> {
  let free = options.jobs;
  const waiting: (() => void)[] = [];
  const acquire = (): Promise<void> =>
    free-- > 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  const release = (): void => {
    free++;
    waiting.shift()?.();
  };
  const started = jobs.map((job) => acquire().then(job).finally(release));
  let passed = 0;
  const versions = new Set<string>();
  for (const running of started) {
    const result = await running;
    if (!versions.has(result.kernel)) process.stdout.write(`# ${result.kernel}\n`);
    versions.add(result.kernel);
    if (report(result, options)) passed++;
  }
  return { passed, failed: jobs.length - passed };
}

async function main(): Promise<void> {
  let options: Options;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  let jobs: Job[];
  try {
    jobs = planJobs(options);
  } catch (error) {
    const mustRun = process.env["CI"] === "true" || !(error instanceof MissingPackages);
    process.stdout.write(`${mustRun ? "FAILED" : "SKIPPED"}: live kernel suite: ${(error as Error).message}\n`);
    process.stdout.write(`0 passed, ${mustRun ? 1 : 0} failed\n`);
    process.exitCode = mustRun ? 1 : 0;
    return;
  }
  const { passed, failed } = await runAll(jobs, options);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

// Guests die with us, and only a regular exit tells them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
await main();
