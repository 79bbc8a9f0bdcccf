import type { TrafficDocument, TrafficTotals } from "../count/follow/compareTraffic.ts";
import { decimals, grouped } from "../units.ts";
import { textTable } from "./table.ts";

const LABELS: readonly (readonly [keyof TrafficTotals, string])[] = [
  ["touches", "touches"],
  ["loads", "loads"],
  ["stores", "stores"],
  ["distinct_pages", "distinct struct pages"],
  ["l2_misses", "misses of 1 MiB L2"],
  ["llc_misses_8MiB", "misses of 8 MiB LLC"],
  ["llc_misses_32MiB", "misses of 32 MiB LLC"],
  ["llc_misses_128MiB", "misses of 128 MiB LLC"],
];
const MOST_FUNCTIONS = 12;

/** `altmap traffic` for people. @param byFunction also every kernel function, recorded and predicted */
export function trafficText(document: TrafficDocument, byFunction = false): string {
  const { recorded, predicted, ratio } = document;
  const show = (value: number | null): string => (value === null ? "-" : grouped(value));
  const right = (title: string) => ({ title, align: "right" as const });
  const lines = [
    `${document.name}, Linux ${document.kernel}: struct pages of hot-added memory, caches cold at the start`,
    "",
    textTable({
      columns: [{ title: "", align: "left" }, right("recorded"), right("predicted"), right("ratio")],
      rows: LABELS.map(([key, label]) => [
        label,
        show(recorded[key]),
        show(predicted[key]),
        ratio[key] === null ? "-" : decimals(ratio[key] as number, 4),
      ]),
    }),
    "",
    textTable({
      columns: [
        { title: "operation", align: "left" },
        right("times"),
        right("touches"),
        right("loads"),
        right("stores"),
      ],
      rows: document.by_operation.map((row) => [
        row.op,
        grouped(row.times),
        grouped(row.touches),
        grouped(row.loads),
        grouped(row.stores),
      ]),
    }),
    "",
    functionLine("not explained", document.unexplained, recorded.loads + recorded.stores),
    functionLine("predicted, not recorded", document.overpredicted, recorded.loads + recorded.stores),
  ];
  if (byFunction) lines.push("", functionTable(document.by_function), "");
  for (const note of document.undetermined) lines.push(`undetermined: ${note}`);
  for (const note of document.events_notes) lines.push(`events: ${note}`);
  return `${lines.join("\n")}\n`;
}

function functionLine(title: string, rows: TrafficDocument["unexplained"], all: number): string {
  if (rows.length === 0) return `${title}: nothing`;
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const most = rows.slice(0, MOST_FUNCTIONS).map(([name, count]) => `${name} ${grouped(count)}`);
  const rest = rows.length > most.length ? `, and ${rows.length - most.length} more` : "";
  const share = all === 0 ? "" : ` (${decimals((100 * total) / all, 2)} % of the recorded)`;
  return `${title}: ${grouped(total)} accesses${share}: ${most.join(", ")}${rest}`;
}

function functionTable(rows: TrafficDocument["by_function"]): string {
  const right = (title: string) => ({ title, align: "right" as const });
  return textTable({
    columns: [
      { title: "function", align: "left" },
      { title: "", align: "left" },
      right("recorded"),
      right("predicted"),
      right("ratio"),
    ],
    rows: rows.map((row) => [
      row.function,
      `${row.kind}s`,
      grouped(row.recorded),
      grouped(row.predicted),
      row.recorded === 0 ? "-" : decimals(row.predicted / row.recorded, 4),
    ]),
  });
}
