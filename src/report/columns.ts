// What a table of columns is made of: one entry a quantity, with its unit and how it is got.
import { type Estimate, noDifferenceWithinError } from "../cost/sample.ts";
import type { Interval } from "./answerRows.ts";
import { roundNs, roundRatio } from "./numbers.ts";

export type ColumnUnit = "text" | "flag" | "bytes" | "ns" | "ratio" | "count";
export type Cell = string | number | boolean | Interval | null;

/** How one quantity is got of what was simulated. */
export interface Column<Source, Value> {
  readonly unit: ColumnUnit;
  readonly of: (source: Source) => Value;
}

/** A column for each key of a row, in the order in which they are printed. */
export type Columns<Source, Row> = { readonly [Name in keyof Row]: Column<Source, Row[Name]> };

/** One row of a table of columns, as it stands in JSON. */
export function filledRow<Source, Row>(columns: Columns<Source, Row>, source: Source): Row {
  const names = Object.keys(columns) as (keyof Row)[];
  return Object.fromEntries(names.map((name) => [name, columns[name].of(source)])) as Row;
}

/** One column: its unit, and the value of a row. */
export function column<Source, Value>(unit: ColumnUnit, of: (source: Source) => Value): Column<Source, Value> {
  return { unit, of };
}

type OrNull<Given, Value> = undefined extends Given ? Value | null : Value;

/** An estimate in the two columns that hold it: its value and its 90 % interval. */
type EstimateColumns<Name extends string, In extends "ns" | "ratio", Source, Given> = {
  readonly [Key in `${Name}_${In}`]: Column<Source, OrNull<Given, number>>;
} & { readonly [Key in `${Name}_interval_${In}`]: Column<Source, OrNull<Given, Interval>> };

function estimateColumns<Name extends string, In extends "ns" | "ratio", Source, Given extends Estimate | undefined>(
  name: Name,
  unit: In,
  of: (source: Source) => Given,
): EstimateColumns<Name, In, Source, Given> {
  const round = unit === "ns" ? roundNs : roundRatio;
  const pick = <Value>(part: (given: Estimate) => Value) =>
    column(unit, (source: Source) => {
      const given = of(source);
      return given === undefined ? null : part(given);
    });
  return {
    [`${name}_${unit}`]: pick(({ value }) => round(value)),
    [`${name}_interval_${unit}`]: pick(({ interval: [low, high] }) => [round(low), round(high)]),
  } as EstimateColumns<Name, In, Source, Given>;
}

/** `NAME_ns` and `NAME_interval_ns`; null where `of` gives undefined. */
export function timeColumns<Name extends string, Source, Given extends Estimate | undefined>(
  name: Name,
  of: (source: Source) => Given,
): EstimateColumns<Name, "ns", Source, Given> {
  return estimateColumns(name, "ns", of);
}

/** `NAME_ratio` and `NAME_interval_ratio`; null where `of` gives undefined. */
export function ratioColumns<Name extends string, Source, Given extends Estimate | undefined>(
  name: Name,
  of: (source: Source) => Given,
): EstimateColumns<Name, "ratio", Source, Given> {
  return estimateColumns(name, "ratio", of);
}

/** Whether an estimate of a slowdown can be told from none; null where `of` gives undefined. */
export function sameColumn<Source, Given extends Estimate | undefined>(
  of: (source: Source) => Given,
): { readonly no_difference_within_error: Column<Source, OrNull<Given, boolean>> } {
  const isSame = (source: Source) => {
    const given = of(source);
    return (given === undefined ? null : noDifferenceWithinError(given)) as OrNull<Given, boolean>;
  };
  return { no_difference_within_error: column("flag", isSame) };
}
