// What a column of a sweep's results is made of.

import type { Simulation } from "../../simulate.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { AnswerDocument, AnswerFootprint, AnswerResult, AnswerWorkload } from "../answerDocument.ts";
import type { Interval } from "../answerRows.ts";
import type { ColumnUnit } from "../columns.ts";

export type SweepCell = string | number | boolean | null;
/** One line of results: cells by the names of the columns. */
export type SweepRow = Readonly<Record<string, SweepCell>>;

/** What one row is of. */
export interface RowSource {
  readonly point: SweepPoint;
  readonly kind: "hotplug" | "workload" | "footprint";
  readonly simulation: Simulation;
  readonly document: AnswerDocument;
  readonly dram: AnswerResult;
  readonly onMemory: AnswerResult | undefined;
  readonly workload?: { readonly dram: AnswerWorkload | undefined; readonly onMemory: AnswerWorkload | undefined };
  readonly footprint?: AnswerFootprint;
}

export interface SweepColumn {
  readonly name: string;
  readonly unit: ColumnUnit;
  readonly says: string;
  readonly of: (source: RowSource) => unknown;
}

/** One column. */
export const sweepColumn = (name: string, unit: ColumnUnit, says: string, of: SweepColumn["of"]): SweepColumn => ({
  name,
  unit,
  says,
  of,
});

/** NAME, NAME with `low` and `high`: the value and the ends of its 90 % interval. */
export function ranged(
  name: string,
  unit: "ns" | "ratio",
  says: string,
  of: (source: RowSource) => readonly [unknown, Interval | null | undefined],
) {
  return [
    sweepColumn(`${name}_${unit}`, unit, says, (source) => of(source)[0]),
    sweepColumn(`${name}_low_${unit}`, unit, "lower end of its 90 % interval", (source) => of(source)[1]?.[0]),
    sweepColumn(`${name}_high_${unit}`, unit, "upper end", (source) => of(source)[1]?.[1]),
  ];
}
