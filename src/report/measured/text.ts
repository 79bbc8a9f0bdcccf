import { median } from "../../cost/sample.ts";
import type { MeasuredDocument, MeasuredOrder, MeasuredRow } from "../../measure/document.ts";
import { decimals, formatBytes } from "../../units.ts";
import { textTable } from "../table.ts";

const TITLES = [
  "operation",
  "hot",
  "cold, random",
  "cold, in order",
  "less hot",
  "runs",
  "exposed",
  "model: hot",
  "less hot",
  "in order",
  "of the measured",
];

/** What `altmap measure` found, for a reader: ns a page. */
export function measuredText(document: MeasuredDocument): string {
  const shown = document.operations.filter(({ refused }) => refused === null);
  const refused = document.operations.filter((row) => row.refused !== null);
  const columns = TITLES.map((title, i) => ({ title, align: i === 0 ? ("left" as const) : ("right" as const) }));
  const table = textTable({ columns, rows: shown.map(cells) });
  return [
    ...headLines(document),
    "",
    shown.length === 0 ? "no operation could be measured" : `ns a page\n${table}`,
    ...(refused.length === 0 ? [] : ["", "refused:", ...refused.map((row) => `  ${row.name}: ${refusalOf(row)}`)]),
    ...inOrderLines(shown),
    "",
    ...errorLines(shown),
    "hot: struct pages in L2; cold: in no cache. exposed: cold less hot at random, less what the control takes longer,",
    "over the latency of a dependent load. runs: least and most median of a run. in order: pages lie pfn by pfn.",
    "",
  ].join("\n");
}

const one = (value: number | null | undefined): string => (value == null ? "" : decimals(value, 1));

function cells(row: MeasuredRow): string[] {
  const { random, in_order: inOrder } = row;
  const ofMeasured = errorOf(row);
  return [
    row.name,
    one(row.hot_ns),
    one(row.cold_random_ns),
    inOrder?.refused === null ? one(row.cold_in_order_ns) : "-",
    one(random?.cold_less_hot_ns),
    random === null ? "" : `${decimals(random.runs_ns[0], 0)} to ${decimals(random.runs_ns[1], 0)}`,
    row.exposed_ratio === null ? "" : decimals(row.exposed_ratio, 2),
    one(row.predicted_hot_ns),
    one(random?.predicted_cold_less_hot_ns),
    one(inOrder?.predicted_cold_less_hot_ns),
    ofMeasured === undefined ? "" : `${ofMeasured < 0 ? "-" : "+"}${decimals(100 * Math.abs(ofMeasured), 0)} %`,
  ];
}

/** Predicted over measured cold less hot at random, less 1; of operations without struct pages nothing. */
function errorOf({ random, struct_page: touches }: MeasuredRow): number | undefined {
  if (random === null || touches === "none" || random.predicted_cold_less_hot_ns === null) return undefined;
  return random.cold_less_hot_ns <= 0 ? undefined : random.predicted_cold_less_hot_ns / random.cold_less_hot_ns - 1;
}

function refusalOf({ refused, random }: MeasuredRow): string {
  return random === null ? (refused ?? "") : `${refused} (cold less hot: ${cellsOfSpread(random)})`;
}

const cellsOfSpread = ({ cold_less_hot_ns: middle, quartiles_ns: [low, high] }: MeasuredOrder): string =>
  `${decimals(middle, 1)} ns, quartiles ${decimals(low, 1)} and ${decimals(high, 1)}`;

function inOrderLines(rows: readonly MeasuredRow[]): string[] {
  const reasons = rows.flatMap(({ name, in_order: inOrder }) =>
    inOrder?.refused == null ? [] : [`  ${name}: ${inOrder.refused}`],
  );
  return reasons.length === 0 ? [] : ["", "in order refused:", ...reasons];
}

function errorLines(rows: readonly MeasuredRow[]): string[] {
  const errors = rows.map(errorOf).filter((error) => error !== undefined);
  if (errors.length === 0) return [];
  const middle = decimals(100 * median(errors.map(Math.abs)), 0);
  return [`model against measured, cold less hot at random: median error ${middle} % of ${errors.length} operations`];
}

function headLines(document: MeasuredDocument): string[] {
  const { machine, circumstances: ran, node, latency_ns: latency, latency_quartiles_ns: quartiles } = document;
  const pfns =
    ran.pfns === "read"
      ? `pfns read: ${ran.in_order_percent} % in order where they should be`
      : "pfns withheld (CAP_SYS_ADMIN): order inferred from how pages were made";
  return [
    `${machine.cpu}, Linux ${machine.kernel}, ${machine.virtualisation ?? "no sign of virtualisation"}`,
    `CPU ${ran.cpu} (${Math.round(100 * ran.cpu_busy_ratio)} % busy before), load ${decimals(ran.load, 1)}, ${ran.runs} runs over ${formatBytes(ran.footprint_bytes)}`,
    `a dependent load of a line at random: ${decimals(latency, 0)} ns (quartiles ${decimals(quartiles[0], 0)}, ${decimals(quartiles[1], 0)}); ${pfns}`,
    ...(node === null
      ? []
      : [`memory of node ${node.id}; its struct pages lie ${node.struct_pages} (${node.struct_pages_how})`]),
    document.predicted_for === null
      ? "no profile is known to have this core: nothing is predicted (--host ID, or altmap calibrate and --profiles)"
      : `predicted for ${document.predicted_for}, with the latency as measured`,
  ];
}
