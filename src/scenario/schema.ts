import * as v from "valibot";
import { MACHINE_USE_ENTRIES } from "./machineUse.ts";
import { OPERATION_NAMES } from "./operationNames.ts";
import { ARCHITECTURES, DAX_KINDS, DRIVERS, WHAT_IFS } from "./words.ts";

const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const Size = v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))]);
/** What kstrtobool reads; YAML 1.2 gives on and off as text. */
const Switch = v.union([v.boolean(), v.picklist(["on", "off", "Y", "N", "y", "n"])]);

/** Plugged at once; each is planned and priced. */
export const MOST_DEVICES = 64;

const CxlWindow = v.strictObject({
  base: described(Size, "first physical address"),
  size: described(Size, "length of the window"),
});

const DramNode = v.strictObject({
  node: described(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1023)), "NUMA node"),
  size: described(Size, "its boot memory"),
  free: described(Size, "of it, free in kernel zones (/proc/buddyinfo)"),
  free_pmd: v.optional(
    described(Size, "of that, free in blocks of 2 MiB or more: what is not lies in base pages, which map slower"),
  ),
});

const Machine = v.strictObject({
  arch: v.optional(described(v.picklist(ARCHITECTURES), "architecture and base page size"), "x86_64"),
  platform: v.optional(
    described(v.picklist(["bare-metal", "vm"]), "decides the x86_64 memory block size (probe_memory_block_size)"),
    "bare-metal",
  ),
  dram: v.optional(described(Size, "boot memory, all nodes together"), "256GiB"),
  end_of_ram: v.optional(
    described(Size, "x86_64: address where boot memory ends, holes included; it decides the memory block size"),
  ),
  cxl_windows: v.optional(
    described(
      v.pipe(v.array(CxlWindow), v.maxLength(64)),
      "fixed memory windows of the firmware (CEDT CFMWS): where CXL devices without a start are placed, in order",
    ),
    [],
  ),
  dram_nodes: v.optional(
    described(
      v.pipe(v.array(DramNode), v.maxLength(64)),
      "free boot memory by node, as altmap inspect reads it: whether a memmap fits now; default: all of dram but its own memmap",
    ),
    [],
  ),
  memory_block: v.optional(
    described(Size, 'size of a memory block, or "auto": what a device profile states, else the architecture\'s rule'),
    "auto",
  ),
  struct_page_bytes: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(8), v.maxValue(128), v.multipleOf(8)),
      "sizeof(struct page): 64 as configured, or what if it were any multiple of 8 from 8 to 128",
    ),
    64,
  ),
  host: v.optional(described(v.string(), "id of a host profile: caches, clock, lines in flight"), "default"),
  cpus: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8192)),
      "CPUs (hardware threads) of the whole machine; default: those of the host profile, which is one socket",
    ),
  ),
});

const Device = v.strictObject({
  id: described(v.string(), "id of a device profile (altmap profiles list)"),
  capacity: v.optional(described(Size, "hot-added capacity; default: what the profile states, else 512GiB")),
  name: v.optional(
    described(
      v.pipe(v.string(), v.regex(/^[\w.:-]{1,40}$/, "a name such as dax0.0")),
      "as the machine calls it: dax0.0",
    ),
  ),
  count: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_DEVICES)),
      "so many of them, plugged one after the other",
    ),
    1,
  ),
  node: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1023)),
      "NUMA node of the memory; devices of one node share its zone. Default: that of its CXL window, else a node of its own",
    ),
  ),
  driver: v.optional(described(v.picklist(DRIVERS), "who calls add_memory: decides flags and groups"), "dax-kmem"),
  start: v.optional(described(Size, "physical address where the memory starts; default: aligned to a memory block")),
  memmap_on_memory: v.optional(
    described(
      v.union([v.boolean(), v.literal("default")]),
      "the device's memmap_on_memory attribute (dax/kmem), or that of each s390 block from 6.19 on; absent or \"default\": the kernel's own, on for a dax_kind of cxl, off for every other",
    ),
  ),
  dax_kind: v.optional(
    described(v.picklist(DAX_KINDS), "what created the dax device: decides the default of its attribute"),
  ),
});

const Kernel = v.strictObject({
  version: v.optional(described(v.string(), 'Linux version, quoted so that 6.10 is not 6.1: "6.12"'), "6.12"),
  memmap_on_memory: v.optional(
    described(
      v.union([v.boolean(), v.picklist(["Y", "N", "force", "y", "n", "on", "off"])]),
      "memory_hotplug.memmap_on_memory: Y, N or force (6.6+)",
    ),
    "Y",
  ),
  hugetlb_free_vmemmap: v.optional(
    described(Switch, "hugetlb_free_vmemmap=: vmemmap of huge pages is freed; excludes memmap_on_memory before 6.0"),
    false,
  ),
  mhp_memmap_on_memory: v.optional(described(Switch, "CONFIG_MHP_MEMMAP_ON_MEMORY is built in"), true),
  sparsemem_vmemmap: v.optional(described(Switch, "CONFIG_SPARSEMEM_VMEMMAP is built in"), true),
  what_if: v.optional(
    described(
      v.array(v.picklist(WHAT_IFS)),
      "proposals that were posted and never merged: a caller's flag that overrides the parameter (June 2023), a parameter that can be written at run time (August 2023)",
    ),
    [],
  ),
  pageblock_order: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
      "pages of a pageblock as a power of two, where CONFIG_HUGETLB_PAGE is off or PAGE_BLOCK_MAX_ORDER is set",
    ),
  ),
  disable_radix: v.optional(
    described(Switch, "ppc64 boot parameter: the hash MMU, which has no memmap_on_memory"),
    false,
  ),
  zone_contiguous: v.optional(
    described(
      v.picklist(["walk", "tracked"]),
      "how a zone learns whether it is contiguous: by a walk over its pageblocks at each online and offline, or by a count of online pages (posted in 2026); default: the version's, which is the walk up to 7.3",
    ),
  ),
  init_on_alloc: v.optional(
    described(
      Switch,
      "init_on_alloc=, CONFIG_INIT_ON_ALLOC_DEFAULT_ON: pages are cleared when they are allocated, a memmap in DRAM too; default: on, as Debian, Ubuntu and the recorded kernels have it",
    ),
    true,
  ),
  debug_vm: v.optional(described(v.boolean(), "CONFIG_DEBUG_VM: page_init_poison runs at add and at offline"), false),
});

/** The middle of the 0 to 36 % of pages found in order on a Zen 4 guest after 20 minutes of use (M, Linux 6.18). */
export const DEFAULT_PFN_ORDER = 0.2;

const Policy = v.strictObject({
  user_data_on_hot_added: v.optional(
    described(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      "share of a workload's own last-level-cache misses that go to the hot-added memory, the same in both placements",
    ),
    1,
  ),
  pfn_order: v.optional(
    described(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      "share of pages that an operation meets in the order of their pfns, 0 (all at random) to 1; 0 to 0.36 on a guest used for 20 minutes",
    ),
    DEFAULT_PFN_ORDER,
  ),
  blocks_in_use: v.optional(
    described(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      "share of the pages of a memory block that are in use, all movable, when it goes offline: they are migrated",
    ),
    1,
  ),
  folio: v.optional(
    described(Size, "size of the folios that operations work on: 4KiB, 16KiB to 1MiB (mTHP, from 6.8), 2MiB"),
    "4KiB",
  ),
  cpi: v.optional(
    described(
      v.strictTuple([
        v.pipe(v.number(), v.minValue(0.05), v.maxValue(100)),
        v.pipe(v.number(), v.minValue(0.05), v.maxValue(100)),
      ]),
      "range of cycles per instruction of a workload outside its memory stalls; default: the host profile's",
    ),
  ),
  ...MACHINE_USE_ENTRIES,
});

const HotplugEvent = v.picklist(["add", "online_movable", "online_kernel", "offline", "remove"]);

const Workload = v.strictObject({
  recording: v.optional(described(v.string(), "name of a packaged recording, or the path of one without suffix")),
  operation: v.optional(described(v.picklist(OPERATION_NAMES), "operation of core-mm, run at each of `footprints`")),
});

/** What a scenario file may say. Every key has a default: an empty file is the default scenario. */
export const ScenarioSchema = v.strictObject({
  schema: v.optional(described(v.literal("altmap/scenario-v1"), "version of this format"), "altmap/scenario-v1"),
  profiles: v.optional(
    described(v.string(), "profile file whose hosts and devices this scenario may name; its path from here"),
  ),
  machine: v.optional(described(Machine, "the machine before anything is plugged"), {}),
  devices: v.optional(
    described(
      v.pipe(v.array(Device), v.minLength(1), v.maxLength(MOST_DEVICES)),
      "what is hot-added, all of it together and in this order; default: every default device profile, each by itself",
    ),
  ),
  kernel: v.optional(described(Kernel, "which Linux, with which parameters"), {}),
  policy: v.optional(described(Policy, "where user data lies and what is assumed of the processor"), {}),
  events: v.optional(
    described(
      v.pipe(v.array(HotplugEvent), v.minLength(1), v.maxLength(16)),
      "hotplug events of the whole device, in order",
    ),
    ["add", "online_movable", "offline"],
  ),
  workloads: v.optional(
    described(
      v.pipe(v.array(Workload), v.maxLength(64)),
      "recordings to price, and operations to run at footprints; default: every packaged recording, and the operations that sweep struct pages",
    ),
  ),
  footprints: v.optional(
    described(
      v.pipe(v.array(Size), v.maxLength(16)),
      "also run recordings and operations over so much hot-added memory in use, 1GiB to 1TiB",
    ),
    [],
  ),
});

export type ScenarioFile = v.InferOutput<typeof ScenarioSchema>;
export type HotplugEvent = v.InferOutput<typeof HotplugEvent>;

/** The JSON Schema of scenario files, for editors. */
export async function scenarioJsonSchema(): Promise<object> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const schema = toJsonSchema(ScenarioSchema, { typeMode: "input" });
  return { title: "altmap scenario", ...schema };
}
