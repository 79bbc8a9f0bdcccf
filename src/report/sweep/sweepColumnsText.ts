import type { ColumnUnit } from "../columns.ts";
import type { SweepColumn } from "./sweepColumn.ts";

/** `columns.md`: what each column is. */
export function columnsText(columns: readonly SweepColumn[]): string {
  const lines = columns.map(({ name, unit, says }) => `| \`${name}\` | ${TYPES[unit]} | ${says} |`);
  return [
    "# Columns",
    "",
    "One row for each point and what it is of (`row`). Empty cells (null) are quantities that a row has not, or that are not known.",
    "Values of axes are taken as known exactly; every other input of the model keeps its own range, which the 90 % intervals hold.",
    "",
    "| column | type | what it is |",
    "|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}

const TYPES: Readonly<Record<ColumnUnit, string>> = {
  text: "text",
  flag: "true or false",
  bytes: "whole number of bytes",
  ns: "number, ns",
  ratio: "number",
  count: "number",
};
