import { priceCounts } from "../cost/price.ts";
import { median } from "../cost/sample.ts";
import { geometryOf } from "../machine/geometry.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { KIB, MIB } from "../units.ts";
import { type CalibrationArena, calibrationArena } from "../wasm/calibrationPasses.ts";
import { CHECKED_KERNELS, type CheckedPass, phasesOf } from "../wasm/checkedPasses.ts";
import { type CalibrateOptions, type Calibration, measureRound, resultOf } from "./calibrate.ts";
import { readCpuCaches } from "./cpuCaches.ts";
import { hostStopwatch, nsPerUnit, Rounds, type Spread } from "./timing.ts";
import { calibratedDram, calibratedHost } from "./toProfile.ts";

export type Tier = "L2" | "LLC" | "memory";

/** One kernel in one tier: ns per struct page, measured here and predicted from counts and the calibrated profile. */
export interface CheckRow {
  readonly kernel: CheckedPass;
  readonly tier: Tier;
  readonly footprintBytes: number;
  readonly measured: Spread;
  readonly predictedNs: number;
  readonly interval: readonly [number, number];
  /** predicted / measured - 1. */
  readonly error: number;
  /** Instructions alone, measured on a footprint within L1: the one value of each kernel that is timed. */
  readonly instructionNs: number;
}

export interface CheckResult {
  readonly calibration: Calibration;
  readonly rows: readonly CheckRow[];
  readonly medianError: number;
  /** The same of each tier: in L2 most of a kernel is its instructions, in memory its misses. */
  readonly medianErrorByTier: Readonly<Record<Tier, number>>;
  /** How much slower the median round was than the fastest, median over rows. */
  readonly noise: number;
  /** Of each kernel: memory over LLC, as measured and as predicted. */
  readonly tierRatios: readonly {
    readonly kernel: CheckedPass;
    readonly measured: number;
    readonly predicted: number;
  }[];
}

interface Footprints {
  readonly l1: number;
  readonly tiers: Readonly<Record<Tier, number>>;
}

/** Passes of a random kernel at least this long, so that counts are those of its steady state. */
const MIN_COUNTED_PAGES = 1_000_000;
const COUNTED_MODEL_BYTES = 64 * MIB;

/**
 * Calibrates, and in the same rounds times struct page kernels on footprints in L2, LLC and memory; then predicts
 * those times from cache counts and the calibrated profile. Only the instruction cost of a kernel is timed, within
 * L1: what its misses cost is the model's.
 */
export function checkCalibration(options: CalibrateOptions): CheckResult {
  const { plan, stopwatch = hostStopwatch } = options;
  const arena = calibrationArena(plan.memoryBytes, options.build, COUNTED_MODEL_BYTES);
  const caches = readCpuCaches(options.sysfsRoot);
  const rounds = new Rounds();
  let footprints: Footprints | undefined;
  for (let round = 0; round < plan.rounds; round++) {
    options.onRound?.(round, plan.rounds);
    measureRound(arena, plan, rounds, stopwatch);
    footprints ??= footprintsOf(resultOf(plan, rounds, caches), plan.memoryBytes);
    timeKernels(arena, footprints, rounds, { stopwatch, minCallNs: plan.minCallNs, calls: plan.calls });
  }
  if (footprints === undefined) throw new RangeError("a check needs at least one round");
  const calibration = resultOf(plan, rounds, caches);
  const rows = predictRows(arena, calibration, footprints, rounds);
  return {
    calibration,
    rows,
    medianError: medianErrorOf(rows),
    medianErrorByTier: {
      L2: medianErrorOf(rows.filter((row) => row.tier === "L2")),
      LLC: medianErrorOf(rows.filter((row) => row.tier === "LLC")),
      memory: medianErrorOf(rows.filter((row) => row.tier === "memory")),
    },
    noise: median(rows.map((row) => row.measured.median / row.measured.value - 1)),
    tierRatios: CHECKED_KERNELS.map((kernel) => {
      const at = (tier: Tier): CheckRow => rows.find((row) => row.kernel === kernel && row.tier === tier)!;
      return {
        kernel,
        measured: at("memory").measured.value / at("LLC").measured.value,
        predicted: at("memory").predictedNs / at("LLC").predictedNs,
      };
    }),
  };
}

function medianErrorOf(rows: readonly CheckRow[]): number {
  return median(rows.map((row) => Math.abs(row.error)));
}

/** Well inside each level: half of L1, a quarter of L2, between L2 and LLC, all of the test area. */
function footprintsOf(calibration: Calibration, memoryBytes: number): Footprints {
  const host = calibratedHost(calibration, 0);
  const powerOfTwo = (bytes: number): number => 2 ** Math.round(Math.log2(bytes));
  const l2 = host.l2Bytes.value;
  const between = Math.max(2 * l2, Math.sqrt(l2 * host.llcBytes.value));
  return {
    l1: Math.max(4 * KIB, powerOfTwo(host.l1Bytes.value / 2)),
    tiers: { L2: powerOfTwo(l2 / 4), LLC: Math.min(powerOfTwo(between), memoryBytes / 4), memory: memoryBytes },
  };
}

type Timing = Parameters<typeof nsPerUnit>[2];

function timeKernels(arena: CalibrationArena, { l1, tiers }: Footprints, rounds: Rounds, timing: Timing): void {
  for (const kernel of CHECKED_KERNELS) {
    arena.prepareKernel(kernel, l1);
    for (let phase = 0; phase < phasesOf(kernel); phase++) {
      const run = (nrPages: number): void => arena.runPhase(kernel, phase, l1, nrPages);
      rounds.add(`${kernel} phase ${phase}`, nsPerUnit(run, 100_000, timing));
    }
    for (const [tier, bytes] of Object.entries(tiers)) {
      arena.prepareKernel(kernel, bytes);
      rounds.add(
        `${kernel} ${tier}`,
        nsPerUnit((nrPages) => arena.runKernel(kernel, bytes, nrPages), 100_000, timing),
      );
    }
  }
}

function predictRows(
  arena: CalibrationArena,
  calibration: Calibration,
  { tiers }: Footprints,
  rounds: Rounds,
): CheckRow[] {
  // The cost of a kernel's instructions is measured here, not drawn from the range of a built-in CPI.
  const host = {
    ...calibratedHost(calibration, 0),
    memmapCpi: { value: 1, level: "M", source: "timed within L1" } as const,
  };
  const dram = calibratedDram(calibration);
  const rows: CheckRow[] = [];
  for (const tier of ["L2", "LLC", "memory"] as const) {
    for (const kernel of CHECKED_KERNELS) {
      const footprintBytes = tiers[tier];
      const measured = rounds.spread(`${kernel} ${tier}`);
      const phaseNs = Array.from({ length: phasesOf(kernel) }, (_, p) => rounds.spread(`${kernel} phase ${p}`).value);
      const predicted = predict(arena, kernel, footprintBytes, phaseNs, host, dram);
      rows.push({
        kernel,
        tier,
        footprintBytes,
        measured,
        predictedNs: predicted.ns,
        interval: predicted.interval,
        error: predicted.ns / measured.value - 1,
        instructionNs: phaseNs.reduce((sum, ns) => sum + ns, 0),
      });
    }
  }
  return rows;
}

/** ns per struct page: the phases of a kernel follow each other, so their prices add up. */
function predict(
  arena: CalibrationArena,
  kernel: CheckedPass,
  footprintBytes: number,
  phaseNs: readonly number[],
  host: HostProfile,
  dram: DeviceProfile,
): { ns: number; interval: readonly [number, number] } {
  const perPass = footprintBytes / 64;
  const nrPages = Math.ceil(MIN_COUNTED_PAGES / perPass) * perPass;
  const counts = arena.countKernel(kernel, footprintBytes, nrPages, geometryOf(host));
  const prices = counts.map((phase, index) =>
    priceCounts(
      phase,
      host,
      { boot: dram, hotAdded: dram },
      {
        instructions: (phaseNs[index] ?? 0) * nrPages * host.clockGHz.value,
        memmapBytes: footprintBytes,
        mapping: "base",
      },
    ),
  );
  const sum = (of: (price: (typeof prices)[number]) => number): number =>
    prices.reduce((total, price) => total + of(price), 0) / nrPages;
  return { ns: sum((p) => p.ns), interval: [sum((p) => p.interval[0]), sum((p) => p.interval[1])] };
}
