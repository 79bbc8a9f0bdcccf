import { InputError } from "../errors.ts";
import type { ZoneContiguous } from "../linux/hotplugKernel.ts";
import { formatKernelVersion, isKernelBefore, type KernelVersion, readKernelVersion } from "../linux/version.ts";
import type { DatedFact, Fact } from "./evidence.ts";
import { STATE_RULES, type StateRules } from "./stateRules.ts";

/** The kernels that changed something for memmap_on_memory: the rows that `altmap explain` names. */
export const KERNEL_ROWS = ["5.14", "6.1", "6.6", "6.8", "6.11", "6.17", "6.19"] as const;

/** What one kernel version does. Each rule is a fact with its source. */
export interface KernelRules extends StateRules {
  /** Values that `memory_hotplug.memmap_on_memory=` accepts, besides off. */
  readonly modes: Fact<"bool" | "bool-or-force">;
  /** How much one add request may span and still be self-hosted. */
  readonly requestSpan: Fact<"one-block" | "any-blocks">;
  /** What add does when the caller asked and support is missing. */
  readonly unsupported: Fact<"-EINVAL" | "dram">;
  /** Whether the memmap must be whole PMDs on every architecture, or the architecture decides. */
  readonly memmapUnit: Fact<"whole-pmds" | "arch-hook">;
  /** Self-hosting excludes freeing the vmemmap of hugetlb pages (HVO). */
  readonly excludesHvo: Fact<boolean>;
  /** Architectures that select ARCH_MHP_MEMMAP_ON_MEMORY_ENABLE. */
  readonly architectures: Fact<readonly string[]>;
  /** When the ACPI DIMM driver sets MHP_MEMMAP_ON_MEMORY. */
  readonly acpiAsks: Fact<"when-supported" | "always">;
  readonly daxAttribute: Fact<boolean>; // memmap_on_memory, of each device
  /** What removal of a range needs: one block when it has vmemmap pages, or all blocks of one kind. */
  readonly removal: Fact<"one-block" | "unmixed">;
  /** How a hot-added page is marked until it is online. */
  readonly hotPageMark: Fact<"PG_reserved" | "PageOffline">;
  /** MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE around each block, with inaccessible memory (s390). */
  readonly prepareOnline: Fact<boolean>;
  /** How s390 standby memory comes in. */
  readonly s390: Fact<"no-memmap-on-memory" | "blocks-at-boot" | "configure-per-block">;
  /** Firmware advice (CXL windows) shrinks x86 memory blocks. */
  readonly blockSizeAdvice: Fact<boolean>;
  /** Isolation is a bit of the pageblock, so its migratetype survives offlining. */
  readonly isolateBit: Fact<boolean>;
  /** Node events have their own notifier chain. */
  readonly nodeNotifier: Fact<boolean>;
  /** Plugging one DIMM scans its siblings too, so that refused ones are tried again. */
  readonly acpiScansSiblings: Fact<boolean>;
  /** How a zone learns whether it is contiguous, at each online and offline. */
  readonly zoneContiguous: Fact<ZoneContiguous>;
  /** Largest struct page that the zeroing code accepts. */
  readonly maxStructPageBytes: Fact<number>;
}

type Table<Rules> = { readonly [Rule in keyof Rules]: readonly DatedFact<(Rules[Rule] & Fact<unknown>)["value"]>[] };

const HOTPLUG = "mm/memory_hotplug.c";
const BLOCK = "drivers/base/memory.c";

/** One table for every version difference: a rule holds from `since` until its next entry. */
const RULES: Table<Omit<KernelRules, keyof StateRules>> = {
  modes: [
    { since: "5.14", value: "bool", source: `${HOTPLUG} memmap_on_memory (module_param bool)`, evidence: "recalled" },
    { since: "6.1", value: "bool", source: `${HOTPLUG} memmap_on_memory (module_param bool)`, evidence: "read-6.1" },
    { since: "6.6", value: "bool-or-force", source: `${HOTPLUG} set_memmap_mode`, evidence: "list" },
    { since: "6.12", value: "bool-or-force", source: `${HOTPLUG} set_memmap_mode`, evidence: "read-6.12" },
  ],
  requestSpan: [
    { since: "5.14", value: "one-block", source: `${HOTPLUG} mhp_supports_memmap_on_memory`, evidence: "recalled" },
    { since: "6.1", value: "one-block", source: `${HOTPLUG} mhp_supports_memmap_on_memory`, evidence: "read-6.1" },
    { since: "6.6", value: "one-block", source: `${HOTPLUG} mhp_supports_memmap_on_memory`, evidence: "list" },
    { since: "6.8", value: "any-blocks", source: `${HOTPLUG} create_altmaps_and_memory_blocks`, evidence: "list" },
    {
      since: "6.12",
      value: "any-blocks",
      source: `${HOTPLUG} create_altmaps_and_memory_blocks`,
      evidence: "read-6.12",
    },
  ],
  unsupported: [
    { since: "5.14", value: "-EINVAL", source: `${HOTPLUG} add_memory_resource`, evidence: "recalled" },
    { since: "6.1", value: "-EINVAL", source: `${HOTPLUG} add_memory_resource`, evidence: "read-6.1" },
    { since: "6.6", value: "dram", source: `${HOTPLUG} add_memory_resource`, evidence: "list" },
    { since: "6.12", value: "dram", source: `${HOTPLUG} add_memory_resource`, evidence: "read-6.12" },
  ],
  memmapUnit: [
    { since: "5.14", value: "whole-pmds", source: `${HOTPLUG} mhp_supports_memmap_on_memory`, evidence: "recalled" },
    { since: "6.1", value: "whole-pmds", source: `${HOTPLUG} mhp_supports_memmap_on_memory`, evidence: "read-6.1" },
    { since: "6.6", value: "arch-hook", source: "arch_supports_memmap_on_memory", evidence: "list" },
    { since: "6.12", value: "arch-hook", source: "arch_supports_memmap_on_memory", evidence: "read-6.12" },
  ],
  excludesHvo: [
    {
      since: "5.14",
      value: true,
      source: `${HOTPLUG} mhp_supports_memmap_on_memory: !hugetlb_optimize_vmemmap_enabled()`,
      evidence: "list",
    },
    {
      since: "5.19",
      value: true,
      source: `${HOTPLUG} memmap_on_memory_set: hugetlb_free_vmemmap=on keeps it off`,
      evidence: "list",
    },
    { since: "6.0", value: false, source: "mm/hugetlb_vmemmap.c, PG_vmemmap_self_hosted", evidence: "list" },
    { since: "6.12", value: false, source: "mm/hugetlb_vmemmap.c, PG_vmemmap_self_hosted", evidence: "read-6.12" },
  ],
  architectures: [
    { since: "5.14", value: ["x86_64", "arm64"], source: "arch/*/Kconfig", evidence: "recalled" },
    { since: "6.6", value: ["x86_64", "arm64", "ppc64"], source: "arch/powerpc/Kconfig", evidence: "list" },
    { since: "6.8", value: ["x86_64", "arm64", "ppc64", "s390"], source: "arch/s390/Kconfig", evidence: "list" },
    {
      since: "6.11",
      value: ["x86_64", "arm64", "ppc64", "s390", "riscv64"],
      source: "arch/riscv/Kconfig, 64BIT && MMU",
      evidence: "list",
    },
    {
      since: "6.12",
      value: ["x86_64", "arm64", "ppc64", "s390", "riscv64"],
      source: "arch/*/Kconfig ARCH_MHP_MEMMAP_ON_MEMORY_ENABLE",
      evidence: "read-6.12",
    },
  ],
  acpiAsks: [
    {
      since: "5.14",
      value: "when-supported",
      source: "drivers/acpi/acpi_memhotplug.c acpi_memory_enable_device",
      evidence: "recalled",
    },
    {
      since: "6.1",
      value: "when-supported",
      source: "kernel 6.1 recordings: two-blocks-fall-back",
      evidence: "recorded",
    },
    {
      since: "6.6",
      value: "always",
      source: "drivers/acpi/acpi_memhotplug.c acpi_memory_enable_device",
      evidence: "list",
    },
    { since: "6.12", value: "always", source: "kernel 6.12 recordings: multi-block-self-hosted", evidence: "recorded" },
  ],
  daxAttribute: [
    { since: "5.14", value: false, source: "drivers/dax/kmem.c dev_dax_kmem_probe", evidence: "recalled" },
    { since: "6.8", value: true, source: "drivers/dax/bus.c memmap_on_memory_store", evidence: "list" },
    { since: "6.12", value: true, source: "drivers/dax/bus.c memmap_on_memory_store", evidence: "read-6.12" },
  ],
  removal: [
    { since: "5.14", value: "one-block", source: `${HOTPLUG} try_remove_memory`, evidence: "recalled" },
    { since: "6.1", value: "one-block", source: `${HOTPLUG} try_remove_memory`, evidence: "read-6.1" },
    { since: "6.8", value: "unmixed", source: `${HOTPLUG} memory_blocks_have_altmaps`, evidence: "list" },
    { since: "6.12", value: "unmixed", source: `${HOTPLUG} memory_blocks_have_altmaps`, evidence: "read-6.12" },
  ],
  hotPageMark: [
    { since: "5.14", value: "PG_reserved", source: "mm/page_alloc.c memmap_init_range", evidence: "recalled" },
    { since: "6.1", value: "PG_reserved", source: "mm/page_alloc.c memmap_init_range", evidence: "read-6.1" },
    { since: "6.11", value: "PageOffline", source: "mm/mm_init.c memmap_init_range", evidence: "list" },
    { since: "6.12", value: "PageOffline", source: "mm/mm_init.c memmap_init_range", evidence: "read-6.12" },
  ],
  prepareOnline: [
    { since: "5.14", value: false, source: `${BLOCK} memory_block_online`, evidence: "recalled" },
    { since: "6.1", value: false, source: `${BLOCK} memory_block_online`, evidence: "read-6.1" },
    { since: "6.8", value: true, source: `${BLOCK} memory_block_online`, evidence: "list" },
    { since: "6.12", value: true, source: `${BLOCK} memory_block_online`, evidence: "read-6.12" },
    { since: "6.19", value: false, source: `${BLOCK} memory_block_online`, evidence: "read-7.x" },
  ],
  s390: [
    { since: "5.14", value: "no-memmap-on-memory", source: "drivers/s390/char/sclp_cmd.c", evidence: "recalled" },
    {
      since: "6.8",
      value: "blocks-at-boot",
      source: "drivers/s390/char/sclp_cmd.c add_memory_merged",
      evidence: "list",
    },
    { since: "6.12", value: "blocks-at-boot", source: "drivers/s390/char/sclp_cmd.c", evidence: "read-6.12" },
    { since: "6.19", value: "configure-per-block", source: "drivers/s390/char/sclp_mem.c", evidence: "read-7.x" },
  ],
  blockSizeAdvice: [
    { since: "5.14", value: false, source: "arch/x86/mm/init_64.c probe_memory_block_size", evidence: "read-6.12" },
    { since: "6.15", value: true, source: "drivers/acpi/numa/srat.c acpi_parse_cfmws", evidence: "list" },
    { since: "7.3", value: true, source: "live Linux 7.3 with a CXL window: 256 MiB", evidence: "recorded" },
  ],
  isolateBit: [
    { since: "5.14", value: false, source: "mm/page_isolation.c set_migratetype_isolate", evidence: "read-6.12" },
    { since: "6.17", value: true, source: `${HOTPLUG} online_pages (PB_ISOLATE_MODE_*)`, evidence: "read-7.x" },
  ],
  nodeNotifier: [
    { since: "5.14", value: false, source: `${HOTPLUG} online_pages`, evidence: "read-6.12" },
    { since: "6.17", value: true, source: `${HOTPLUG} online_pages (NODE_ADDING_FIRST_MEMORY)`, evidence: "read-7.x" },
  ],
  acpiScansSiblings: [
    { since: "5.14", value: false, source: "drivers/acpi/scan.c acpi_scan_device_check", evidence: "recalled" },
    {
      since: "6.1",
      value: false,
      source: "live Linux 6.1.192: a refused DIMM is not tried again",
      evidence: "recorded",
    },
    { since: "6.9", value: true, source: "drivers/acpi/scan.c acpi_scan_device_check", evidence: "recalled" },
    { since: "6.12", value: true, source: "live Linux 6.12.117: refused DIMMs fail again", evidence: "recorded" },
  ],
  zoneContiguous: [
    { since: "5.14", value: "walk", source: "mm/page_alloc.c set_zone_contiguous, 7cf91a98e607", evidence: "recalled" },
    { since: "6.1", value: "walk", source: "mm/page_alloc.c set_zone_contiguous", evidence: "read-6.1" },
    { since: "6.12", value: "walk", source: "mm/mm_init.c set_zone_contiguous", evidence: "read-6.12" },
    { since: "7.3", value: "walk", source: "hp_online_movable_512_35: 768 reads of 3 blocks", evidence: "recorded" },
  ],
  maxStructPageBytes: [
    { since: "5.14", value: 80, source: "include/linux/mm.h mm_zero_struct_page", evidence: "recalled" },
    { since: "6.1", value: 96, source: "include/linux/mm.h mm_zero_struct_page", evidence: "recalled" },
  ],
};

/**
 * Reads the version of a kernel that can have memmap_on_memory: `"6.12.117-1~deb12u1"` is 6.12.
 *
 * @error InputError for text that is no version, or one below 5.14 (no memmap_on_memory for System RAM)
 */
export function hotplugVersion(text: string): KernelVersion {
  const version = readKernelVersion(text);
  const expected = `a Linux version from ${KERNEL_ROWS[0]} on`;
  if (version === undefined)
    throw new InputError({ what: `"${text.slice(0, 60)}" is no kernel version`, expected, example: "6.12" });
  if (!isKernelBefore(version, KERNEL_ROWS[0])) return version;
  throw new InputError({
    what: `kernel ${formatKernelVersion(version)} has no memmap_on_memory for hot-added memory`,
    expected,
  });
}

/** The row that serves a kernel: the nearest entry of KERNEL_ROWS at or below. @error as hotplugVersion */
export function kernelRow(text: string): (typeof KERNEL_ROWS)[number] {
  const version = hotplugVersion(text);
  return KERNEL_ROWS.findLast((row) => !isKernelBefore(version, row)) ?? KERNEL_ROWS[0];
}

/** Every rule of one kernel version. @error as hotplugVersion */
export function kernelRules(text: string): KernelRules {
  const version = hotplugVersion(text);
  const pick = <T>(entries: readonly DatedFact<T>[]): Fact<T> => {
    const entry = entries.findLast(({ since }) => !isKernelBefore(version, since));
    if (entry === undefined) throw new InputError({ what: `no rule for kernel ${formatKernelVersion(version)}` });
    return entry;
  };
  const tables: Record<string, readonly DatedFact<unknown>[]> = { ...RULES, ...STATE_RULES };
  return Object.fromEntries(
    Object.entries(tables).map(([name, facts]) => [name, pick(facts)]),
  ) as unknown as KernelRules;
}
