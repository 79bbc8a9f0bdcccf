import { availableParallelism } from "node:os";
import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { InputError } from "../errors.ts";
import { defaultHost } from "../machine/hosts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import { exact, recalled } from "../machine/quantity.ts";
import type { ProfileSet } from "../machine/schema.ts";
import type { Calibration } from "./calibrate.ts";
import { kernelValues } from "./kernelValues.ts";
import type { Spread } from "./timing.ts";

const LINE_BYTES = 64;
const SOURCE = "altmap calibrate";
export const CALIBRATED_HOST = "this-machine";
export const CALIBRATED_DRAM = "this-machine-dram";

/** Second-level TLB entries for 4 KiB pages; no timing here separates them from the caches. */
const STLB = recalled(1536, [1024, 3072], "1536 on Intel since Skylake, 2048 to 3072 on later parts and Zen");

/**
 * The profile of the machine that was measured: host and DRAM. What a user-space run cannot measure (ways, locked
 * operations, CPI of kernel code) keeps its built-in value, level and source.
 *
 * @error InputError when the curve shows fewer than two levels: there is nothing to make a profile of
 */
export function calibratedProfiles(calibration: Calibration, year = new Date().getFullYear()): ProfileSet {
  return { hosts: [calibratedHost(calibration, year)], devices: [calibratedDram(calibration)] };
}

/**
 * The measured machine as a host profile.
 *
 * @error InputError when the latency shows no cache, or no value of it can be one of a host
 */
export function calibratedHost(calibration: Calibration, year: number): HostProfile {
  const { clockGHz, cycleNs } = calibration;
  const levels = calibration.levels;
  if (levels.length < 2) {
    throw new InputError({
      what: "the latency of this machine does not change with the working set: no cache can be measured",
      expected: "a machine whose caches are not emulated or switched off, without so much other work",
      example: "altmap profiles show sapphire-rapids --yaml   (a profile to start from)",
    });
  }
  // A virtual machine may show fewer levels than it has: the last cache level seen then stands for those above.
  const l2 = levels[Math.min(1, levels.length - 2)]!;
  const llc = levels[levels.length - 2]!;
  return {
    id: CALIBRATED_HOST,
    description: "the machine that altmap calibrate ran on",
    family: "measured",
    year,
    nrCores: {
      value: availableParallelism(),
      level: "M",
      source: "CPUs of this process",
      range: [1, availableParallelism()],
    },
    nrThreadsPerCore: recalled(1, [1, 2], "not measured"),
    clockGHz: {
      value: digits(clockGHz),
      range: [digits(1 / cycleNs.median), digits(clockGHz)],
      level: "M",
      source: SOURCE,
      note: "chain of shifts and exclusive ors, one cycle each",
    },
    l1Bytes: sizeOf(calibration, 1),
    l1Ways: waysOf(calibration, 1, 8),
    l1Cycles: measured((levels[0]?.ns ?? 0) * clockGHz, undefined, "plateau of the latency curve"),
    l2Bytes: sizeOf(calibration, 2),
    l2Ways: waysOf(calibration, 2, 8),
    l2Cycles: measured(l2.ns * clockGHz, undefined, "plateau of the latency curve"),
    llcBytes: llcBytes(calibration),
    llcWays: waysOf(calibration, 3, 16),
    llcNs: measured(llc.ns, undefined, "plateau of the latency curve"),
    nrLinesInFlight: measured(calibration.linesInFlight, undefined, "one random chase against many side by side"),
    nrStreamLinesInFlight: measured(
      calibration.memoryNs.value / calibration.streamReadNsPerLine.value,
      undefined,
      "latency over time per line of a stream of reads",
    ),
    atomicCycles: defaultHost.atomicCycles,
    ...kernelValues(calibration.kernel, clockGHz, defaultHost.cpi),
    memmapCpi: defaultHost.memmapCpi,
    nrStlbEntries: STLB,
    pageWalkNs: pageWalk(calibration),
    localDram: CALIBRATED_DRAM,
  };
}

/** The measured memory as the device profile of its DRAM. */
export function calibratedDram(calibration: Calibration): DeviceProfile {
  const { memoryNs, streamReadNsPerLine, streamStoreNsPerLine } = calibration;
  const readGBps = LINE_BYTES / streamReadNsPerLine.value;
  // A plain store fetches its line and later writes it back: two lines moved for each one stored.
  const mixedGBps = (2 * LINE_BYTES) / streamStoreNsPerLine.value;
  return {
    id: CALIBRATED_DRAM,
    description: "the memory of the machine that altmap calibrate ran on",
    medium: "local-dram",
    idleReadNs: spreadQuantity(memoryNs, `random lines of ${calibration.memoryBytes / 1048576} MiB, pages in the TLB`),
    readGBps: measured(Math.max(readGBps, mixedGBps), undefined, "one core; all cores together may reach more"),
    mixedGBps: measured(mixedGBps, undefined, "one core storing in address order"),
    mediaLineBytes: exact(LINE_BYTES, "64-byte lines of DDR, by standard"),
    measuredFrom: CALIBRATED_HOST,
  };
}

/** What a random load over the test area costs more than one whose page is in the TLB. */
function pageWalk(calibration: Calibration): Quantity {
  const missShare = 1 - Math.min(0.9, (STLB.value * PAGE_BYTES) / calibration.memoryBytes);
  const walk = (calibration.memoryRandomNs.value - calibration.memoryNs.value) / missShare;
  if (walk >= 1) return measured(walk, undefined, "random over 4 KiB pages against random within the TLB's reach");
  return { value: 1, range: [0.5, 10], level: "M", source: SOURCE, note: "not distinguishable from none" };
}

/** The kernel's size where it names one: a curve shows size and conflicts together. */
function sizeOf(calibration: Calibration, level: 1 | 2): Quantity {
  const named = calibration.sysfsCaches.find((cache) => cache.level === level);
  if (named !== undefined)
    return { value: named.bytes, range: [named.bytes, named.bytes], level: "V", source: named.file };
  const bytes = calibration.levels[level - 1]?.bytes ?? 0;
  const value = 2 ** Math.round(Math.log2(Math.max(bytes, 4096)));
  return {
    value,
    range: [value / 2, value * 2],
    level: "M",
    source: SOURCE,
    note: "nearest power of two to the curve's",
  };
}

/** What of the last level is left to this process: others use the rest, whatever its size is. */
function llcBytes(calibration: Calibration): Quantity {
  const named = calibration.sysfsCaches.find((cache) => cache.level === 3)?.bytes;
  const seen = calibration.levels[calibration.levels.length - 2]?.bytes ?? named ?? 0;
  const unit = waysOf(calibration, 3, 16).value * LINE_BYTES * 64;
  const value = Math.max(unit, Math.floor(Math.min(seen, named ?? seen) / unit) * unit);
  return {
    value,
    range: [Math.min(value, Math.floor(value / 2)), Math.max(value, named ?? value)],
    level: "M",
    source: SOURCE,
    note:
      named === undefined
        ? "half of the loads miss beyond"
        : `half of the loads miss beyond; the kernel names ${named / 1024} KiB`,
  };
}

function waysOf(calibration: Calibration, level: number, otherwise: number): Quantity {
  const named = calibration.sysfsCaches.find((cache) => cache.level === level);
  if (named?.ways === undefined) return recalled(otherwise, [4, 20], "not named by the kernel here");
  return {
    value: named.ways,
    range: [named.ways, named.ways],
    level: "V",
    source: named.file.replace(/size$/, "ways_of_associativity"),
  };
}

function measured(value: number, range: readonly [number, number] | undefined, note: string): Quantity {
  return { value: digits(value), level: "M", source: SOURCE, note, ...(range === undefined ? {} : { range }) };
}

function spreadQuantity(spread: Spread, note: string): Quantity {
  const high = Math.max(spread.median, spread.value * 1.05);
  return measured(spread.value, [digits(spread.value * 0.95), digits(high)], note);
}

/** Four digits: more would be noise. */
function digits(value: number): number {
  return Number(value.toPrecision(4));
}
