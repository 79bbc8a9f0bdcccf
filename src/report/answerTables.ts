import * as columns from "./answerColumns.ts";
import type { AnswerDocument } from "./answerDocument.ts";
import type { Cell, Column, ColumnUnit } from "./columns.ts";
import { csvTable, markdownTable, type Table } from "./table.ts";

/** What a row of the tables is of; in the column `row`. */
export type RowKind = "hotplug" | "pass" | "machine" | "operation" | "workload" | "footprint" | "verdict" | "warning";

/** One printed column: where its value stands in a row of JSON. */
export interface PrintedField {
  readonly title: string;
  readonly unit: ColumnUnit;
  readonly of: (row: object) => Cell | undefined;
}

/** Rows of one kind with the columns that they have. */
export interface Section {
  readonly kind: RowKind;
  readonly fields: readonly PrintedField[];
  readonly rows: readonly object[];
}

/** Everything in an answer but its input as rows, each kind with its own columns; values are those of the JSON. */
function answerSections(document: AnswerDocument): readonly Section[] {
  const { results, footprints, verdicts, warnings } = document;
  const placed = results.flatMap(({ device, placement, workloads, operations, passes, machine }) => ({
    passes: passes.map((row) => ({ device, placement, ...row })),
    machines: machine === null ? [] : [{ device, placement, ...machine }],
    operations: operations.map((row) => ({ device, placement, ...row })),
    workloads: workloads.map((row) => ({ device, placement, ...row })),
  }));
  const place = fieldsOf({ device: columns.HOTPLUG_COLUMNS.device, placement: columns.HOTPLUG_COLUMNS.placement });
  const sections: readonly Section[] = [
    { kind: "hotplug", fields: fieldsOf(columns.HOTPLUG_COLUMNS), rows: results },
    { kind: "pass", fields: [...place, ...PASS_FIELDS], rows: placed.flatMap(({ passes }) => passes) },
    { kind: "machine", fields: [...place, ...MACHINE_FIELDS], rows: placed.flatMap(({ machines }) => machines) },
    {
      kind: "operation",
      fields: [...place, ...fieldsOf(columns.OPERATION_COLUMNS)],
      rows: placed.flatMap(({ operations }) => operations),
    },
    {
      kind: "workload",
      fields: [...place, ...workloadFields(document), LLC_SHARE],
      rows: placed.flatMap(({ workloads }) => workloads),
    },
    {
      kind: "footprint",
      fields: [...fieldsOf(columns.FOOTPRINT_COLUMNS), ...fieldsOf(columns.FOOTPRINT_DEVICE_COLUMNS), LLC_SHARE],
      rows: footprints.flatMap(({ devices, ...row }) =>
        devices.length === 0 ? [row] : devices.map((device) => ({ ...row, ...device })),
      ),
    },
    { kind: "verdict", fields: fieldsOf(columns.VERDICT_COLUMNS), rows: verdicts },
    {
      kind: "warning",
      fields: fieldsOf({ sentence: columns.VERDICT_COLUMNS.sentence }),
      rows: warnings.map((sentence) => ({ sentence })),
    },
  ];
  return sections.filter(({ rows }) => rows.length > 0).map(withKind);
}

const field = (title: string, unit: ColumnUnit): PrintedField => ({
  title,
  unit,
  of: (row) => at(row, title) as Cell | undefined,
});
const LLC_SHARE = field("llc_share_ratio", "ratio");

/** Of an event's passes, and of the machine, what is one number each. */
const PASS_FIELDS: readonly PrintedField[] = [
  field("event", "text"),
  field("name", "text"),
  field("instructions", "count"),
  field("ns", "ns"),
  field("binding", "text"),
];
const MACHINE_FIELDS: readonly PrintedField[] = [
  field("class", "text"),
  field("cpus", "count"),
  field("cpus_lost", "count"),
  field("percent_of_machine", "ratio"),
];

/** Also what lies deeper in the JSON: the run that is not judged, many CPUs, terms. */
function workloadFields({ results }: AnswerDocument): PrintedField[] {
  const workloads = results.flatMap((result) => result.workloads);
  const cpus = [...new Set(workloads.flatMap(({ many_cpus }) => many_cpus.map(({ nr_cpus }) => nr_cpus)))];
  const nrTerms = Math.max(0, ...workloads.map(({ extra_terms }) => extra_terms.length));
  const { nr_cpus: _, ...cpuColumns } = columns.CPUS_COLUMNS;
  return [
    ...fieldsOf(columns.WORKLOAD_COLUMNS),
    ...fieldsOf(columns.STATE_COLUMNS, "other_state_", (row) => at(row, "other_state")),
    ...cpus.flatMap((nr) =>
      fieldsOf(cpuColumns, `cpus_${nr}_`, (row) => list(row, "many_cpus").find((one) => at(one, "nr_cpus") === nr)),
    ),
    ...Array.from({ length: nrTerms }, (_none, i) =>
      fieldsOf(columns.TERM_COLUMNS, `extra_term_${i + 1}_`, (row) => list(row, "extra_terms")[i]),
    ).flat(),
  ];
}

/** An interval takes two columns: `online_low_ns` and `online_high_ns` of `online_interval_ns`. */
function fieldsOf(table: object, prefix = "", inner: (row: object) => unknown = (row) => row): PrintedField[] {
  return Object.entries(table as Readonly<Record<string, Column<unknown, unknown>>>).flatMap(
    ([name, { unit }]): PrintedField[] => {
      const value = (row: object) => at(inner(row), name) as Cell | undefined;
      if (!name.includes("_interval_")) return [{ title: `${prefix}${name}`, unit, of: value }];
      return ["low", "high"].map((end, i) => ({
        title: `${prefix}${name.replace("_interval_", `_${end}_`)}`,
        unit,
        of: (row: object) => (value(row) as readonly number[] | null | undefined)?.[i],
      }));
    },
  );
}

const at = (row: unknown, key: string): unknown => (row as Readonly<Record<string, unknown>> | undefined)?.[key];
const list = (row: object, key: string): readonly object[] => at(row, key) as readonly object[];

/** Device and placement first, then what the row is of. */
function withKind({ kind, fields, rows }: Section): Section {
  const own: PrintedField = { title: "row", unit: "text", of: () => kind };
  const isPlace = ({ title }: PrintedField) => title === "device" || title === "placement";
  return { kind, fields: [...fields.filter(isPlace), own, ...fields.filter((field) => !isPlace(field))], rows };
}

function cellOf(value: Cell | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}

const columnOf = ({ title, unit }: PrintedField): Table["columns"][number] => ({
  title,
  align: unit === "text" || unit === "flag" ? "left" : "right",
});

/** One table of all rows: for spreadsheets. A cell that a row has not, and a value that is null, is empty. */
export function answerCsv(document: AnswerDocument): string {
  const sections = answerSections(document);
  const fields = new Map(sections.flatMap((section) => section.fields.map((field) => [field.title, field] as const)));
  return csvTable({
    columns: [...fields.values()].map(columnOf),
    rows: sections.flatMap((section) => {
      const own = new Map(section.fields.map((field) => [field.title, field]));
      return section.rows.map((row) => [...fields.keys()].map((title) => cellOf(own.get(title)?.of(row))));
    }),
  });
}

/** The same rows, each kind in a table of its own. */
export function answerMarkdown(document: AnswerDocument): string {
  const tables = answerSections(document).map(({ fields, rows }) =>
    markdownTable({
      columns: fields.map(columnOf),
      rows: rows.map((row) => fields.map((field) => cellOf(field.of(row)))),
    }),
  );
  return `${tables.join("\n\n")}\n`;
}
