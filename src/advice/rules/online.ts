import { SOFT_LOCKUP_NS } from "../../cost/softLockup.ts";
import { formatBytes, formatNs, threeDigits } from "../../units.ts";
import type { FitFacts } from "../facts.ts";
import type { AdviceRule } from "../rule.ts";

/** Kernel memory must hold page tables, slab and page cache metadata of movable memory. @source memory-hotplug.rst */
const MOST_MOVABLE_PER_KERNEL = 4;
/** A walk that makes up so much of the time is worth a word. Chosen. */
const LONG_WALK_NS = 10e9;

const onMemoryEvents = ({ simulation }: FitFacts) =>
  simulation?.devices.flatMap(({ prices }) => prices.onMemory ?? prices.dram ?? []) ?? [];

function walkNs(facts: FitFacts): number {
  return onMemoryEvents(facts)
    .filter(({ run }) => run.event.startsWith("online"))
    .flatMap(({ passes }) => passes)
    .filter(({ name }) => name === "zone-contiguous walk")
    .reduce((sum, { ns }) => sum + ns, 0);
}

/** What onlining meets. */
export const ONLINE_RULES: readonly AdviceRule[] = [
  {
    id: "movable-kernel-ratio",
    fires: ({ scenario, totals }) =>
      scenario.events.includes("online_movable") &&
      totals.addedBytes > MOST_MOVABLE_PER_KERNEL * scenario.machine.dramBytes,
    text: ({ scenario, totals }) =>
      `MOVABLE to KERNEL is ${threeDigits(totals.addedBytes / scenario.machine.dramBytes)}:1; beyond 4:1 kernel memory may run out`,
    source: "Documentation/admin-guide/mm/memory-hotplug.rst, ZONE_MOVABLE Sizing Considerations",
    evidence: "read-6.12",
    weight: 62,
  },
  {
    id: "long-walk",
    fires: (facts) => walkNs(facts) > LONG_WALK_NS,
    text: (facts) => `${formatNs(walkNs(facts))} of it walk the zone: one node a device, or larger blocks, help`,
    source: "mm/mm_init.c set_zone_contiguous",
    evidence: "read-6.12",
    weight: 58,
  },
  {
    id: "soft-lockup",
    fires: (facts) => onMemoryEvents(facts).some(({ longestStretch }) => longestStretch.interval[1] > SOFT_LOCKUP_NS),
    text: () => "a stretch without a scheduling point may pass 20 s: soft lockup",
    source: "kernel/watchdog.c, watchdog_thresh",
    evidence: "recalled",
    weight: 80,
  },
  {
    id: "memmap-node",
    fires: ({ scenario, plans }) =>
      plans.some(({ placement }) => !placement.selfHosted) && scenario.events.includes("online_kernel"),
    text: () => "a memmap in DRAM is asked from its own node: online_kernel memory there takes the next one",
    source: "mm/sparse-vmemmap.c vmemmap_alloc_block: alloc_pages_node(nid)",
    evidence: "read-6.12",
    weight: 50,
  },
  {
    id: "one-request",
    fires: ({ room }) => room.fits && room.isStated && room.basePagesBytes > 0,
    text: ({ room }) =>
      `${formatBytes(room.basePagesBytes)} of the memmap in DRAM in base pages: no free PMDs; TLB misses grow`,
    source: "mm/sparse-vmemmap.c vmemmap_populate_hugepages",
    evidence: "read-6.12",
    weight: 64,
  },
];
