import { type CurveLevel, type CurvePoint, levelsByName, levelsOfCurve, monotone } from "../machine/cacheLevels.ts";
import { MIB } from "../units.ts";
import { type CalibrationArena, calibrationArena } from "../wasm/calibrationPasses.ts";
import type { WasmBuild } from "../wasm/instance.ts";
import { readCpuCaches, type SysfsCache } from "./cpuCaches.ts";
import { type KernelPaths, kernelPathsOf, measureKernelPaths } from "./kernelPaths.ts";
import { hostStopwatch, nsPerUnit, Rounds, type Spread, type Stopwatch } from "./timing.ts";

const LINE_BYTES = 64;
/** A window of pages that any second-level TLB holds, so that a chase shows the caches and not page walks. */
const WINDOW_BYTES = MIB;
/** Every fourth line: fetching the neighbour of a line, as some prefetchers do, then helps no later load. */
const SPARSE_STRIDE_BYTES = 256;

/** One walk over anything that a cache can hold. */
const WARM_STEPS = 1_000_000;

export interface CalibrationPlan {
  /** Largest footprint: well beyond the last-level cache. */
  readonly memoryBytes: number;
  /** Sizes of the latency curve, ascending. */
  readonly curveBytes: readonly number[];
  readonly chases: readonly number[];
  readonly rounds: number;
  readonly calls: number;
  readonly minCallNs: number;
}

/**
 * The full measurement: about a minute. Calls are short and many: of calls of a millisecond some pass without another
 * process on the CPU or in the caches, of calls of ten hardly any do on a busy machine.
 *
 * @param namedLlcBytes last-level cache that the kernel names: memory is measured well beyond it
 */
export function fullPlan(namedLlcBytes = 0): CalibrationPlan {
  const memoryBytes = footprint(256 * MIB, 4 * namedLlcBytes);
  const curveBytes = sizesTo(footprint(64 * MIB, 2 * namedLlcBytes));
  const chases = [1, 4, 8, 12, 16, 20, 24, 32, 48];
  return { memoryBytes, curveBytes, chases, rounds: 4, calls: 15, minCallNs: 1e6 };
}

/** A quick look: some seconds, a nearer memory, more disturbed. */
export function quickPlan(namedLlcBytes = 0): CalibrationPlan {
  const memoryBytes = footprint(128 * MIB, 2 * namedLlcBytes);
  const curveBytes = sizesTo(footprint(32 * MIB, namedLlcBytes));
  return { memoryBytes, curveBytes, chases: [1, 8, 16, 24, 32], rounds: 2, calls: 8, minCallNs: 1e6 };
}

/** A power of two of at least both sizes, and at most 1 GiB: setting up a shuffled gigabyte takes seconds. */
function footprint(least: number, wanted: number): number {
  return Math.min(1024 * MIB, 2 ** Math.ceil(Math.log2(Math.max(least, wanted))));
}

/** 4 KiB, 6 KiB, 8 KiB, 12 KiB ... up to `limit`. */
export function sizesTo(limit: number): number[] {
  const sizes: number[] = [];
  for (let bytes = 4096; bytes <= limit; bytes *= 2) {
    sizes.push(bytes);
    if (1.5 * bytes <= limit) sizes.push(1.5 * bytes);
  }
  return sizes;
}

/** What was measured, before it becomes a profile. ns; one core; every value with the spread of its rounds. */
export interface Calibration {
  /** By a chain of one-cycle instructions. */
  readonly clockGHz: number;
  readonly cycleNs: Spread;
  readonly curve: readonly (CurvePoint & { readonly spread: Spread })[];
  /** L1, L2, LLC and memory as the curve shows them. */
  readonly levels: readonly CurveLevel[];
  /** Dependent load that misses every cache, its page in the TLB. */
  readonly memoryNs: Spread;
  /** The same with a page walk each (4 KiB pages). */
  readonly memoryRandomNs: Spread;
  /** ns per load of k chases side by side. */
  readonly chases: readonly { readonly nr: number; readonly nsPerLoad: Spread }[];
  /** One random chase over the best of many: what a core keeps outstanding. */
  readonly linesInFlight: number;
  readonly streamReadNsPerLine: Spread;
  readonly streamStoreNsPerLine: Spread;
  readonly randomStoreNsPerLine: Spread;
  /** Paths through the kernel and clears of pages. */
  readonly kernel: KernelPaths;
  readonly memoryBytes: number;
  readonly sysfsCaches: readonly SysfsCache[];
  readonly notes: readonly string[];
}

export interface CalibrateOptions {
  readonly plan: CalibrationPlan;
  readonly stopwatch?: Stopwatch;
  readonly build?: WasmBuild;
  /** Where /sys is, for tests. */
  readonly sysfsRoot?: string;
  readonly onRound?: (round: number, of: number) => void;
}

/**
 * Measures this machine from inside WebAssembly, on one core. Rounds of everything follow each other, so that a
 * disturbance of seconds shows as spread and not as a value.
 */
export function calibrate(options: CalibrateOptions): Calibration {
  const { plan } = options;
  const arena = calibrationArena(plan.memoryBytes, options.build);
  const rounds = new Rounds();
  for (let round = 0; round < plan.rounds; round++) {
    options.onRound?.(round, plan.rounds);
    measureRound(arena, plan, rounds, options.stopwatch ?? hostStopwatch);
  }
  return resultOf(plan, rounds, readCpuCaches(options.sysfsRoot));
}

/** One round of every measurement. */
export function measureRound(
  arena: CalibrationArena,
  plan: CalibrationPlan,
  rounds: Rounds,
  stopwatch: Stopwatch,
): void {
  const timing = { stopwatch, minCallNs: plan.minCallNs, calls: plan.calls };
  const memory = plan.memoryBytes;
  const chase = (name: string, bytes: number, windowBytes: number, strideBytes: number): void => {
    arena.prepareChase(bytes, windowBytes, strideBytes);
    arena.chase(Math.min(bytes / strideBytes, WARM_STEPS));
    rounds.add(
      name,
      nsPerUnit((steps) => arena.chase(steps), 100_000, timing),
    );
  };
  rounds.add("cycle", nsPerUnit((steps) => arena.spin(steps), 1_000_000, timing) / 2);
  for (const bytes of plan.curveBytes) chase(`curve ${bytes}`, bytes, wholeWindow(bytes), LINE_BYTES);
  chase("memory", memory, WINDOW_BYTES, SPARSE_STRIDE_BYTES);
  chase("memory random", memory, memory, LINE_BYTES);
  for (const nr of plan.chases) {
    arena.prepareChases(nr, memory / LINE_BYTES);
    rounds.add(`chases ${nr}`, nsPerUnit((steps) => arena.chases(nr, steps), 10_000, timing) / nr);
  }
  const pass = (name: string, run: (bytes: number) => void): void => {
    const lines = memory / LINE_BYTES;
    const repeat = (units: number): void => {
      for (let done = 0; done < units; done += lines) run(memory);
    };
    // Whole passes only: a unit count that is no multiple of a pass would be timed as the next one up.
    rounds.add(name, nsPerUnit((units) => repeat(units * lines), 1, timing) / lines);
  };
  pass("stream read", (bytes) => arena.streamRead(bytes));
  pass("stream store", (bytes) => arena.streamStore(bytes));
  rounds.add(
    "random store",
    nsPerUnit((steps) => arena.randomStore(memory, steps), 100_000, timing),
  );
  measureKernelPaths(rounds, timing, memory);
}

/** The largest window of at most WINDOW_BYTES that divides `bytes`. */
function wholeWindow(bytes: number): number {
  if (bytes <= WINDOW_BYTES) return bytes;
  return bytes % WINDOW_BYTES === 0 ? WINDOW_BYTES : WINDOW_BYTES / 2;
}

/**
 * What the rounds of a plan measured: the latency curve, the levels it shows, and each pass.
 *
 * @param sysfsCaches three of them name the levels where the curve does not show four
 */
export function resultOf(plan: CalibrationPlan, rounds: Rounds, sysfsCaches: readonly SysfsCache[]): Calibration {
  const curve = plan.curveBytes.map((bytes) => {
    const spread = rounds.spread(`curve ${bytes}`);
    return { bytes, ns: spread.value, spread };
  });
  const seen = levelsOfCurve(monotone(curve));
  const named = sysfsCaches.filter((cache) => cache.level <= 3).map((cache) => cache.bytes);
  const levels = seen.length !== 4 && isThree(named) ? levelsByName(monotone(curve), named) : seen;
  const chases = plan.chases.map((nr) => ({ nr, nsPerLoad: rounds.spread(`chases ${nr}`) }));
  const memoryRandomNs = rounds.spread("memory random");
  const best = chases.reduce((a, b) => (b.nsPerLoad.value < a.nsPerLoad.value ? b : a));
  return {
    clockGHz: 1 / rounds.spread("cycle").value,
    cycleNs: rounds.spread("cycle"),
    curve,
    levels,
    memoryNs: rounds.spread("memory"),
    memoryRandomNs,
    chases,
    linesInFlight: memoryRandomNs.value / best.nsPerLoad.value,
    streamReadNsPerLine: rounds.spread("stream read"),
    streamStoreNsPerLine: rounds.spread("stream store"),
    randomStoreNsPerLine: rounds.spread("random store"),
    kernel: kernelPathsOf(rounds),
    memoryBytes: plan.memoryBytes,
    sysfsCaches,
    notes: notesOf(seen, levels, sysfsCaches, plan),
  };
}

function isThree(sizes: readonly number[]): sizes is readonly [number, number, number] {
  return sizes.length === 3;
}

/** What the curve says against what the kernel says of the caches, and how far the footprint reaches. */
function notesOf(
  seen: readonly CurveLevel[],
  levels: readonly CurveLevel[],
  caches: readonly SysfsCache[],
  plan: CalibrationPlan,
): string[] {
  const notes: string[] = [];
  if (seen.length !== 4) {
    const instead = levels === seen ? "" : "; latencies are read at the sizes that the kernel names";
    notes.push(`the latency curve shows ${seen.length} levels where L1, L2, LLC and memory were expected${instead}`);
  }
  if (caches.length === 0)
    notes.push("the kernel names no caches here: sizes are those of the curve, ways are assumed");
  for (const cache of caches) {
    const measured = levels[cache.level - 1]?.bytes;
    if (measured === undefined) continue;
    const ratio = measured / cache.bytes;
    if (ratio < 0.5 || ratio > 2) {
      notes.push(
        `L${cache.level}: the kernel says ${Math.round(cache.bytes / 1024)} KiB, half of the loads miss from ` +
          `${Math.round(measured / 1024)} KiB on${ratio < 0.5 ? " (others use the rest, or the virtual machine has a share)" : ""}`,
      );
    }
    if (cache.level === caches.length && plan.memoryBytes < 4 * cache.bytes) {
      notes.push(
        `memory was measured over ${plan.memoryBytes / MIB} MiB, less than four times the LLC the kernel names`,
      );
    }
  }
  return notes;
}
