/** The parts of the recorder that need no guest. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseOperations } from "../../../src/recording/operations.ts";
import { openRecording } from "../../../src/recording/recording.ts";
import { TOUCH_BY } from "../../../src/recording/touchMarks.ts";
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

const CACHES = ["l2", "llc_8MiB", "llc_32MiB", "llc_128MiB"];

/** Rows of one group: all zero but for those given. */
function groupRows(group: string, given: Readonly<Record<string, string>>): string {
  const names = [
    ...["kernel_instructions", "user_instructions", "rep_instructions", "nr_sets", "nr_copies", "bytes_set"],
    ...["bytes_copied", "set_sizes", "copy_sizes", "other_loads", "other_stores", "touches", "loads", "stores"],
    ...["hot_touches", "hot_loads", "hot_stores"],
  ];
  const fills = ["set_fills", "copy_fills", "other_kernel_fills", "other_user_fills"];
  const gaps = CACHES.flatMap((cache) => [`stream_gaps_${cache}`, `other_gaps_${cache}`]);
  const zeros = { ...Object.fromEntries([...names, ...gaps].map((name) => [name, "0"])) };
  const zeroFills = Object.fromEntries(fills.map((name) => [name, "0 0 0 0"]));
  return Object.entries({ ...zeros, ...zeroFills, ...given })
    .map(([name, values]) => `${group}.${name} ${values}`)
    .join("\n");
}

const GROUPS = [
  groupRows("workload", {
    kernel_instructions: "600",
    user_instructions: "50",
    nr_sets: "1",
    bytes_set: "64",
    set_sizes: "0 0 0 0 0 0 1 0 0",
    set_fills: "1 1 1 1",
    other_kernel_fills: "4 3 2 1",
    other_gaps_l2: "0 1 3 0",
    touches: "5",
    loads: "8",
    stores: "3",
  }),
  groupRows("kernel_threads", { kernel_instructions: "100", touches: "1", loads: "1" }),
  groupRows("other_programs", { kernel_instructions: "50", user_instructions: "100", other_user_fills: "1 1 1 0" }),
  groupRows("timer_interrupts", { kernel_instructions: "20" }),
  groupRows("tracing", { kernel_instructions: "80", other_kernel_fills: "1 1 1 1" }),
].join("\n");

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
${GROUPS}
site ffffffff81000104 5 1 2 0
site ffffffff81000108 1 0 1 0
site ffffffffc0001008 3 2 1 1
block ffffffff81000100 600
block ffffffff81000108 100
block ffffffff81000204 50
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
    writeFileSync(join(directory, "recording-0.marks"), Buffer.from([1, 1, 2, 0]));
    writeRecording(directory, captured("0/0"), symbols);
    const { summary, operations, touches, marks } = await openRecording(join(directory, "traffic/wl_test"));
    expect(touches).toBeDefined();
    expect(await marks?.()).toEqual({ stringFills: Uint16Array.of(257), by: Uint8Array.of(TOUCH_BY.otherProgram) });
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

  it("says who did what", async () => {
    const { counted } = (await openRecording(join(directory, "traffic/wl_test"))).summary ?? {};
    expect(counted).toMatchObject({
      workload: {
        kernelInstructions: 600,
        userInstructions: 50,
        nrSets: 1,
        bytesSet: 64,
        setSizes: [0, 0, 0, 0, 0, 0, 1],
        setFills: { l2: 1, llc: [8, 32, 128].map((mib) => ({ llcBytes: mib << 20, fills: 1 })) },
        otherKernelFills: { l2: 4 },
        otherL2Gaps: { inStream: [], others: [0, 1, 3] },
        touches: 5,
      },
      kernelThreads: { kernelInstructions: 100, loads: 1 },
      otherPrograms: { userInstructions: 100, otherUserFills: { l2: 1 } },
      timerInterrupts: { kernelInstructions: 20 },
      tracing: { kernelInstructions: 80 },
      kernelInstructionsByFunction: [
        { name: "global_name", instructions: 700 },
        { name: "last_function", instructions: 50 },
      ],
    });
  });

  it("whose groups are not the whole is refused", async () => {
    const path = join(directory, "traffic/wl_test.json");
    const json = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(join(directory, "part.json"), JSON.stringify({ ...json, instructions: 1001 }));
    await expect(openRecording(join(directory, "part"))).rejects.toThrow(
      /part.json: counted: its groups have 1000 instructions together, and the whole has 1001/,
    );
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
