import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { Rounds, Spread, TimingOptions } from "./timing.ts";

/** A file system whose files are pages in memory: reading one runs the kernel and no device. */
const TMPFS = "/dev/shm";
/** Of a file that L2 holds, read in pieces that L2 holds beside it. */
const FILE_BYTES = 128 * 1024;
const READ_BYTES = 64 * 1024;
const READS = 64;
const CALLS_OUT = 5_000;
/** Above what the C library keeps for later: such memory is mapped anew each time, and no page of it is there. */
const FRESH_BYTES = 40 * 1024 * 1024;
/** Below it a huge zero page was mapped at once (transparent huge pages: always). */
const LEAST_FAULT_NS = 50;

/** Paths through the kernel, and clears, that a program can time. ns; what a system does not offer is absent. */
export interface KernelPaths {
  /** getuid() less a call out of JavaScript that stays in the process. */
  readonly syscallNs?: Spread;
  /** A page of a file in tmpfs, file and target in L2: from copy to copy. */
  readonly readPageNs?: Spread;
  /** First read of a page of fresh memory: none is allocated, all are the zero page. */
  readonly zeroFaultNs?: Spread;
  /** memset() of a page that no cache holds, pages in order. */
  readonly clearPageNs?: Spread;
}

const PATHS = ["syscallNs", "readPageNs", "zeroFaultNs", "clearPageNs"] as const;

/** One round of each. @param clearBytes memory that is cleared page by page: beyond the last-level cache */
export function measureKernelPaths(rounds: Rounds, timing: TimingOptions, clearBytes: number): void {
  const add = (path: (typeof PATHS)[number], ns: number): void => {
    if (Number.isFinite(ns) && ns > 0) rounds.add(path, ns);
  };
  const { getuid } = process;
  if (getuid !== undefined) {
    const callNs = (call: () => unknown): number => fastest(timing, CALLS_OUT, () => repeat(CALLS_OUT, call));
    add("syscallNs", callNs(() => getuid.call(process)) - callNs(() => process.uptime()));
  }
  if (existsSync(TMPFS)) add("readPageNs", readPageNs(timing));
  const fault = zeroFaultNs(timing);
  add("zeroFaultNs", fault < LEAST_FAULT_NS ? Number.NaN : fault);
  const memory = new Uint8Array(clearBytes).fill(1);
  add(
    "clearPageNs",
    fastest(timing, clearBytes / PAGE_BYTES, () => clearPages(memory)),
  );
}

/** What the rounds measured. */
export function kernelPathsOf(rounds: Rounds): KernelPaths {
  return Object.fromEntries(PATHS.filter((path) => rounds.has(path)).map((path) => [path, rounds.spread(path)]));
}

/** ns a unit of the fastest of the calls. */
function fastest({ stopwatch, calls }: TimingOptions, units: number, run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let call = 0; call < calls; call++) best = Math.min(best, stopwatch(run));
  return best / units;
}

function repeat(units: number, run: () => unknown): void {
  for (let i = 0; i < units; i++) run();
}

function readPageNs(timing: TimingOptions): number {
  const folder = mkdtempSync(join(TMPFS, "altmap-"));
  try {
    const file = openSync(join(folder, "pages"), "w+");
    const target = Buffer.alloc(READ_BYTES);
    for (let at = 0; at < FILE_BYTES; at += READ_BYTES) writeSync(file, target, 0, READ_BYTES, at);
    const callNs = (bytes: number): number =>
      fastest(timing, READS, () => {
        for (let i = 0; i < READS; i++) readSync(file, target, 0, bytes, (i * READ_BYTES) % FILE_BYTES);
      });
    // The call itself, JavaScript's part in it too, is the same for one page and for many.
    const ns = (callNs(READ_BYTES) - callNs(PAGE_BYTES)) / (READ_BYTES / PAGE_BYTES - 1);
    closeSync(file);
    return ns;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Memory is fresh once: each call has its own. */
function zeroFaultNs(timing: TimingOptions): number {
  let sum = 0;
  const one = (): void => {
    const fresh = new Uint8Array(FRESH_BYTES);
    for (let at = 0; at < FRESH_BYTES; at += PAGE_BYTES) sum += fresh[at]!;
  };
  const ns = fastest(timing, FRESH_BYTES / PAGE_BYTES, one);
  return sum === 0 ? ns : Number.NaN;
}

function clearPages(memory: Uint8Array): void {
  for (let at = 0; at < memory.length; at += PAGE_BYTES) memory.fill(0, at, at + PAGE_BYTES);
}
