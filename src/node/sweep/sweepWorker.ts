// One worker of a sweep's pool: counts parts, or prices points of which the parts are counted.
import "../install.ts";
import { countedOnce } from "../../count/countedOnce.ts";
import { InputError, type InputProblem } from "../../errors.ts";
import { sweepColumns, sweepRows } from "../../report/sweep/sweepColumns.ts";
import { simulate } from "../../simulate.ts";
import { partsOf } from "../../sweep/parts.ts";
import { pointAt, type SweepPlan } from "../../sweep/plan.ts";
import { keepCounts } from "../keptCounts.ts";
import { readIdentity } from "./resultFolder.ts";

export interface WorkerTask {
  /** Of the results: its sweep.json holds the plan. */
  readonly folder: string;
  /** Where counts are kept. */
  readonly counts: string;
  /** The plan names profile files as its own file does. */
  readonly where: string;
}

export interface CountTask extends WorkerTask {
  readonly point: number;
  /** Which of the parts of the point. */
  readonly part: number;
}

export interface PriceTask extends WorkerTask {
  readonly points: readonly number[];
}

/** What went wrong goes to the pool as data: of an error only the message would. */
export type WorkerOutcome<Result> = { readonly result: Result } | { readonly problem: InputProblem };

let opened: { readonly folder: string; readonly plan: SweepPlan } | undefined;

function planOf({ folder, counts, where }: WorkerTask): SweepPlan {
  if (opened?.folder !== folder) {
    keepCounts({ folder: counts });
    opened = { folder, plan: { ...readIdentity(folder).plan, where } };
  }
  return opened.plan;
}

async function outcome<Result>(run: () => Promise<Result>): Promise<WorkerOutcome<Result>> {
  try {
    return { result: await run() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: error.problem };
  }
}

/** Counts one part and keeps it. */
export function countPart(task: CountTask): Promise<WorkerOutcome<boolean>> {
  return outcome(async () => {
    await countedOnce(partsOf(pointAt(planOf(task), task.point))[task.part]!);
    return true;
  });
}

/** A line for each point: its number and its rows, cells in the order of the columns. */
export function pricePoints(task: PriceTask): Promise<WorkerOutcome<string>> {
  return outcome(async () => {
    const plan = planOf(task);
    const columns = sweepColumns(plan);
    let lines = "";
    for (const index of task.points) {
      const point = pointAt(plan, index);
      const rows = sweepRows(columns, point, await simulate(point.scenario, { own: point.own }));
      const cells = rows.map((row) => columns.map(({ name }) => row[name]));
      lines += `${JSON.stringify({ point: index, rows: cells })}\n`;
    }
    return lines;
  });
}
