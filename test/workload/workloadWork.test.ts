/** What a workload did beside struct pages: from a recording that counts it, and from one that does not. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { renderAnswer } from "../../src/cli/answerScenario.ts";
import { type CountedTasks, workloadWork } from "../../src/count/workloadWork.ts";
import { withoutInitOnAlloc } from "../../src/counts/workload.ts";
import { bucketOf } from "../../src/counts.ts";
import type { AnswerDocument } from "../../src/report/answerDocument.ts";

const directory = mkdtempSync(join(tmpdir(), "altmap-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

const MIB = 2 ** 20;
const fillsOf = (l2: number, small: number, large: number) => ({
  l2,
  llc: [8, 128].map((mib) => ({ llcBytes: mib * MIB, fills: mib === 8 ? small : large })),
});
const tasks: CountedTasks & { readonly copySizes: readonly number[] } = {
  kernelInstructions: 700,
  userInstructions: 300,
  nrSets: 2,
  nrCopies: 1,
  bytesSet: 8192,
  bytesCopied: 4096,
  copySizes: [0, 0, 0, 0, 0, 0, 0, 5],
  setFills: fillsOf(100, 90, 70),
  copyFills: fillsOf(50, 20, 20),
  otherL2Gaps: { inStream: [4, 4], others: [0, 0, 0, 0, 0, 0, 0, 0, 40] },
  otherLlcGaps: [8, 128].map((mib) => ({
    llcBytes: mib * MIB,
    inStream: [mib === 8 ? 6 : 2],
    others: [0, 0, 0, 0, 0, 0, 0, 0, mib === 8 ? 30 : 10],
  })),
};

const counted = {
  workload: tasks,
  kernelInstructionsByFunction: [
    { name: "entry_SYSCALL_64", instructions: 41 * 42 * 3 },
    { name: "sync_regs", instructions: 90 * 7 },
  ],
};

describe("the work of a workload", () => {
  it("is instructions, clears, copies and the misses of the LLC nearest in size; L2's rest was served by it", () => {
    const work = workloadWork({ name: "x", kernel: "6.1.0", counted }, 100 * MIB)!;
    expect(work).toMatchObject({ instructions: 1000, nrSets: 2, bytesSet: 8192, nrCopies: 1, bytesCopied: 4096 });
    // [8] are gaps of 128 to 255 instructions.
    expect([...work.servedByMemory.apart.buckets]).toEqual([bucketOf(181)]);
    expect([...work.servedByMemory.apart.counts]).toEqual([10]);
    expect(work.servedByMemory.streamed).toBe(2);
    expect([...work.servedByLlc.apart.counts]).toEqual([30]);
    expect(work.servedByLlc.streamed).toBe(6);
    expect(workloadWork({ name: "x", kernel: "6.1.0", counted }, 8 * MIB)!.servedByMemory.streamed).toBe(6);
  });

  it("entered the kernel as often as it passed its entries, of which a pass has as many instructions as the kernel", () => {
    const entries = (kernel: string) => {
      const { syscalls, faults } = workloadWork({ name: "x", kernel, counted }, MIB)!;
      return [syscalls, faults];
    };
    expect(entries("6.1.0-57-amd64")).toEqual([42 * 3, 5]);
    expect(entries("6.12.117")).toEqual([41 * 3, 5]);
    const copies = { ...tasks, copySizes: [0, 0, 0, 0, 0, 0, 0, 1000] };
    const all = { ...counted, workload: copies };
    expect(workloadWork({ name: "x", kernel: "6.12", counted: all }, MIB)!.faults).toBe(63);
  });

  it("clears what it copies to only where the allocator clears: without, the copy fetches those lines", () => {
    const work = workloadWork({ name: "x", kernel: "6.1", counted }, 8 * MIB, [
      { op: "repeat", times: 1, of: [{ op: "cow_fault_in_child", pages: 1 }] },
      { op: "shmem_read", pages: 7 },
    ])!;
    expect(work).toMatchObject({ pagesClearedOnAlloc: 1, setFills: { memory: 90, llc: 10 } });
    expect(withoutInitOnAlloc(work)).toMatchObject({
      ...{ nrSets: 1, bytesSet: 4096, pagesClearedOnAlloc: 0 },
      setFills: { memory: 45, llc: 5 },
      copyFills: { memory: 65, llc: 35 },
    });
    expect(withoutInitOnAlloc(undefined)).toBeUndefined();
  });

  it("is not known of a recording without counts", () => {
    expect(workloadWork({ name: "old", kernel: "6.1.0" }, MIB)).toBeUndefined();
    expect(workloadWork(undefined, MIB)).toBeUndefined();
  });
});

const TOUCHES = 2000;
const fills = (l2: number) => ({ l2, llc_8MiB: l2, llc_32MiB: l2, llc_128MiB: l2 });
const gaps = (nr: number) => ({ l2: [0, nr], llc_8MiB: [0, nr], llc_32MiB: [0, nr], llc_128MiB: [0, nr] });
const group = (kernel: number, touches: number, misses: number) => ({
  kernel_instructions: kernel,
  user_instructions: 0,
  rep_instructions: 0,
  nr_sets: 1,
  nr_copies: 0,
  bytes_set: 4096,
  bytes_copied: 0,
  set_sizes: [],
  copy_sizes: [],
  other_loads: 0,
  other_stores: 0,
  touches,
  loads: touches,
  stores: 0,
  hot_touches: touches,
  hot_loads: touches,
  hot_stores: 0,
  set_fills: fills(0),
  copy_fills: fills(0),
  other_kernel_fills: fills(misses),
  other_user_fills: fills(0),
  stream_gaps: gaps(0),
  other_gaps: gaps(misses),
});

/** A recording of one visit each to struct pages far apart. */
function writeRecording(name: string, counted: boolean): string {
  mkdirSync(join(directory, "traffic"), { recursive: true });
  mkdirSync(join(directory, "traces"), { recursive: true });
  const records = Buffer.alloc(12 * TOUCHES);
  for (let i = 0; i < TOUCHES; i++) {
    records.writeUInt32LE(0x100000 + ((i * 40_503) % 262_144), 12 * i);
    records[12 * i + 4] = 1;
    records.writeUInt32LE(1000, 12 * i + 8);
  }
  const groups = {
    workload: group(1000 * TOUCHES, TOUCHES, 500),
    kernel_threads: group(0, 0, 0),
    other_programs: group(0, 0, 0),
    timer_interrupts: group(0, 0, 0),
    tracing: group(0, 0, 0),
    kernel_instructions_by_function: [],
  };
  const summary = {
    name,
    kernel: "6.12.0",
    loads: TOUCHES,
    stores: 0,
    distinct_pages: TOUCHES,
    page_switches: TOUCHES,
    other_l2_fills: 500,
    instructions: 1000 * TOUCHES,
    hot_added: { pfn_from: 0x100000, touches: TOUCHES, loads: TOUCHES, stores: 0, distinct_pages: TOUCHES },
    operations: [{ op: "offline_busy", block: 8192, self_hosted: false, busy_pages_about: 1 }],
    ...(counted ? { counted: groups } : {}),
  };
  writeFileSync(join(directory, "traces", `${name}.touch.gz`), gzipSync(records));
  writeFileSync(join(directory, "traffic", `${name}.json`), JSON.stringify(summary));
  return join(directory, "traffic", name);
}

describe("altmap answer", () => {
  const of = async (name: string, counted: boolean) => {
    const overrides = { device: ["cxl-samsung-mxp-genoa"], workload: [writeRecording(name, counted)] };
    const text = await renderAnswer(undefined, overrides, "text");
    const csv = await renderAnswer(undefined, overrides, "csv");
    const document = JSON.parse(await renderAnswer(undefined, overrides, "json")) as AnswerDocument;
    const onMemory = document.results.find(({ placement }) => placement === "on-memory")!;
    return { text, csv, document, workload: onMemory.workloads[0]! };
  };

  it("gives a slowdown where the recording tells what else was done, and ns alone where it does not", async () => {
    const [known, unknown] = [await of("new", true), await of("old", false)];
    expect(unknown.workload.extra_ns).toBe(known.workload.extra_ns);
    expect(known.workload.extra_ns).toBeGreaterThan(0);
    expect(known.workload.baseline_ns).toBeGreaterThan(0);
    expect(known.workload.slowdown_ratio).toBeGreaterThan(1);
    expect(known.workload.many_cpus.map(({ converged }) => converged)).toEqual([true, true]);
    expect(unknown.workload).toMatchObject({
      baseline_ns: null,
      slowdown_ratio: null,
      slowdown_interval_ratio: null,
      no_difference_within_error: null,
      many_cpus: [],
    });
    expect(unknown.text).toMatch(/^ {2}old \(cold\) +not known +\d.* not known$/m);
    expect(unknown.document.verdicts[0]?.sentence).toMatch(/Worst of the recorded examples: old waits .* longer/);
    const [titles = [], ...rows] = unknown.csv.split("\n").map((line) => line.split(","));
    const row = rows.find((cells) => cells.includes("workload") && cells.includes("on-memory"));
    expect(row?.[titles.indexOf("slowdown_ratio")]).toBe("");
    expect(row?.[titles.indexOf("metadata_ns")]).not.toBe("");
    expect(known.text).toMatch(/^ {2}new \(cold\) +\d.*\+\d+.* %/m);
  }, 120_000);
});
