// CSV, Markdown and JSON of one answer, compared cell by cell. The JSON is flattened here by its own shape, without the
// table of columns, so that a quantity which one of the three drops or names otherwise is found.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as columns from "../../src/report/answerColumns.ts";
import { type AnswerDocument, answerDocument } from "../../src/report/answerDocument.ts";
import { answerCsv, answerMarkdown } from "../../src/report/answerTables.ts";
import type { ColumnUnit } from "../../src/report/columns.ts";
import { readScenario } from "../../src/scenario/scenario.ts";
import { simulate } from "../../src/simulate.ts";

type Row = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), "altmap-tables-"));

async function documentOf(yaml: string): Promise<AnswerDocument> {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, yaml);
  return answerDocument(await simulate(readScenario(path)));
}

const MIXED = `
machine: {dram: 16GiB}
devices:
  - {id: cxl-samsung-mxp-genoa, capacity: 64GiB}
  - {id: optane100-1x, capacity: 128GiB, memmap_on_memory: false}
  - {id: cxl-melody-a, capacity: 1TiB}
events: [add, online_movable, offline, remove]
workloads: [{recording: wl_fault_64m_x2}, {operation: fork}, {operation: churn}]
footprints: [1GiB, 4GiB]
`;
const NO_ROOM = `
machine: {dram: 8GiB, platform: vm}
devices: [{id: cxl-samsung-mxp-genoa, capacity: 1TiB, driver: virtio-mem}]
workloads: []
`;

/** Every leaf of a JSON row under the name that a table gives it; null is an empty cell. */
function flat(row: object, prefix = ""): Record<string, string> {
  const cells: Record<string, string> = {};
  for (const [key, value] of Object.entries(row)) {
    const name = `${prefix}${key}`;
    if (key.includes("_interval_")) {
      const [low, high] = (value ?? ["", ""]) as unknown[];
      cells[name.replace("_interval_", "_low_")] = String(low);
      cells[name.replace("_interval_", "_high_")] = String(high);
    } else if (key === "many_cpus") {
      for (const { nr_cpus, ...cpus } of value as { nr_cpus: number }[])
        Object.assign(cells, flat(cpus, `cpus_${nr_cpus}_`));
    } else if (key === "extra_terms") {
      (value as object[]).forEach((term, i) => {
        Object.assign(cells, flat(term, `extra_term_${i + 1}_`));
      });
    } else if (key === "other_state") Object.assign(cells, flat(value, "other_state_"));
    else cells[name] = value === null ? "" : String(value);
  }
  return cells;
}

function expectedRows({ results, footprints, verdicts, warnings }: AnswerDocument): Row[] {
  return [
    ...results.map(({ workloads: _w, operations: _o, passes: _p, machine: _m, ...row }) => ({
      row: "hotplug",
      ...flat(row),
    })),
    ...results.flatMap(({ device, placement, passes }) =>
      passes.map(({ interval_ns: _, ...row }) => ({ row: "pass", device, placement, ...flat(row) })),
    ),
    ...results.flatMap(({ device, placement, machine }) => {
      if (machine === null) return [];
      const { class: does, cpus, cpus_lost, percent_of_machine } = machine;
      return [{ row: "machine", device, placement, ...flat({ class: does, cpus, cpus_lost, percent_of_machine }) }];
    }),
    ...results.flatMap(({ device, placement, operations }) =>
      operations.map((row) => ({ row: "operation", device, placement, ...flat(row) })),
    ),
    ...results.flatMap(({ device, placement, workloads }) =>
      workloads.map((row) => ({ row: "workload", device, placement, ...flat(row) })),
    ),
    ...footprints.flatMap(({ devices, ...row }) =>
      devices.map((device) => ({ row: "footprint", ...flat(row), ...flat(device) })),
    ),
    ...verdicts.map((row) => ({ row: "verdict", ...flat(row) })),
    ...warnings.map((sentence) => ({ row: "warning", sentence })),
  ];
}

/** RFC 4180. */
function csvRows(text: string): Row[] {
  const lines: string[][] = [[]];
  for (const match of text.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n)/g)) {
    const cell = match[1] ?? "";
    lines.at(-1)!.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (match[2] === "\n") lines.push([]);
  }
  return named(lines.filter((line) => line.length > 0));
}

function markdownRows(text: string): Row[] {
  return text.split("\n\n").flatMap((table) => {
    const lines = table
      .trim()
      .split("\n")
      .map((line) =>
        line
          .slice(2, -2)
          .split(/ \| /)
          .map((cell) => cell.trim().replaceAll("\\|", "|")),
      );
    return named(lines.filter((_, i) => i !== 1));
  });
}

function named([names = [], ...lines]: string[][]): Row[] {
  expect(new Set(names).size).toBe(names.length);
  return lines.map((line) => {
    expect(line.length).toBe(names.length);
    return Object.fromEntries(names.map((name, i) => [name, line[i] ?? ""]));
  });
}

const withoutEmpty = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ""));

describe.each([
  ["devices that take the memmap, refuse it, and have no room for it in DRAM", MIXED],
  ["a memmap that does not fit", NO_ROOM],
])("an answer of %s", (_name, yaml) => {
  let document: AnswerDocument;
  let rows: readonly Row[];
  beforeAll(async () => {
    document = await documentOf(yaml);
    rows = expectedRows(document).map(withoutEmpty);
  });

  it("has the same cells in CSV as in JSON, all of them", () => {
    expect(csvRows(answerCsv(document)).map(withoutEmpty)).toEqual(rows);
  });

  it("has the same cells in Markdown as in JSON, all of them", () => {
    expect(markdownRows(answerMarkdown(document)).map(withoutEmpty)).toEqual(rows);
  });

  it("has rows of every kind that it should", () => {
    const kinds = [...new Set(rows.map(({ row }) => row))];
    const all = ["hotplug", "pass", "machine", "operation", "workload", "footprint", "verdict", "warning"];
    expect(kinds).toEqual(yaml === MIXED ? all : ["hotplug", "verdict", "warning"]);
  });
});

describe("the columns", () => {
  const tables = Object.entries(columns).filter(([name]) => name.endsWith("_COLUMNS"));

  it("say their unit in their name, and one name has one unit", () => {
    expect(tables.length).toBe(9);
    const units = new Map<string, string>();
    for (const [, table] of tables) {
      for (const [name, { unit }] of Object.entries(table as Record<string, { unit: ColumnUnit }>)) {
        expect(units.get(name) ?? unit, name).toBe(unit);
        units.set(name, unit);
        if (unit === "ns" || unit === "bytes" || unit === "ratio") expect(name).toMatch(new RegExp(`(^|_)${unit}$`));
        else expect(name).not.toMatch(/_(ns|bytes|ratio)$/);
      }
    }
    expect(units.get("footprint_bytes")).toBe("bytes");
    expect(Object.keys(columns.WORKLOAD_COLUMNS)).not.toContain("footprint_bytes");
  });
});
