import type { DatedFact, Fact } from "./evidence.ts";

/** Rules of the steps that `altmap try` does; those of placement stand in kernels.ts. */
export interface StateRules {
  /** What a write to /sys/module/memory_hotplug/parameters/memmap_on_memory does. */
  readonly parameterAfterBoot: Fact<"fixed-at-boot">;
  /** What a write to a dax device's memmap_on_memory waits for. */
  readonly daxAttributeLock: Fact<"no-attribute" | "dax_dev_rwsem-killable">;
  /** Where the altmap of a self-hosted block comes from when it is removed. */
  readonly removalAltmap: Fact<"constructed" | "kept">;
  /** Slab pages have a reference count of 0: single ones pass isolation, and offlining goes on for ever. */
  readonly frozenSlab: Fact<boolean>;
}

type StateRuleTable = { readonly [Rule in keyof StateRules]: readonly DatedFact<StateRules[Rule]["value"]>[] };

const PARAMETER = "mm/memory_hotplug.c, memmap_on_memory is 0444; kernfs_fop_open refuses the write";
const REMOVE = "mm/memory_hotplug.c try_remove_memory";

export const STATE_RULES: StateRuleTable = {
  parameterAfterBoot: [
    { since: "5.14", value: "fixed-at-boot", source: PARAMETER, evidence: "recalled" },
    { since: "6.1", value: "fixed-at-boot", source: PARAMETER, evidence: "read-6.1" },
    { since: "6.12", value: "fixed-at-boot", source: PARAMETER, evidence: "read-6.12" },
  ],
  daxAttributeLock: [
    { since: "5.14", value: "no-attribute", source: "drivers/dax/bus.c", evidence: "recalled" },
    {
      since: "6.8",
      value: "dax_dev_rwsem-killable",
      source: "drivers/dax/bus.c memmap_on_memory_store: down_write_killable",
      evidence: "list",
    },
    {
      since: "6.12",
      value: "dax_dev_rwsem-killable",
      source: "drivers/dax/bus.c memmap_on_memory_store: down_write_killable; dax_bus_probe holds it for the size only",
      evidence: "read-6.12",
    },
  ],
  removalAltmap: [
    { since: "5.14", value: "constructed", source: `${REMOVE}, from nr_vmemmap_pages`, evidence: "recalled" },
    { since: "6.1", value: "constructed", source: `${REMOVE}, from nr_vmemmap_pages`, evidence: "read-6.1" },
    { since: "6.6", value: "kept", source: `${REMOVE}, memory_block.altmap`, evidence: "list" },
    {
      since: "6.12",
      value: "kept",
      source: "mm/memory_hotplug.c remove_memory_blocks_and_altmaps, memory_block.altmap",
      evidence: "read-6.12",
    },
  ],
  frozenSlab: [
    { since: "5.14", value: false, source: "mm/slub.c alloc_slab_page", evidence: "recalled" },
    {
      since: "6.1",
      value: false,
      source: "kernel 6.1 to 6.12 recordings: unmovable pages of count 1",
      evidence: "recorded",
    },
    { since: "6.14", value: true, source: "mm/slub.c alloc_slab_page (alloc_frozen_pages)", evidence: "recalled" },
    {
      since: "6.16",
      value: true,
      source: "live Linux 6.16 to 7.3: slab pages of count 0; 6.18.15: an offline that never ends",
      evidence: "recorded",
    },
  ],
};
