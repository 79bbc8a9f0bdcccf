import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { ASSUMED_HOST } from "../machine/assumed.ts";
import type { HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { KernelPaths } from "./kernelPaths.ts";

const SOURCE = "altmap calibrate";
/** wl_tmpfs_write_read_rm_48m of 6.1, from copy to copy of what is read. */
const READ_INSTRUCTIONS = 612;
/** entry_SYSCALL_64 to SYSRET of 6.1, by function: 41 + 23 + 31 + 26 + 11 + 26, and getuid() itself; read, not recorded. */
const SYSCALL_INSTRUCTIONS = 180;
/** op_zap_fault_64m of 6.12, functions that a fault on the zero page runs too, and their shares; read, not recorded. */
const ZERO_FAULT_INSTRUCTIONS = 950;
/** What is left when the instructions of a path are taken off is never nothing. */
const LEAST_NS = 10;

/** What of a host the kernel's paths tell: those of a calibrated profile that are not measured are left out. */
type KernelValues = Pick<HostProfile, "clearGBps" | "syscallEntryNs" | "faultEntryNs"> & { readonly cpi: Quantity };

/**
 * @param otherwise taken where no path was timed
 */
export function kernelValues(paths: KernelPaths, clockGHz: number, otherwise: Quantity): KernelValues {
  const cpi = cpiOf(paths, clockGHz) ?? otherwise;
  const executing = (instructions: number): number => (instructions * cpi.value) / clockGHz;
  const { syscallNs, zeroFaultNs, clearPageNs } = paths;
  return {
    cpi,
    ...(clearPageNs === undefined ? {} : { clearGBps: clearRate(clearPageNs.value) }),
    ...(syscallNs === undefined
      ? {}
      : { syscallEntryNs: beyond(syscallNs.value, executing(SYSCALL_INSTRUCTIONS), "getuid()") }),
    ...(zeroFaultNs === undefined
      ? {}
      : { faultEntryNs: beyond(zeroFaultNs.value, executing(ZERO_FAULT_INSTRUCTIONS), "a fault on the zero page") }),
  };
}

/** One path of the kernel; other paths, with more or colder code, take up to twice as many cycles. */
function cpiOf({ readPageNs }: KernelPaths, clockGHz: number): Quantity | undefined {
  if (readPageNs === undefined) return undefined;
  const { copyStartNs, copyInCacheGBps } = ASSUMED_HOST;
  const copyNs = copyStartNs.value + PAGE_BYTES / copyInCacheGBps.value;
  const value = digits((Math.max(readPageNs.value / 4, readPageNs.value - copyNs) * clockGHz) / READ_INSTRUCTIONS);
  const note = `pages of tmpfs read in ${digits(readPageNs.value)} ns: ${READ_INSTRUCTIONS} recorded instructions and a copy`;
  return { value, range: [digits(0.7 * value), digits(2 * value)], level: "M", source: SOURCE, note };
}

function clearRate(pageNs: number): Quantity {
  const start = Math.min(ASSUMED_HOST.clearStartNs.value, pageNs / 2);
  const value = PAGE_BYTES / (pageNs - start);
  return {
    value: digits(value),
    range: [digits(0.6 * value), digits(1.3 * value)],
    level: "M",
    source: SOURCE,
    note: "memset() of pages in order; at random half as fast",
  };
}

function beyond(ns: number, executingNs: number, path: string): Quantity {
  const value = Math.max(LEAST_NS, ns - executingNs);
  return {
    value: digits(value),
    range: [digits(0.5 * value), digits(Math.max(1.5 * value, ns))],
    level: "M",
    source: SOURCE,
    note: `${path} in ${digits(ns)} ns, less ${digits(executingNs)} ns for its instructions`,
  };
}

/** Four digits: more would be noise. */
function digits(value: number): number {
  return Number(value.toPrecision(4));
}
