import { mkdirSync, readFileSync } from "node:fs";
import { InputError } from "../errors.ts";
import { defaultCountsFolder, keepCounts } from "../node/keptCounts.ts";
import { listedPoints, openMerge, writeMerge } from "../node/sweep/mergeFolders.ts";
import type { Shard } from "../node/sweep/resultFolder.ts";
import { runSweep } from "../node/sweep/runSweep.ts";
import { type EmitKind, emitJob } from "../sweep/emit.ts";
import { readSweep } from "../sweep/plan.ts";
import { grouped, percent } from "../units.ts";
import { packageVersion } from "./version.ts";

export interface SweepCliOptions {
  readonly output?: string;
  readonly shard?: string;
  readonly shards?: string;
  readonly workers?: string;
  readonly cache: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly emit?: EmitKind;
}

const tell = (line: string): void => {
  process.stderr.write(`altmap: ${line}\n`);
};

/** `altmap sweep`: does what is missing of a shard; writes the results when no point of the sweep is missing. */
export async function sweepCommand(path: string, options: SweepCliOptions): Promise<void> {
  const plan = readSweep(path);
  const folder = options.output ?? "";
  if (folder === "" && options.dryRun !== true)
    throw new InputError({
      what: "no folder is given for the results",
      expected: "-o DIR",
      example: `altmap sweep ${path} -o results`,
    });
  if (options.emit !== undefined) {
    process.stdout.write(emitted(options.emit, path, folder, options));
    return;
  }
  if (options.cache) keepCounts({ folder: defaultCountsFolder() });
  const shard = shardOf(options);
  const outcome = await runSweep(plan, {
    folder,
    shard,
    workers: wholeNumber("--workers", options.workers, 1024),
    yes: options.yes === true,
    dryRun: options.dryRun === true,
    tell,
  });
  const { asked, distinct, kept } = outcome.counts;
  if (asked > 0)
    tell(
      `counts: ${grouped(asked)} asked for, ${distinct} distinct, ${kept} kept by runs before, ${distinct - kept} to count: ${percent(2 - (distinct - kept) / asked)} hits`,
    );
  if (options.dryRun === true) return;
  const merge = openMerge([folder]);
  if (merge.missing.length > 0) {
    tell(`${merge.missing.length} of ${merge.nrPoints} points are for other shards: altmap merge ${folder} says which`);
    return;
  }
  for (const file of writeMerge(merge, folder)) process.stdout.write(`${file}\n`);
}

/** A job file of one task for each shard. */
function emitted(kind: EmitKind, sweep: string, folder: string, options: SweepCliOptions): string {
  const nrShards = wholeNumber("--shards", options.shards, 100_000);
  if (nrShards === undefined)
    throw new InputError({
      what: "the job needs the number of its tasks",
      expected: "--shards",
      example: `altmap sweep ${sweep} -o results --emit ${kind} --shards 8`,
    });
  return emitJob(kind, { sweep, text: readFileSync(sweep, "utf8"), folder, nrShards, version: packageVersion() });
}

/** `altmap merge`: whether nothing is missing, and the results. @returns exit code */
export function mergeCommand(folders: readonly string[], output: string | undefined): number {
  const merge = openMerge(folders);
  if (merge.missing.length > 0) {
    const { missing, missingByShard, nrPoints } = merge;
    process.stderr.write(`altmap: ${missing.length} of ${nrPoints} points are missing: ${listedPoints(missing)}\n`);
    for (const { shard, nr } of missingByShard)
      process.stderr.write(
        `  shard ${shard.index + 1}/${shard.of}: ${nr} of ${Math.ceil((nrPoints - shard.index) / shard.of)} points; altmap sweep SWEEP.yaml -o DIR --shard ${shard.index + 1}/${shard.of}\n`,
      );
    return 1;
  }
  tell(
    `${merge.nrPoints} points, none missing${merge.nrTwice > 0 ? `, ${merge.nrTwice} done twice with the same bytes` : ""}`,
  );
  const folder = output ?? folders[0]!;
  mkdirSync(folder, { recursive: true });
  for (const file of writeMerge(merge, folder)) process.stdout.write(`${file}\n`);
  return 0;
}

/** Where engines say which task of an array this is, and whose first task has which number. */
const ENGINES: readonly { readonly variable: string; readonly first: (env: NodeJS.ProcessEnv) => number }[] = [
  { variable: "SLURM_ARRAY_TASK_ID", first: (env) => Number(env["SLURM_ARRAY_TASK_MIN"] ?? 0) },
  { variable: "JOB_COMPLETION_INDEX", first: () => 0 },
  { variable: "PARALLEL_SEQ", first: () => 1 },
];

function shardOf({ shard, shards }: SweepCliOptions, env = process.env): Shard {
  if (shard !== undefined) {
    const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(shard) ?? [];
    return checkShard(Number(index) - 1, Number(of), `--shard ${shard}`);
  }
  const of = wholeNumber("--shards", shards, 999_999);
  if (of === undefined) return { index: 0, of: 1 };
  const engine = ENGINES.find(({ variable }) => env[variable] !== undefined);
  if (engine === undefined)
    throw new InputError({
      what: `--shards ${of} does not say which shard this is, and none of ${ENGINES.map(({ variable }) => variable).join(", ")} is set`,
      expected: "--shard with the number too",
      example: `--shard 1/${of}`,
    });
  return checkShard(Number(env[engine.variable]) - engine.first(env), of, engine.variable);
}

function checkShard(index: number, of: number, where: string): Shard {
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 0 && index < of) return { index, of };
  throw new InputError({
    what: "names no shard",
    where,
    expected: "its number from 1, and how many there are",
    example: "--shard 2/7",
  });
}

function wholeNumber(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new InputError({
    what: `"${text.slice(0, 40)}" is no such number`,
    where: option,
    expected: `1 to ${most}`,
    example: `${option} 4`,
  });
}
