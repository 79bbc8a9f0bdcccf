import { InputError } from "../errors.ts";
import type { ArchitectureName } from "../scenario/words.ts";
import { type SystemTree, textAt } from "./systemTree.ts";

/** Parameters that decide where a memmap goes, as the machine says them; null: it does not. */
export interface KernelFacts {
  /** `6.12.117+deb12-amd64`; null without /proc/version. */
  readonly release: string | null;
  /** `debian`, `rhel`, `suse`, `ubuntu`, as the build says; null where it does not tell. */
  readonly distribution: string | null;
  readonly memmapOnMemory: "Y" | "N" | "force" | null;
  readonly onlinePolicy: string | null;
  readonly autoOnlineBlocks: string | null;
  /** Parameters of memory and hotplug; others are left out, and what may be a secret. */
  readonly commandLine: readonly string[];
  readonly hugetlbOptimizeVmemmap: boolean | null;
  readonly numaBalancing: number | null;
  readonly demotion: boolean | null;
  readonly kdumpLoaded: boolean | null;
  /** The hypervisor bit of the CPU, or /sys/hypervisor. */
  readonly isVirtual: boolean | null;
  readonly virtioMem: boolean;
  readonly damon: boolean;
}

/** Words of the command line that say something about memory; of all others only that they exist. */
export const MEMORY_PARAMETERS =
  /^(memory_hotplug\.|memhp_default_state=|hugetlb_free_vmemmap=|hugepages=|hugepagesz=|default_hugepagesz=|movable_node|movablecore=|kernelcore=|mem=|memmap=|efi=|crashkernel=|transparent_hugepage=|numa=|numa_balancing=|page_owner=|page_table_check=|debug_pagealloc=|init_on_alloc=|init_on_free=|disable_radix|vm_debug=|cma=|hugetlb_cma=|damon|shuffle=|page_alloc\.shuffle=|isolcpus=|nohz_full=|watchdog_thresh=|nosoftlockup|softlockup)/;

/** Reads what the kernel says of itself. @error InputError when a parameter holds what no kernel writes */
export function readKernelFacts(tree: SystemTree): KernelFacts {
  const version = textAt(tree, "proc/version");
  const parameter = (name: string) => textAt(tree, `sys/module/memory_hotplug/parameters/${name}`)?.trim() ?? null;
  const flag = (path: string): boolean | null => {
    const text = textAt(tree, path)?.trim();
    return text === undefined ? null : ["1", "Y", "true"].includes(text);
  };
  const balancing = textAt(tree, "proc/sys/kernel/numa_balancing")?.trim();
  return {
    release: /^Linux version (\S{1,80})/.exec(version ?? "")?.[1] ?? null,
    distribution: distributionOf(version ?? ""),
    memmapOnMemory: modeOf(parameter("memmap_on_memory"), tree),
    onlinePolicy: parameter("online_policy"),
    autoOnlineBlocks: textAt(tree, "sys/devices/system/memory/auto_online_blocks")?.trim() ?? null,
    commandLine: (textAt(tree, "proc/cmdline") ?? "").split(/\s+/).filter((word) => MEMORY_PARAMETERS.test(word)),
    hugetlbOptimizeVmemmap: flag("proc/sys/vm/hugetlb_optimize_vmemmap"),
    numaBalancing: balancing !== undefined && /^\d$/.test(balancing) ? Number(balancing) : null,
    demotion: flag("sys/kernel/mm/numa/demotion_enabled"),
    kdumpLoaded: flag("sys/kernel/kexec_crash_loaded"),
    isVirtual: virtualOf(tree),
    virtioMem:
      tree.list("sys/bus/virtio/drivers/virtio_mem").some((name) => /^virtio\d/.test(name)) ||
      /System RAM \(virtio_mem\)/.test(textAt(tree, "proc/iomem") ?? ""),
    damon: tree.list("sys/kernel/mm/damon/admin/kdamonds").some((name) => /^\d+$/.test(name)),
  };
}

function modeOf(text: string | null, tree: SystemTree): KernelFacts["memmapOnMemory"] {
  if (text === null || text === "Y" || text === "N" || text === "force") return text;
  throw new InputError({
    what: `"${text.slice(0, 40)}" is no value of memmap_on_memory`,
    where: `${tree.name}/sys/module/memory_hotplug/parameters/memmap_on_memory`,
    expected: "Y, N or force",
  });
}

function distributionOf(version: string): string | null {
  const marks: readonly (readonly [RegExp, string])[] = [
    [/Ubuntu/i, "ubuntu"],
    [/Debian|\+deb\d/i, "debian"],
    [/\.(el|fc)\d|Red Hat/i, "rhel"],
    [/SUSE|-default\b/i, "suse"],
    [/\.amzn\d/i, "rhel"],
  ];
  return marks.find(([mark]) => mark.test(version))?.[1] ?? null;
}

function virtualOf(tree: SystemTree): boolean | null {
  const cpus = textAt(tree, "proc/cpuinfo");
  if (cpus !== undefined && /^flags\s*:/m.test(cpus)) return /^flags\s*:.*\bhypervisor\b/m.test(cpus);
  return textAt(tree, "sys/hypervisor/type") === undefined ? null : true;
}

const FAMILIES: readonly (readonly [RegExp, "x86_64" | "arm64" | "ppc64" | "s390" | "riscv64" | "loongarch64"])[] = [
  [/x86_64|amd64/i, "x86_64"],
  [/aarch64|arm64/i, "arm64"],
  [/ppc64|powerpc64/i, "ppc64"],
  [/s390x?/i, "s390"],
  [/riscv64/i, "riscv64"],
  [/loongarch64/i, "loongarch64"],
];

const NAMES: Readonly<Record<string, ArchitectureName>> = {
  "x86_64 4096": "x86_64",
  "arm64 4096": "arm64-4k",
  "arm64 16384": "arm64-16k",
  "arm64 65536": "arm64-64k",
  "ppc64 4096": "ppc64-radix-4k",
  "ppc64 65536": "ppc64-radix-64k",
  "s390 4096": "s390",
  "riscv64 4096": "riscv64",
  "loongarch64 16384": "loongarch64-16k",
};

/** The architecture with its page size; null where the files do not tell. */
export function architectureOf(tree: SystemTree, pageBytes: number): ArchitectureName | null {
  const said = textAt(tree, "proc/sys/kernel/arch") ?? textAt(tree, "proc/version") ?? "";
  const cpus = textAt(tree, "proc/cpuinfo") ?? "";
  const family = /^vendor_id\s*:\s*(GenuineIntel|AuthenticAMD|HygonGenuine)/m.test(cpus)
    ? "x86_64"
    : (FAMILIES.find(([mark]) => mark.test(said))?.[1] ??
      // Zones of DMA memory below 4 GiB tell nothing; a memory block of x86 is one of its CPUs' vendors.
      // Only x86 has an I/O APIC among its resources.
      (/: IOAPIC/.test(textAt(tree, "proc/iomem") ?? "")
        ? "x86_64"
        : /^CPU implementer/m.test(cpus)
          ? "arm64"
          : /^cpu\s*:\s*POWER/m.test(cpus)
            ? "ppc64"
            : undefined));
  return family === undefined ? null : (NAMES[`${family} ${pageBytes}`] ?? null);
}
