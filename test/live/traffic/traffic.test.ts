/** The parts of the recorder that need no guest. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseOperations } from "../../../src/recording/operations.ts";
import { openRecording } from "../../../src/recording/recording.ts";
import type { State } from "../fixture.ts";
import { type Captured, writeRecording } from "./recording.ts";
import { SymbolTable } from "./symbols.ts";
import { WORKLOADS } from "./workloads.ts";

const KALLSYMS = `0000000000000000 A fixed_percpu_data
ffffffff81000000 T _text
ffffffff81000100 t local_name
ffffffff81000100 T global_name
ffffffff81000200 t last_function
ffffffff82000000 D some_data
ffffffffc0001000 t ext4_function\t[ext4]
`;

const symbols = new SymbolTable(KALLSYMS);

describe("symbols", () => {
  it.each([
    [0x81000000, "_text"],
    [0x810000ff, "_text"],
    [0x81000100, "global_name"],
    [0x810001ff, "global_name"],
    [0x81abcdef, "last_function"],
    [0xc0001004, "ext4_function"],
    [0x80ffffff, "unknown"],
  ])("%i is in %s", (address, name) => {
    expect(symbols.nameOf(address)).toBe(name);
  });
});

const PLUGIN_TOTALS = `records 12
loads 9
stores 3
all_loads 100
all_stores 50
other_l2_fills 7
instructions 1000
distinct_pages 4
page_switches 6
hot_touches 2
hot_loads 4
hot_stores 1
hot_distinct_pages 2
other_llc_fills_8MiB 6
other_llc_fills_32MiB 5
site ffffffff81000104 5 1 2 0
site ffffffff81000108 1 0 1 0
site ffffffffc0001008 3 2 1 1
`;

describe("a recording", () => {
  const directory = mkdtempSync(join(tmpdir(), "altmap-test-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const state: State = {
    zones: { "1:Movable": { start_pfn: 0x100000, spanned: 32768, present: 32768, managed: 32256, free: 32256 } },
    blocks: {
      0: { state: "online", valid_zones: "none", removable: "1" },
      32: { state: "online", valid_zones: "Movable", removable: "1" },
    },
    mem_total_kb: 1,
    iomem_system_ram: [],
    node_blocks: [],
  };
  const captured = (events: string): Captured => ({
    name: "wl_test",
    kernel: "6.1.0-56-amd64",
    command: "true",
    output: "",
    seconds: 0.5,
    before: state,
    after: state,
    operations: [{ op: "anon_fault", pages: 1 }],
    events: Buffer.from(`# tracer: nop\n#\n# entries-in-buffer/entries-written: ${events}   #P:1\n`),
    plugin: join(directory, "recording-0"),
  });

  it("is what `altmap traffic` reads, with its accesses by function", async () => {
    writeFileSync(join(directory, "recording-0.txt"), PLUGIN_TOTALS);
    writeFileSync(join(directory, "recording-0.touch"), Buffer.alloc(12));
    writeRecording(directory, captured("0/0"), symbols);
    const { summary, operations, touches } = await openRecording(join(directory, "traffic/wl_test"));
    expect(touches).toBeDefined();
    expect(operations).toEqual([{ op: "anon_fault", pages: 1 }]);
    expect(summary).toMatchObject({
      loads: 9,
      stores: 3,
      pageSwitches: 6,
      otherLlcFills: [
        { llcBytes: 8 << 20, fills: 6 },
        { llcBytes: 32 << 20, fills: 5 },
      ],
      hotBlocksBefore: [{ block: 32, state: "online", validZones: "Movable" }],
      byFunction: [
        { name: "global_name", kind: "load", count: 6 },
        { name: "ext4_function", kind: "load", count: 3 },
        { name: "ext4_function", kind: "store", count: 2 },
        { name: "global_name", kind: "store", count: 1 },
      ],
      hotAdded: { pfnFrom: 0x100000, touches: 2, loads: 4, stores: 1, distinctPages: 2 },
    });
  });

  it("with lost events is none", () => {
    expect(() => writeRecording(directory, captured("10/20"), symbols)).toThrow("wl_test: 10 of 20 events");
  });
});

describe("workloads", () => {
  const parts = WORKLOADS.flatMap((workload) => workload.parts);

  it("have names of their own", () => {
    for (const names of [WORKLOADS.map(({ name }) => name), parts.map(({ name }) => name)])
      expect(new Set(names).size).toBe(names.length);
  });

  it.each(parts.filter(({ operations }) => operations !== undefined))("$name is said in known words", (part) => {
    expect(parseOperations(part.operations, part.name)).not.toHaveLength(0);
  });
});
