import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import * as L from "../../assembly/layout/allocatorEvents.ts";
import { parseGfpFlags } from "../../src/recording/import/gfpFlags.ts";
import { plainTraceText } from "../twin/traceText.ts";
import { type Imported, importFile, importText } from "./importTrace.ts";

const DATA = new URL("../recorded/data/", import.meta.url).pathname;
const SHARED = new URL("../../../shared/", import.meta.url).pathname;
const countOf = ({ report }: Imported, op: number): number => report.eventsByOp[op]!;
const only = (text: string) => {
  const imported = importText(text);
  expect(imported.report).toMatchObject({ events: 1, garbageLines: 0 });
  return imported.events[0]!;
};

describe("recorded text", () => {
  it("of perf on a 6.18 host imports with no line lost", async () => {
    const imported = await importFile(`${DATA}host-6.18-perf-script-gcc.txt.gz`);
    expect(imported.report).toMatchObject({
      format: "perf script",
      lines: 12_791,
      events: 12_791,
      garbageLines: 0,
      otherEvents: 0,
      otherLines: 0,
      lostEvents: 0,
      lossNotices: 0,
      repeatedFrees: 446,
    });
    const ops = [L.EVENT_ALLOC, L.EVENT_FREE, L.EVENT_FREE_BATCHED, L.EVENT_ZONE_LOCKED];
    expect(ops.map((op) => countOf(imported, op))).toEqual([7258, 551, 446, 4536]);
  });

  it("of bpftrace on a 6.18 host imports with no event lost", async () => {
    const imported = await importFile(`${DATA}host-6.18-bpftrace-gcc.txt.gz`);
    expect(imported.report).toMatchObject({ format: "bpftrace", events: 3855, garbageLines: 0, lossNotices: 0 });
    expect([countOf(imported, L.EVENT_ALLOC), countOf(imported, L.EVENT_FREE)]).toEqual([1987, 1868]);
  });

  it("of perf with the events that altmap record asks for imports with no line lost", async () => {
    const imported = await importFile(`${DATA}host-6.18-perf-more-events.txt.gz`);
    expect(imported.report).toMatchObject({
      lines: 2121,
      events: 2121,
      garbageLines: 0,
      otherEvents: 0,
      repeatedFrees: 65,
    });
    const ops = [L.EVENT_FAULT_USER, L.EVENT_RSS_STAT, L.EVENT_LRU_INSERT, L.EVENT_FORK, L.EVENT_EXEC, L.EVENT_EXIT];
    expect(ops.map((op) => countOf(imported, op))).toEqual([543, 638, 320, 4, 5, 5]);
    expect([L.EVENT_PAGE_CACHE_ADD, L.EVENT_PAGE_CACHE_DELETE].map((op) => countOf(imported, op))).toEqual([10, 4]);
    // The shell forks ls, wc, sort and rm.
    const forks = imported.events.filter((event) => event.op === L.EVENT_FORK);
    expect(new Set(forks.map((event) => event.pid)).size).toBe(1);
    const execs = imported.events.filter((event) => event.op === L.EVENT_EXEC).map((event) => event.pid);
    expect(execs).toEqual(expect.arrayContaining(forks.map((event) => event.count)));
  });

  const files = [
    `${DATA}host-6.18-perf-script-gcc.txt.gz`,
    `${DATA}host-6.18-bpftrace-gcc.txt.gz`,
    ...["kernel-6.1/traces/", "kernel-6.12/traces/"]
      .filter((folder) => existsSync(SHARED + folder))
      .flatMap((folder) => readdirSync(SHARED + folder).map((file) => SHARED + folder + file))
      // The largest, of the same kind as the rest, would take seconds here.
      .filter((file) => file.endsWith(".kmem.txt.gz") && !file.includes("wl_fault_64m_x2")),
  ];
  it.each(files)("%s gives the events that regular expressions find", async (file) => {
    const { events, report } = await importFile(file);
    const plain = plainTraceText(gunzipSync(readFileSync(file)).toString("latin1"));
    const pages = events
      .filter((event) => event.op <= L.EVENT_PCPU_DRAIN)
      .map(({ op, pfn, order, migratetype, timeNs, cpu, pid }) => ({ op, pfn, order, migratetype, timeNs, cpu, pid }));
    expect(pages).toEqual(plain);
    expect(report.garbageLines).toBe(0);
    // Every batched line of these kernels repeats a line of mm_page_free.
    expect(report.repeatedFrees).toBe(report.eventsByOp[L.EVENT_FREE_BATCHED]);
  });
});

describe("forms of one event", () => {
  const expected = {
    op: L.EVENT_ALLOC,
    pfn: 0x104b6b,
    order: 3,
    migratetype: 1,
    pid: 12211,
    cpu: 7,
    timeNs: 618_064_733_000,
  };
  const fields = "page=0x104b6b pfn=0x104b6b order=3 migratetype=1 gfp_flags=GFP_KERNEL";
  it.each([
    ["perf script", `            bash 12211 [007]   618.064733:             kmem:mm_page_alloc: ${fields}`],
    ["perf --ns", `bash 12211 [007] 618.064733000: kmem:mm_page_alloc: ${fields}`],
    ["perf -F pid,tid", `bash 12000/12211 [007] 618.064733: kmem:mm_page_alloc: ${fields}`],
    ["perf with a period", `bash 12211 [007] 618.064733:          1 kmem:mm_page_alloc: ${fields}`],
    [
      "perf with an address",
      `bash 12211 [007] 618.064733: kmem:mm_page_alloc: ffffffff8127 f+0x1 ([kernel]) ${fields}`,
    ],
    ["ftrace", `            bash-12211   [007] .....   618.064733: mm_page_alloc: ${fields}`],
    ["ftrace with flags", `            bash-12211   [007] d..1.   618.064733: mm_page_alloc: ${fields}`],
    ["ftrace with tgid", `            bash-12211   (  12000) [007] ....   618.064733: mm_page_alloc: ${fields}`],
    ["ftrace without tgid", `            bash-12211   (-------) [007] ....   618.064733: mm_page_alloc: ${fields}`],
    ["trace-cmd", `            bash-12211 [007]   618.064733: mm_page_alloc:        ${fields}`],
    ["trace-cmd in ns", `            bash-12211 [007]   618.064733000: mm_page_alloc:        ${fields}`],
    ["bpftrace", `618064733000 bash 12211 7 mm_page_alloc ${fields}`],
    ["bpftrace with the system", `618064733000 bash 12211 7 kmem:mm_page_alloc ${fields}`],
    ["a command with blanks", `  Web Content 12211 [007]   618.064733: kmem:mm_page_alloc: ${fields}`],
    ["a command with brackets", `  a [3] b-12211 [007] .....  618.064733: mm_page_alloc: ${fields}`],
    ["a command that looks like a field", `  pfn=0x1 99-12211 [007] ....  618.064733: mm_page_alloc: ${fields}`],
    ["a bpftrace command with blanks", `618064733000 tmux: server 4 12211 7 mm_page_alloc ${fields}`],
    [
      "fields a vendor added",
      `bash 12211 [007] 618.064733: kmem:mm_page_alloc: page=0x1 nr_free=3650 pfn=0x104b6b x=y order=3 z migratetype=1`,
    ],
    ["a line with CR", `bash 12211 [007] 618.064733: kmem:mm_page_alloc: pfn=0x104b6b migratetype=1 order=3\r`],
  ])("%s", (_, line) => {
    expect(only(line)).toMatchObject(expected);
    expect(only(`${line}\n`)).toMatchObject(expected);
  });

  it("without what a form does not tell", () => {
    const known = { op: L.EVENT_ALLOC, pfn: 0x104b6b, order: 3, migratetype: 1 };
    expect(only(` 24)               |  /* mm_page_alloc: ${fields} */`)).toMatchObject({
      ...known,
      cpu: 24,
      pid: L.EVENT_PID_UNKNOWN,
    });
    const absolute = ` 618.064733 |   24)               |  /* mm_page_alloc: ${fields} */`;
    expect(only(absolute)).toMatchObject({ ...known, cpu: 24, timeNs: 618_064_733_000 });
    expect(only("618064733000 A 0x104b6b 3 1 0xcc0")).toMatchObject({
      ...known,
      arg: 0xcc0,
      cpu: L.EVENT_CPU_UNKNOWN,
      timeNs: 618_064_733_000,
    });
    expect(only("5 F 0x10 9")).toMatchObject({ op: L.EVENT_FREE, pfn: 16, order: 9, timeNs: 5 });
    expect(only(`bash 12211 [007] kmem:mm_page_alloc: ${fields}`)).toMatchObject({
      ...known,
      cpu: 7,
      pid: 12211,
      timeNs: 0,
    });
    const { cpu: _, ...withoutCpu } = expected;
    expect(only(`bash 12211 618.064733: kmem:mm_page_alloc: ${fields}`)).toMatchObject({
      ...withoutCpu,
      cpu: L.EVENT_CPU_UNKNOWN,
    });
    expect(only(`  my 618.5 job 12211   kmem:mm_page_alloc: ${fields}`)).toMatchObject({
      ...known,
      pid: 12211,
      timeNs: 0,
    });
    expect(only(`618.064733: kmem:mm_page_alloc: ${fields}`)).toMatchObject({ ...known, timeNs: 618_064_733_000 });
    expect(only(`kmem:mm_page_alloc: ${fields}`)).toMatchObject(known);
    expect(importText("bash 12211 618.064733: sched:sched_switch: a=b").report.otherEvents).toBe(1);
    expect(only("x-1 [000] 1.0: mm_page_free: pfn=0x10")).toMatchObject({
      op: L.EVENT_FREE,
      order: 0,
      migratetype: L.EVENT_MIGRATETYPE_UNKNOWN,
    });
  });

  it("names the form that most lines have", () => {
    expect(importText("x-1 [000] .... 1.0: mm_page_free: pfn=1 order=0\n5 F 2 0\n6 F 3 0\n").report.format).toBe(
      "bpftrace (short)",
    );
    expect(importText("x-1 [000] 1.0: mm_page_free: pfn=1 order=0\n").report.format).toBe("trace-cmd report");
    expect(importText(" 2)  |  /* mm_page_free: pfn=1 order=0 */\n").report.format).toBe("function_graph");
  });
});

describe("numbers", () => {
  const pfnOf = (text: string): number => only(`x-1 [000] 1.0: mm_page_free: page=0 pfn=${text} order=0`).pfn;
  it("are hex with 0x, else decimal, and hex again where letters say so", () => {
    expect(pfnOf("0x970744")).toBe(0x970744);
    expect(pfnOf("970744")).toBe(970744);
    expect(pfnOf("1b3fda")).toBe(0x1b3fda);
    expect(pfnOf("0X1B")).toBe(0x1b);
  });

  it("hold page frames above 16 TiB", () => {
    expect(pfnOf("0x100000000")).toBe(2 ** 32);
    expect(pfnOf("0xfffffffffffe")).toBe(2 ** 48 - 2);
  });

  it.each([
    "0xffffffffffff1",
    "0x",
    "",
    "12x",
    "0x12zz",
    "99999999999999999999999",
    "(nil)",
    "0x11111111111111111",
  ])("pfn=%s is garbage", (text) => {
    expect(importText(`x-1 [000] 1.0: mm_page_free: pfn=${text} order=0`).report).toMatchObject({
      events: 0,
      garbageLines: 1,
    });
  });

  it("keep bounds: order 20 is accepted, 21 is not; a cpu and pid that are too wide are unknown or capped", () => {
    const line = (order: number) => `x-1 [000] 1.0: mm_page_free: pfn=1 order=${order}`;
    expect(importText(line(20)).report.events).toBe(1);
    expect(importText(line(21)).report).toMatchObject({ events: 0, garbageLines: 1 });
    expect(only("x-1 [99999] 1.0: mm_page_free: pfn=1").cpu).toBe(L.EVENT_CPU_UNKNOWN);
    expect(only("x-1 [123456] 1.0: mm_page_free: pfn=1").cpu).toBe(L.EVENT_CPU_UNKNOWN);
    expect(only("x-99999999999 [000] 1.0: mm_page_free: pfn=1").pid).toBe(L.EVENT_PID_UNKNOWN);
  });

  it("read times to the nanosecond", () => {
    const timeOf = (text: string) => only(`x-1 [000] ${text}: mm_page_free: pfn=1`).timeNs;
    expect([timeOf("12.000001"), timeOf("12.5"), timeOf("12.123456789"), timeOf("77")]).toEqual([
      12_000_001_000, 12.5e9, 12_123_456_789, 77,
    ]);
    // 104 days: below, a double is exact.
    expect(timeOf("9007199.254740991")).toBe(2 ** 53 - 1);
  });
});

describe("gfp flags", () => {
  it("are the bits that bpftrace prints for the same allocations on 6.18", () => {
    expect(parseGfpFlags("GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP")).toBe(0x440dc0);
    expect(parseGfpFlags("GFP_HIGHUSER_MOVABLE|__GFP_COMP")).toBe(0x140cca);
    expect(parseGfpFlags("0x140cca")).toBe(0x140cca);
    expect(parseGfpFlags("GFP_TRANSHUGE")).toBe(0x1c24ca);
    expect(parseGfpFlags("none")).toBe(0);
  });

  it("may hold names that are gone or new", () => {
    const gfpOf = (text: string) =>
      only(`x-1 [000] 1.0: mm_page_alloc: pfn=1 order=0 migratetype=0 gfp_flags=${text}`).arg;
    expect(gfpOf("GFP_KERNEL|__GFP_COLD|__GFP_SOMETHING_NEW")).toBe(0xcc0);
    expect(gfpOf("__GFP_ZERO|0x8000000")).toBe(0x8000100);
    expect(gfpOf("none")).toBe(0);
  });
});
