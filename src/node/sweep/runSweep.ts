import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Tinypool from "tinypool";
import { InputError } from "../../errors.ts";
import { platform } from "../../platform.ts";
import { partsOf, sharedText } from "../../sweep/parts.ts";
import { inputsAt, pointAt, type SweepPlan, selector } from "../../sweep/plan.ts";
import { keepCounts } from "../keptCounts.ts";
import { type Progress, startProgress } from "./progress.ts";
import { identityOf, linesOf, openFolder, PartWriter, type Shard } from "./resultFolder.ts";
import type { CountTask, PriceTask, WorkerOutcome, WorkerTask } from "./sweepWorker.ts";

export interface SweepRun {
  readonly folder: string;
  readonly shard: Shard;
  /** @default one for each CPU */
  readonly workers?: number | undefined;
  /** Without it more than a million points are refused. */
  readonly yes: boolean;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** One line of text for people. */
  readonly tell: (line: string) => void;
}

export interface SweepOutcome {
  /** Of all shards together. */
  readonly nrPoints: number;
  readonly nrDone: number;
  readonly counts: { readonly asked: number; readonly distinct: number; readonly kept: number };
}

const MOST_POINTS = 1_000_000;
/** What is in flight when a process is killed: two of these a worker. */
const CHUNK_POINTS = 8;
/**
 * For the guess before the start: a point of five recordings, and one part to count, on one core of an EPYC of 2021.
 * Which parts are long depends on footprints; the time left that is shown while it runs is measured.
 */
const TYPICAL_POINT_MS = 25;
const TYPICAL_PART_MS = 250;

// The same from the bundle in dist/cli and from dist/lib.
const WORKER = new URL("../../dist/cli/sweepWorker.js", import.meta.url);

/**
 * Does the points of a shard that its folder has not yet, on a pool of threads. Counts first, each part once whoever
 * needs it; then prices, point by point, each a whole line of this process's own file.
 *
 * @error InputError for no points or too many, a folder of another sweep, a full disk
 */
export async function runSweep(plan: SweepPlan, run: SweepRun): Promise<SweepOutcome> {
  const points = chosenPoints(plan, run);
  const profiles = profileFiles(plan);
  const done = new Set<number>();
  const identity = identityOf(plan, profiles);
  if (!run.dryRun) {
    openFolder(run.folder, identity);
    for (const { point } of linesOf(run.folder)) done.add(point);
  }
  const { index, of } = run.shard;
  const todo = points.filter((point) => point % of === index && !done.has(point));
  const temporary =
    platform().keptCounts === undefined && !run.dryRun ? mkdtempSync(join(run.folder, ".counts-")) : undefined;
  if (temporary !== undefined) keepCounts({ folder: temporary });
  try {
    const counting = partsToCount(plan, todo);
    tellPlan(plan, points.length, todo.length, counting.parts.length, run);
    if (!run.dryRun && todo.length > 0) await work(plan, todo, counting.parts, run);
    return { nrPoints: points.length, nrDone: done.size + (run.dryRun ? 0 : todo.length), counts: counting };
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

function chosenPoints(plan: SweepPlan, { yes }: SweepRun): number[] {
  const { nrCombinations, where } = plan;
  if (nrCombinations > MOST_POINTS && !yes)
    throw new InputError({
      what: `the sweep has ${nrCombinations} combinations`,
      where,
      expected: `at most ${MOST_POINTS}, or --yes if that is meant`,
      example: "{linear: [100 ns, 900 ns], points: 9}",
    });
  if (nrCombinations > 2 ** 31)
    throw new InputError({
      what: `the sweep has ${nrCombinations} combinations`,
      where,
      expected: `at most ${2 ** 31}`,
    });
  const isChosen = selector(plan);
  const points: number[] = [];
  for (let point = 0; point < nrCombinations; point++) if (isChosen(point)) points.push(point);
  if (points.length === 0)
    throw new InputError({
      what:
        plan.filters.length > 0 && nrCombinations > 0
          ? `the filters leave none of ${nrCombinations} points`
          : "the sweep has no points: an axis has no values",
      where,
      example: 'axes: [{kernel.version: ["6.1", "6.12"]}]',
    });
  return points;
}

/** Profile files that the scenario names, whose content makes the sweep. */
function profileFiles(plan: SweepPlan): string[] {
  const { dirname, resolve } = platform().paths;
  const named = [
    plan.constants["profiles"],
    ...plan.groups.flatMap(({ keys, values }) => (keys.includes("profiles") ? values[keys.indexOf("profiles")]! : [])),
  ];
  return [...new Set(named.filter((path) => typeof path === "string"))]
    .map((path) => resolve(dirname(plan.where), path))
    .filter(existsSync);
}

interface PartPlace {
  readonly point: number;
  readonly part: number;
}

/** Each part that no run has kept, once; and how often parts are asked for in all. */
function partsToCount(plan: SweepPlan, todo: readonly number[]) {
  const texts = new Map<string, { readonly point: number; nr: number }>();
  for (const point of todo) {
    const text = sharedText(inputsAt(plan, point));
    const known = texts.get(text);
    if (known === undefined) texts.set(text, { point, nr: 1 });
    else known.nr++;
  }
  const distinct = new Map<string, PartPlace>();
  const parts: PartPlace[] = [];
  let asked = 0;
  let kept = 0;
  for (const { point, nr } of texts.values()) {
    partsOf(pointAt(plan, point)).forEach(({ key }, part) => {
      asked += nr;
      const text = JSON.stringify(key ?? [point, part]);
      if (distinct.has(text)) return;
      distinct.set(text, { point, part });
      if (key !== undefined && platform().keptCounts?.has(text)) kept++;
      else if (key !== undefined) parts.push({ point, part });
    });
  }
  return { asked, distinct: distinct.size, kept, parts };
}

function tellPlan(plan: SweepPlan, nrPoints: number, nrTodo: number, nrParts: number, run: SweepRun): void {
  const workers = run.workers ?? availableParallelism();
  const seconds = (nrTodo * TYPICAL_POINT_MS + nrParts * TYPICAL_PART_MS) / 1000 / workers;
  const axes = plan.groups.map(({ keys, length }) => `${keys.join(" with ")} (${length})`).join(" x ");
  const shard = run.shard.of === 1 ? "" : `, shard ${run.shard.index + 1}/${run.shard.of}`;
  run.tell(`${nrPoints} points${axes === "" ? "" : `: ${axes}`}${shard}`);
  run.tell(
    `${nrTodo} to do, ${nrParts} parts to count, ${workers} ${workers === 1 ? "worker" : "workers"}: about ${Math.max(1, Math.round(seconds))} s`,
  );
}

async function work(
  plan: SweepPlan,
  todo: readonly number[],
  parts: readonly PartPlace[],
  run: SweepRun,
): Promise<void> {
  const threads = run.workers ?? availableParallelism();
  const pool = new Tinypool({ filename: WORKER.href, minThreads: threads, maxThreads: threads });
  const task: WorkerTask = { folder: run.folder, counts: platform().keptCounts!.folder, where: plan.where };
  const writer = new PartWriter(run.folder, run.shard);
  const chunks: number[][] = [];
  for (let at = 0; at < todo.length; at += CHUNK_POINTS) chunks.push(todo.slice(at, at + CHUNK_POINTS));
  let progress: Progress | undefined;
  try {
    progress = startProgress("counted", "parts", parts.length, run.tell);
    await each(parts, threads, async (place) => {
      resultOf(
        (await pool.run({ ...task, ...place } satisfies CountTask, { name: "countPart" })) as WorkerOutcome<boolean>,
      );
      progress?.add(1);
    });
    progress.stop();
    progress = startProgress("priced", "points", todo.length, run.tell);
    await each(chunks, threads, async (points) => {
      writer.append(
        resultOf(
          (await pool.run({ ...task, points } satisfies PriceTask, { name: "pricePoints" })) as WorkerOutcome<string>,
        ),
      );
      progress?.add(points.length);
    });
  } finally {
    progress?.stop();
    writer.close();
    await pool.destroy();
  }
}

function resultOf<Result>(outcome: WorkerOutcome<Result>): Result {
  if ("problem" in outcome) throw new InputError(outcome.problem);
  return outcome.result;
}

/** Runs over all, two a worker at a time: none waits for the writer, and few are lost when killed. */
async function each<Item>(items: readonly Item[], workers: number, run: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed) {
      try {
        await run(items[next++]!);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(items.length, 2 * workers) }, lane));
}
