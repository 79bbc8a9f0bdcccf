import type { MachineClassName, RateName } from "../../scenario/machineUse.ts";
import type { EvidenceLevel, Quantity } from "../provenance.ts";
import { q } from "../quantity.ts";

/** Operations of core-mm per second that machines of one kind were seen to do. */
interface MachineClass {
  readonly does: string;
  /** Rates are of the whole machine, or of each of its CPUs. */
  readonly per: "machine" | "cpu";
  /** CPUs of the machines whose rates these are: larger ones are taken to do as much a CPU. Absent: not scaled. */
  readonly nrCpus?: number;
  /** Mapped pages whose struct pages one fork touches, where more is known than `PAGES_A_FORK`. */
  readonly pagesAFork?: Quantity;
  /** Low to high over the machines that were found. Absent: none, or not known. */
  readonly rates: Readonly<Partial<Record<RateName, Quantity>>>;
}

const seen =
  (source: string, level: EvidenceLevel = "V") =>
  (value: number, low: number, high: number, note?: string): Quantity =>
    q(value, level, source, { range: [low, high], ...(note !== undefined && { note }) });

const counters = seen("sar-notes");
const reports = seen("lkp");
const tables = seen("mmtests-mails");
const assumed = seen("assumed", "R");

const MOSTLY_THREADS = "processes of /proc/stat: mostly threads, which share no page";

/** No counter tells them; faults for each process made: 27 in a spawn loop, 100 of /bin/true, 325 on a node. */
export const PAGES_A_FORK: Quantity = assumed(100, 20, 400);

/**
 * Allocations are pages freed a second where only those were published. Rates of one class are drawn together: a busy
 * machine has more of each.
 */
export const MACHINE_CLASSES: Readonly<Record<MachineClassName, MachineClass>> = {
  idle: {
    does: "idle server, VM or desktop of any size",
    per: "machine",
    rates: { faults: counters(400, 18, 700), allocations: counters(1000, 8, 1700), forks: counters(0.6, 0.2, 2) },
  },
  "vm-host": {
    does: "KVM host",
    per: "machine",
    nrCpus: 24,
    rates: {
      faults: counters(590, 230, 1100),
      allocations: counters(1100, 880, 1700),
      forks: assumed(1, 0.1, 5, "few"),
    },
  },
  kubernetes: {
    does: "small Kubernetes node of 2 to 4 CPUs",
    per: "machine",
    nrCpus: 3,
    rates: {
      faults: counters(10_000, 4300, 21_000),
      allocations: counters(13_600, 4000, 17_600, "the low end is assumed"),
      forks: counters(13, 6, 26, "one machine; the range is assumed"),
    },
  },
  "container-platform": {
    does: "container platform, 16 to 24 CPUs",
    per: "machine",
    nrCpus: 20,
    pagesAFork: assumed(10, 1, 100, MOSTLY_THREADS),
    rates: {
      faults: counters(7700, 4200, 35_000),
      allocations: counters(19_000, 5400, 31_000),
      forks: counters(120, 86, 170, MOSTLY_THREADS),
    },
  },
  "business-vm": {
    does: "business VM by the day",
    per: "machine",
    nrCpus: 14,
    rates: {
      faults: counters(3500, 1600, 25_000),
      allocations: counters(2900, 1200, 17_500),
      forks: counters(10, 8, 16),
    },
  },
  "page-cache": {
    does: "heavy use of the page cache: backup, scans, logs",
    per: "machine",
    rates: {
      faults: counters(6000, 2900, 180_000),
      allocations: counters(25_000, 14_000, 470_000),
      forks: counters(20, 6, 52),
    },
  },
  "application-server": {
    does: "busy application server of 64 GiB",
    per: "machine",
    rates: { faults: counters(73_000, 67_000, 80_000), allocations: counters(203_000, 183_000, 229_000) },
  },
  "mmap-store": {
    does: "store with mapped data, under reclaim",
    per: "machine",
    rates: {
      faults: counters(8000, 7300, 9100),
      allocations: counters(218_000, 198_000, 237_000),
      reclaims: counters(181_000, 163_000, 199_000, "stolen; the range is that of its frees"),
    },
  },
  "build-server": {
    does: "builds",
    per: "cpu",
    rates: {
      faults: reports(14_000, 9300, 18_000),
      allocations: reports(13_000, 5500, 17_000),
      forks: seen("zen4-vm", "C")(13, 6, 80, "80 beside 87,000 faults a second in a compiler loop"),
    },
  },
  "exec-loop": {
    does: "starts programs all the time",
    per: "cpu",
    pagesAFork: assumed(50, 25, 100, "27 faults a process in a spawn loop, 100 of /bin/true"),
    rates: {
      faults: reports(66_000, 23_000, 103_000),
      allocations: reports(34_000, 18_000, 63_000, "geometric middle of two"),
      forks: reports(620, 230, 2500),
    },
  },
  hpc: {
    does: "MPI, computing",
    per: "cpu",
    rates: {
      faults: tables(900, 350, 2000),
      hint_faults: tables(780, 280, 1860, "80 to 93 % of the faults"),
      allocations: tables(160, 140, 190),
    },
  },
  "hpc-communication": {
    does: "MPI, bound by communication",
    per: "cpu",
    rates: {
      faults: tables(8100, 4000, 16_000, "one machine; a factor of two either way is assumed"),
      hint_faults: assumed(5200, 2550, 10_200, "what its faults exceed its allocations by"),
      allocations: tables(2900, 1450, 5800, "one machine; a factor of two either way is assumed"),
    },
  },
  "key-value-fill": {
    does: "key-value store being filled, 96 CPUs",
    per: "machine",
    rates: {
      faults: reports(267_000, 133_000, 534_000, "one machine; a factor of two either way is assumed"),
      hint_faults: reports(145_000, 72_500, 290_000, "54 % of the faults"),
      allocations: reports(154_000, 77_000, 308_000, "one machine; a factor of two either way is assumed"),
    },
  },
};
