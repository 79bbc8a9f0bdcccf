import { isKernelBefore, readKernelVersion } from "../../linux/version.ts";
import { formatBytes } from "../../units.ts";
import type { FitFacts } from "../facts.ts";
import type { AdviceRule } from "../rule.ts";

const HOTPLUG = "mm/memory_hotplug.c";

/** Whether a condition of that name is not met by a device, all else aside. */
const lacks = ({ asIs }: FitFacts, name: RegExp): boolean =>
  asIs.some(({ placement }) => placement.conditions.some((one) => !one.holds && name.test(one.name)));

const unmet = ({ asIs }: FitFacts, name: RegExp): string =>
  asIs.flatMap(({ placement }) => placement.conditions).find((one) => !one.holds && name.test(one.name))?.unmet ?? "";

const ASKS = /^the driver asks/;

/** Why a memmap may not lie on the memory. */
export const PLACEMENT_RULES: readonly AdviceRule[] = [
  {
    id: "parameter-off",
    fires: (facts) => lacks(facts, /^memory_hotplug\.memmap_on_memory is on/),
    text: () => "memory_hotplug.memmap_on_memory is off, and only a reboot sets it",
    source: `${HOTPLUG} memmap_on_memory_ops, mode 0444`,
    evidence: "read-6.12",
    weight: 90,
  },
  {
    id: "attribute-off",
    fires: ({ asIs }) =>
      asIs.some(
        ({ device, placement }) =>
          device.driver === "dax-kmem" &&
          placement.conditions.some((one) => !one.holds && /^attribute memmap_on_memory is 0/.test(one.value)),
      ),
    text: ({ plans }) =>
      `memmap_on_memory of ${plans[0]?.device.name ?? "the dax device"} is 0: write 1 before kmem binds`,
    source: "drivers/dax/bus.c memmap_on_memory_store",
    evidence: "read-6.12",
    weight: 88,
  },
  {
    id: "driver-never-asks",
    fires: (facts) =>
      facts.plans.some(({ placement }) =>
        placement.conditions.some((one) => !one.holds && /never asks/.test(one.value)),
      ),
    text: ({ plans }) => `${plans[0]?.device.driver} never asks for a memmap on the memory: it lies in DRAM`,
    source: "drivers/virtio/virtio_mem.c, drivers/hv/hv_balloon.c, drivers/dax/kmem.c before 6.8",
    evidence: "read-6.12",
    weight: 86,
  },
  {
    id: "kernel-too-old",
    fires: ({ scenario }) => isOlder(scenario.kernel.version, "6.8"),
    text: ({ scenario }) =>
      `Linux ${scenario.kernel.version} hosts a memmap only on a request of one block: 6.8 any range`,
    source: `${HOTPLUG} mhp_supports_memmap_on_memory, create_altmaps_and_memory_blocks`,
    evidence: "read-6.1",
    weight: 84,
  },
  {
    id: "pmd-alignment",
    fires: (facts) => lacks(facts, /whole PMDs/),
    text: (facts) => unmet(facts, /whole PMDs/),
    source: "include/linux/memory_hotplug.h arch_supports_memmap_on_memory",
    evidence: "read-6.12",
    weight: 82,
  },
  {
    id: "pageblock-alignment",
    // Force helps where nothing else stands in the way.
    fires: (facts) =>
      lacks(facts, /whole pageblocks/) &&
      !lacks(facts, /whole PMDs|whole pages|pages remain/) &&
      facts.mode !== "force",
    text: () => "reserved pages are no whole pageblocks: =force rounds them up, and wastes the rest",
    source: `${HOTPLUG} memory_block_memmap_on_memory_pages`,
    evidence: "read-6.12",
    weight: 82,
  },
  {
    id: "struct-page-size",
    fires: ({ scenario }) => scenario.machine.structPageBytes !== 64,
    text: ({ scenario }) =>
      `struct page of ${scenario.machine.structPageBytes} bytes: a memmap is ${share(scenario.machine.structPageBytes)} of 64-byte ones, and alignment follows`,
    source: "include/linux/mm_types.h",
    evidence: "read-6.12",
    weight: 60,
  },
  {
    id: "block-size-loses",
    fires: ({ plans }) => plans.some(({ range }) => range.lostAtStartBytes + range.lostAtEndBytes > 0),
    text: ({ plans }) => {
      const lost = plans.reduce((sum, { range }) => sum + range.lostAtStartBytes + range.lostAtEndBytes, 0);
      return `${formatBytes(lost)} are lost to whole memory blocks of ${formatBytes(plans[0]!.blockBytes)}`;
    },
    source: "drivers/dax/kmem.c dax_kmem_range",
    evidence: "read-6.12",
    weight: 70,
  },
  {
    id: "force-wastes",
    fires: ({ plans }) => plans.some(({ placement }) => placement.selfHosted && placement.wastePages > 0),
    text: ({ plans }) => {
      const { placement, pageBytes, blockBytes } = plans.find((plan) => plan.placement.wastePages > 0)!;
      return `force wastes ${formatBytes(placement.wastePages * pageBytes)} of each block of ${formatBytes(blockBytes)}`;
    },
    source: `${HOTPLUG} memory_block_memmap_on_memory_pages`,
    evidence: "read-6.12",
    weight: 66,
  },
  {
    id: "attribute-ignored",
    fires: (facts) =>
      !lacks(facts, ASKS) && facts.mode === "N" && facts.plans.some(({ device }) => device.driver === "dax-kmem"),
    text: () => "the device asks, but without the boot parameter that is ignored, silently",
    source: "drivers/dax/kmem.c dev_dax_kmem_probe, mhp_supports_memmap_on_memory",
    evidence: "read-6.12",
    weight: 89,
  },
];

const share = (bytes: number): string => `${Math.round((100 * bytes) / 64)} %`;

function isOlder(text: string, release: string): boolean {
  const version = readKernelVersion(text);
  return version !== undefined && isKernelBefore(version, release);
}
