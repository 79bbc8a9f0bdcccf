import { describe, expect, test } from "vitest";
import {
  CLASS_DEPENDENT,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_OWNERS,
  OWNER_HOT_ADDED,
  RW_WRITE,
} from "../../assembly/layout/touch.ts";
import { lockUses } from "../../src/cost/locks.ts";
import { slowdownByCpus } from "../../src/cost/manyCpus.ts";
import { priceWorkload } from "../../src/cost/priceWorkload.ts";
import { bucketCounts } from "../../src/counts/windows.ts";
import { NO_MISSES, type WorkloadWork } from "../../src/counts/workload.ts";
import { bucketOf, demandIndex, emptyTouchCounts } from "../../src/counts.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { defaultHost } from "../../src/machine/hosts.ts";

const dram = deviceById("dram-ddr5-4800-spr");
const cxl = deviceById("cxl-e3s-96g-spr");
const optane = deviceById("optane100-1x");

function workload(hotMisses: number, instructions = 3e8, otherLlcFills = 0) {
  const counts = emptyTouchCounts();
  counts.demand[demandIndex(CLASS_DEPENDENT, OWNER_HOT_ADDED, RW_WRITE, LEVEL_MEMORY)] = hotMisses;
  counts.writeBacks[LEVEL_LLC * NR_OWNERS + OWNER_HOT_ADDED] = hotMisses;
  return { counts, work: workOf(instructions, otherLlcFills) };
}

function workOf(instructions: number, misses: number): WorkloadWork {
  const apart = new Float64Array(64);
  apart[bucketOf(1000)] = misses;
  return {
    instructions,
    nrSets: 0,
    bytesSet: 0,
    nrCopies: 0,
    bytesCopied: 0,
    syscalls: 0,
    faults: 0,
    pagesClearedOnAlloc: 0,
    setFills: { memory: 0, llc: 0 },
    copyFills: { memory: 0, llc: 0 },
    servedByMemory: { apart: bucketCounts(apart), streamed: 0 },
    servedByLlc: NO_MISSES,
  };
}

const locked = [
  { name: "__free_one_page", count: 30_000 },
  { name: "lru_add_fn", count: 10_000 },
  { name: "page_add_new_anon_rmap", count: 60_000 },
];

describe("locks", () => {
  test("accesses are split by the lock that their function runs under", () => {
    expect(lockUses(locked)).toMatchObject([
      { lock: "zone->lock", share: 0.3, accesses: 30_000 },
      { lock: "lru_lock", share: 0.1, accesses: 10_000 },
    ]);
    expect(lockUses([]).map(({ share }) => share)).toEqual([0, 0]);
  });
});

describe("slowdown by CPUs", () => {
  const ratios = (work: ReturnType<typeof workload>, device = cxl, functions = locked) =>
    slowdownByCpus(work, functions, defaultHost, { dram, device }, { samples: 20 }, [1, 4, 16, 64]);

  test("one CPU is what the workload alone pays", () => {
    const work = workload(1e5);
    const alone = priceWorkload(work, defaultHost, { dram, device: cxl }).slowdownRatio!.value;
    expect(ratios(work)[0]?.slowdownRatio.value).toBeCloseTo(alone, 3);
  });

  test("struct pages waited for under a lock: the slowdown grows with CPUs until the lock sets the pace", () => {
    const found = ratios(workload(1e6)).map(({ slowdownRatio }) => slowdownRatio.value);
    for (let i = 1; i < found.length; i++) expect(found[i]!).toBeGreaterThan(found[i - 1]! * 0.999);
    expect(found.at(-1)).toBeGreaterThan(found[0]! * 1.05);
  });

  test("without locks and far from any bandwidth, CPUs do not matter", () => {
    const found = ratios(workload(1e3), cxl, []).map(({ slowdownRatio }) => slowdownRatio.value);
    for (const ratio of found) expect(ratio).toBeCloseTo(found[0]!, 4);
  });

  test("a device that writes slowly is what saturates", () => {
    const last = ratios(workload(1e6), optane, []).at(-1)!;
    expect(last.busiest).toBe("hot-added memory");
    expect(last.busyShare).toBeGreaterThan(0.95);
  });

  test("the same memory on both sides makes no difference on any number of CPUs", () => {
    const work = workload(1e5, 3e8, 1e5);
    for (const { slowdownRatio } of ratios(work, dram)) {
      expect(slowdownRatio.value).toBeCloseTo(1, 1);
    }
  });
});
