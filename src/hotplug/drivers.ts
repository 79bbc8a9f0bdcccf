import { InputError, nearestName } from "../errors.ts";
import { type DaxKind, DRIVERS, type DriverName } from "../scenario/words.ts";
import type { Fact } from "./evidence.ts";
import type { KernelRules } from "./kernels.ts";

/** How one driver adds memory. */
export interface Driver {
  readonly name: DriverName;
  /** `supported`: sets the flag only when a test of the range says yes; `attribute`: a per-device request. */
  readonly asks: Fact<"always" | "supported" | "attribute" | "never">;
  /** Memory group of the blocks. */
  readonly group: "static" | "dynamic" | "none";
  /** Name of the resource. */
  readonly resource: string;
  /** Adjacent resources of the same name become one (MHP_MERGE_RESOURCE). */
  readonly mergesResources: boolean;
  /** `immediately`: online whatever the default; `policy`: auto_online_blocks decides; `user`: never by the kernel. */
  readonly onlines: "policy" | "immediately" | "user";
  /** How one request is cut: the whole range in one add, or one add for each block. */
  readonly request: "range" | "block";
  /** What becomes of a range that is no whole memory blocks: trimmed inward first, or the add fails. */
  readonly unaligned: Fact<"trimmed" | "refused">;
}

const KMEM = "drivers/dax/kmem.c dev_dax_kmem_probe";

/** The driver as kernel `rules` has it. @error InputError for an unknown name */
export function driver(name: string, rules: KernelRules): Driver {
  const known = drivers(rules).find((candidate) => candidate.name === name);
  if (known !== undefined) return known;
  const near = nearestName(name, DRIVERS);
  throw new InputError({
    what: `unknown driver "${name.slice(0, 40)}"${near === undefined ? "" : `, did you mean ${near}?`}`,
    expected: DRIVERS.join(", "),
    example: "acpi",
  });
}

/** What a driver does that nothing else is said of. */
const none = {
  group: "none",
  resource: "System RAM",
  mergesResources: false,
  request: "range",
  unaligned: { value: "refused", source: "mm/memory_hotplug.c check_hotplug_memory_range", evidence: "read-6.12" },
} as const;

function drivers(rules: KernelRules): readonly Driver[] {
  const never = (source: string): Driver["asks"] => ({ value: "never", source, evidence: "read-6.12" });
  const acpi = rules.acpiAsks;
  const attribute: Driver["asks"] = rules.daxAttribute.value
    ? { value: "attribute", source: `${KMEM}, attribute memmap_on_memory`, evidence: rules.daxAttribute.evidence }
    : { value: "never", source: KMEM, evidence: rules.daxAttribute.evidence };
  return [
    {
      ...none,
      name: "acpi",
      asks: { ...acpi, value: acpi.value === "always" ? "always" : "supported" },
      group: "static",
      onlines: "policy",
    },
    {
      ...none,
      name: "dax-kmem",
      asks: attribute,
      group: "static",
      resource: "System RAM (kmem)",
      onlines: "policy",
      unaligned: { value: "trimmed", source: "drivers/dax/kmem.c dax_kmem_range", evidence: "read-6.12" },
    },
    {
      ...none,
      name: "virtio-mem",
      asks: never("drivers/virtio/virtio_mem.c virtio_mem_add_memory"),
      group: "dynamic",
      resource: "System RAM (virtio_mem)",
      mergesResources: true,
      onlines: "policy",
      unaligned: {
        value: "trimmed",
        source: "drivers/virtio/virtio_mem.c virtio_mem_init_hotplug: parts of blocks are unusable",
        evidence: "list",
      },
    },
    {
      ...none,
      name: "ppc64-dlpar",
      asks: {
        value: "always",
        source: "arch/powerpc/platforms/pseries/hotplug-memory.c dlpar_add_lmb",
        evidence: "read-6.12",
      },
      onlines: "immediately",
      request: "block",
    },
    { ...none, name: "s390-sclp", asks: sclpAsks(rules), onlines: "user", request: "block" },
    { ...none, name: "hyper-v", asks: never("drivers/hv/hv_balloon.c"), mergesResources: true, onlines: "policy" },
    { ...none, name: "xen-balloon", asks: never("drivers/xen/balloon.c"), mergesResources: true, onlines: "policy" },
    {
      ...none,
      name: "sysfs-probe",
      asks: never("drivers/base/memory.c probe_store"),
      onlines: "policy",
      request: "block",
    },
    {
      ...none,
      name: "direct",
      asks: { value: "always", source: "include/linux/memory_hotplug.h MHP_MEMMAP_ON_MEMORY", evidence: "read-6.12" },
      onlines: "policy",
    },
  ];
}

function sclpAsks(rules: KernelRules): Driver["asks"] {
  const { value, source, evidence } = rules.s390;
  if (value === "no-memmap-on-memory") return { value: "never", source, evidence };
  return { value: value === "blocks-at-boot" ? "always" : "attribute", source, evidence };
}

/**
 * Whether a driver passes MHP_OFFLINE_INACCESSIBLE where it asks for memmap_on_memory: what it adds cannot be touched
 * before MEM_PREPARE_ONLINE, nor after MEM_FINISH_OFFLINE.
 *
 * @source drivers/s390/char/sclp_cmd.c add_memory_merged, sclp_mem_notifier, 6.12; gone in 6.19, which assigns before it adds
 */
export function isOfflineInaccessible(name: DriverName, rules: KernelRules): boolean {
  return name === "s390-sclp" && rules.prepareOnline.value;
}

/**
 * The `memmap_on_memory` attribute of a new dax device: on for CXL regions, off for every other kind.
 *
 * @source drivers/dax/cxl.c, pmem.c, hmem/hmem.c, bus.c, 6.12
 */
export function daxAttributeDefault(kind: DaxKind): boolean {
  return kind === "cxl";
}
