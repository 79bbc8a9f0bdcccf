import * as v from "valibot";

/** What a machine does, as far as core-mm sees it. Their rates: `machine/machineClasses.ts`. */
export const MACHINE_CLASS_NAMES = [
  "idle",
  "vm-host",
  "kubernetes",
  "container-platform",
  "business-vm",
  "page-cache",
  "application-server",
  "mmap-store",
  "build-server",
  "exec-loop",
  "hpc",
  "hpc-communication",
  "key-value-fill",
] as const;
export type MachineClassName = (typeof MACHINE_CLASS_NAMES)[number];

/** Taken where a scenario states neither a class nor rates: a server that runs a bit of everything. */
const DEFAULT_MACHINE_CLASS: MachineClassName = "container-platform";

/** Rates that a scenario states under `policy.rates`, and the two that are keys of their own. */
const STATED_RATE_NAMES = ["faults", "thp_faults", "allocations", "forks", "reclaims", "migrations"] as const;
export const RATE_NAMES = [...STATED_RATE_NAMES, "hint_faults", "promotions"] as const;
export type RateName = (typeof RATE_NAMES)[number];

/** Above what a machine of thousands of CPUs could do: a slip of the unit. */
const MAX_RATE = 1e12;

const rate = (description: string) =>
  v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_RATE), v.description(description)));
const share = () => v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const Rates = v.strictObject({
  faults: rate("page faults a second (pgfault of /proc/vmstat), NUMA hint faults among them"),
  thp_faults: rate("faults a second that got a huge page (thp_fault_alloc)"),
  allocations: rate("pages allocated a second (sum of pgalloc_*), each taken to be freed later"),
  forks: rate("processes made a second (processes of /proc/stat)"),
  reclaims: rate("pages reclaimed a second (pgsteal_anon + pgsteal_file)"),
  migrations: rate("pages migrated a second (pgmigrate_success), promotions not among them"),
});

/** Keys of `policy` that say what the machine does and how its struct pages are met. */
export const MACHINE_USE_ENTRIES = {
  memmap_cpu_node: v.optional(
    v.pipe(
      share(),
      v.description(
        "share of CPUs for which a memmap in DRAM is remote, 0 to 1: it lies on one node, remote for half the CPUs of two sockets (0.5)",
      ),
    ),
    0,
  ),
  llc_share: v.optional(
    v.pipe(
      v.number(),
      v.gtValue(0),
      v.maxValue(1),
      v.description("share of the last-level cache left to struct pages by application data, above 0 to 1"),
    ),
    1,
  ),
  class: v.optional(
    v.pipe(
      v.picklist(MACHINE_CLASS_NAMES),
      v.description(
        `what the machine does: decides every rate that "rates" does not state; default without rates: ${DEFAULT_MACHINE_CLASS}`,
      ),
    ),
  ),
  rates: v.optional(
    v.pipe(
      Rates,
      v.description(
        "operations of core-mm per second, of the whole machine; without a class, those not stated are none, but allocations, which follow from faults",
      ),
    ),
  ),
  promoted_pages_per_second: rate(
    "pages promoted a second from the hot-added memory (pgpromote_success); default: none",
  ),
  hint_faults_per_second: rate("NUMA hint faults a second (numa_hint_faults); default: those of the class"),
};

/** What a scenario says of its use of memory. */
export interface MachineUse {
  /** Share of CPUs for which a memmap in DRAM is remote. */
  readonly memmapCpuNode: number;
  /** Share of the LLC left to struct pages. */
  readonly llcShare: number;
  /** undefined: only the stated rates count. */
  readonly machineClass: MachineClassName | undefined;
  /** Nobody stated it. */
  readonly classAssumed: boolean;
  /** Per second of the whole machine, as stated. */
  readonly rates: { readonly [Name in RateName]?: number | undefined };
}

type StatedUse = v.InferOutput<v.ObjectSchema<typeof MACHINE_USE_ENTRIES, undefined>>;

/** The use of memory that the keys of `policy` state, with the class that is assumed where they state nothing. */
export function machineUseOf(policy: StatedUse): MachineUse {
  const { rates, promoted_pages_per_second: promotions, hint_faults_per_second: hintFaults } = policy;
  const classAssumed = policy.class === undefined && rates === undefined;
  return {
    memmapCpuNode: policy.memmap_cpu_node,
    llcShare: policy.llc_share,
    machineClass: policy.class ?? (classAssumed ? DEFAULT_MACHINE_CLASS : undefined),
    classAssumed,
    rates: { ...rates, promotions, hint_faults: hintFaults },
  };
}
