import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  CLASS_DEPENDENT,
  CLASS_INDEPENDENT,
  CLASS_STREAM,
  LEVEL_L1,
  LEVEL_MEMORY,
  RW_READ,
  RW_WRITE,
} from "../../assembly/layout/touch.ts";
import { type CalibrationPlan, calibrate, fullPlan, quickPlan, sizesTo } from "../../src/calibrate/calibrate.ts";
import { checkCalibration } from "../../src/calibrate/check.ts";
import { readCpuCaches } from "../../src/calibrate/cpuCaches.ts";
import { nsPerUnit, Rounds, type Stopwatch, spreadOf } from "../../src/calibrate/timing.ts";
import { calibratedProfiles } from "../../src/calibrate/toProfile.ts";
import { demandOf } from "../../src/counts.ts";
import { formatProfiles } from "../../src/machine/emit.ts";
import { parseProfiles } from "../../src/machine/schema.ts";
import { calibrationArena } from "../../src/wasm/calibrationPasses.ts";
import { CHECKED_KERNELS } from "../../src/wasm/checkedPasses.ts";

const MIB = 1024 * 1024;
const builds = ["release", "debug"] as const;
/** Small enough for every test machine, long enough for every kernel to run. */
const tiny: CalibrationPlan = {
  memoryBytes: 4 * MIB,
  curveBytes: sizesTo(4 * MIB),
  chases: [1, 4],
  rounds: 1,
  calls: 1,
  minCallNs: 20_000,
};

describe("timing", () => {
  test("asks for more units until a call lasts long enough, then takes the fastest call", () => {
    const asked: number[] = [];
    let disturbed = 0;
    let units = 0;
    const stopwatch: Stopwatch = (work) => {
      work();
      return units * 3 + (disturbed++ % 2) * 1e6;
    };
    const run = (n: number): void => {
      units = n;
      asked.push(n);
    };
    expect(nsPerUnit(run, 10, { stopwatch, minCallNs: 10_000, calls: 4 })).toBeCloseTo(3, 5);
    // The disturbed calls looked long enough; the fastest one must be.
    expect(asked.at(-1)! * 3).toBeGreaterThanOrEqual(5_000);
  });

  test("a clock that stands still ends, with a bounded number of units", () => {
    const stopwatch: Stopwatch = () => 0;
    let largest = 0;
    const run = (n: number): void => {
      largest = Math.max(largest, n);
    };
    expect(nsPerUnit(run, 1, { stopwatch, minCallNs: 1e7, calls: 1 })).toBe(0);
    expect(largest).toBeLessThanOrEqual(2 ** 30);
  });

  test("spread of rounds: fastest, median, slowest", () => {
    expect(spreadOf([5, 3, 9])).toEqual({ value: 3, median: 5, slowest: 9 });
    expect(spreadOf([4, 2])).toEqual({ value: 2, median: 3, slowest: 4 });
    expect(() => new Rounds().spread("nothing")).toThrow("nothing was measured");
  });
});

describe.each(builds)("kernels that measure (%s build)", (build) => {
  test.each([
    [64 * 1024, 64 * 1024, 64],
    [256 * 1024, 64 * 1024, 64],
    [256 * 1024, 64 * 1024, 256],
    [96 * 1024, 32 * 1024, 64],
  ])("a chase over %i bytes in windows of %i, stride %i, visits every node once", (bytes, window, stride) => {
    const arena = calibrationArena(bytes, build);
    arena.prepareChase(bytes, window, stride);
    const start = arena.position();
    const seen = new Set<number>();
    for (let i = 0; i < bytes / stride; i++) {
      seen.add(arena.position());
      arena.chase(1);
    }
    expect(arena.position()).toBe(start);
    expect(seen.size).toBe(bytes / stride);
    expect([...seen].every((at) => (at - start) % stride === 0)).toBe(true);
  });

  test("counts say what each kernel does to the caches", () => {
    const geometry = {
      l1: { bytes: 32768, ways: 8 },
      l2: { bytes: 131072, ways: 8 },
      llc: { bytes: 262144, ways: 16 },
    };
    const arena = calibrationArena(MIB, build, MIB);
    const nr = MIB / 64;
    const counts = Object.fromEntries(
      CHECKED_KERNELS.map((kernel) => [kernel, arena.countKernel(kernel, MIB, nr, geometry)]),
    );
    const at = (kernel: string, phase: number, accessClass: number, rw: number, level: number): number =>
      demandOf(counts[kernel]![phase]!, accessClass, 0, rw, level);
    // Four times the LLC: every line of a sweep and of the shuffled list misses, nearly every random one.
    expect(at("init", 0, CLASS_STREAM, RW_WRITE, LEVEL_MEMORY)).toBe(nr);
    expect(at("scan", 0, CLASS_STREAM, RW_READ, LEVEL_MEMORY)).toBe(nr);
    expect(at("free pass", 0, CLASS_STREAM, RW_WRITE, LEVEL_MEMORY)).toBe(nr);
    expect(at("free pass", 1, CLASS_STREAM, RW_WRITE, LEVEL_MEMORY)).toBe(0);
    expect(at("list churn", 0, CLASS_DEPENDENT, RW_WRITE, LEVEL_MEMORY)).toBe(nr);
    expect(at("list churn", 0, CLASS_DEPENDENT, RW_WRITE, LEVEL_L1)).toBeGreaterThan(1.9 * nr);
    expect(at("random update", 0, CLASS_INDEPENDENT, RW_WRITE, LEVEL_MEMORY) / nr).toBeCloseTo(0.75, 1);
  });

  test("list churn keeps the list whole; random updates add up", () => {
    const arena = calibrationArena(64 * 1024, build);
    const nr = 1024;
    arena.prepareKernel("list churn", 64 * 1024);
    const before = arena.listOrder();
    arena.runKernel("list churn", 64 * 1024, 300);
    expect(arena.listOrder()).toEqual([...before.slice(300), ...before.slice(0, 300)]);
    expect(new Set(before).size).toBe(nr);
    arena.prepareKernel("random update", 64 * 1024);
    const sum = (): number => arena.refcounts().reduce((total, count) => total + count, 0);
    const start = sum();
    arena.runKernel("random update", 64 * 1024, 5000);
    expect(sum() - start).toBe(5000);
  });
});

describe("calibrate", () => {
  test("measures everything and makes a profile that loads again unchanged", () => {
    const calibration = calibrate({ plan: tiny });
    expect(calibration.curve).toHaveLength(tiny.curveBytes.length);
    for (const { ns } of calibration.curve) expect(ns).toBeGreaterThan(0);
    expect(calibration.clockGHz).toBeGreaterThan(0.1);
    expect(calibration.clockGHz).toBeLessThan(20);
    const set = calibratedProfiles(calibration, 2026);
    expect(parseProfiles(formatProfiles(set), "again")).toEqual(set);
    expect(set.devices[0]?.idleReadNs).toMatchObject({ level: "M", source: "altmap calibrate" });
  });

  test("checks every kernel in every tier", () => {
    const check = checkCalibration({ plan: tiny });
    expect(check.rows).toHaveLength(CHECKED_KERNELS.length * 3);
    for (const row of check.rows) {
      expect(row.measured.value).toBeGreaterThan(0);
      expect(row.predictedNs).toBeGreaterThan(0);
      expect(row.interval[0]).toBeLessThanOrEqual(row.predictedNs);
      expect(row.interval[1]).toBeGreaterThanOrEqual(row.predictedNs);
      expect(row.error).toBeCloseTo(row.predictedNs / row.measured.value - 1, 9);
    }
    expect(check.medianError).toBeGreaterThanOrEqual(0);
  });

  test("memory is measured beyond the last-level cache that the kernel names, within a gigabyte", () => {
    expect([fullPlan().memoryBytes, quickPlan().memoryBytes]).toEqual([256 * MIB, 128 * MIB]);
    expect(fullPlan(105 * MIB)).toMatchObject({ memoryBytes: 512 * MIB });
    expect(fullPlan(504 * MIB)).toMatchObject({ memoryBytes: 1024 * MIB });
    expect(fullPlan(105 * MIB).curveBytes.at(-1)).toBe(256 * MIB);
  });

  test("a machine without visible caches is refused plainly", () => {
    const calibration = { ...calibrate({ plan: tiny }), levels: [{ ns: 3 }] };
    expect(() => calibratedProfiles(calibration, 2026)).toThrow("no cache can be measured");
  });

  test("caches the kernel names: instruction caches left out, nothing without sysfs", () => {
    const root = mkdtempSync(join(tmpdir(), "altmap-caches-"));
    try {
      const index = (i: number, files: Readonly<Record<string, string>>): void => {
        const dir = join(root, `sys/devices/system/cpu/cpu0/cache/index${i}`);
        mkdirSync(dir, { recursive: true });
        for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), `${text}\n`);
      };
      index(0, { type: "Data", level: "1", size: "48K", ways_of_associativity: "12" });
      index(1, { type: "Instruction", level: "1", size: "32K", ways_of_associativity: "8" });
      index(2, { type: "Unified", level: "2", size: "2M" });
      index(3, { type: "Unified", level: "3", size: "garbage" });
      expect(readCpuCaches(root).map(({ level, bytes, ways }) => [level, bytes, ways])).toEqual([
        [1, 48 * 1024, 12],
        [2, 2 * MIB, undefined],
      ]);
      expect(readCpuCaches(join(root, "nowhere"))).toEqual([]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test("the command refuses an output that cannot be written before it measures", () => {
    const cli = new URL("../../dist/cli/altmap.js", import.meta.url).pathname;
    const started = Date.now();
    const run = spawnSync("node", [cli, "calibrate", "-o", "/nonexistent/folder/here.yaml"], { encoding: "utf8" });
    expect([run.status, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(/^altmap: \/nonexistent\/folder\/here\.yaml: cannot write/);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(spawnSync("node", [cli, "calibrate", "--chek"], { encoding: "utf8" }).status).toBe(2);
  });
});
