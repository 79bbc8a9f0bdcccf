import { decidePlacement } from "../hotplug/placement.ts";
import type { ArchitectureName } from "../scenario/words.ts";
import type { DaxFacts } from "./daxFacts.ts";
import { effectivePlacement, type PlacementFinding } from "./effectivePlacement.ts";
import type { KernelFacts } from "./kernelFacts.ts";
import { listedNumbers, numberAt, numbersIn, type SystemTree, textAt } from "./systemTree.ts";
import { type FreeByOrder, readFreeByOrder, type ZoneFacts } from "./zones.ts";

/** One memory block of sysfs. */
export interface BlockFacts {
  readonly id: number;
  readonly node: number | null;
  readonly state: string;
  /** The zone it is online in, or those it may go to. */
  readonly zones: string;
}

/** One NUMA node. */
export interface NodeInspection {
  readonly node: number;
  readonly cpus: number;
  readonly totalBytes: number | null;
  readonly freeBytes: number | null;
  /** Free memory in blocks of a PMD or more: what a memmap in DRAM is taken from first. */
  readonly freePmdBytes: number | null;
  readonly onlineBlocks: number;
  readonly offlineBlocks: number;
  readonly zones: readonly ZoneFacts[];
  readonly finding: PlacementFinding;
  /** Distances to nodes, in their order. */
  readonly distances: readonly number[];
  /** Number of the memory tier: smaller is faster. */
  readonly tier: number | null;
  /** ns and MB/s that the firmware gives for its nearest CPUs. */
  readonly access: { readonly readNs: number | null; readonly readMBps: number | null };
  readonly interleaveWeight: number | null;
}

const NODE = "sys/devices/system/node";
const BLOCKS = "sys/devices/system/memory";

/** Every memory block, ascending. */
export function readBlocks(tree: SystemTree, blockBytes: number): BlockFacts[] {
  if (blockBytes === 0) return [];
  const nodeOf = new Map<number, number>();
  for (const node of numbersIn(tree, NODE, "node"))
    for (const id of numbersIn(tree, `${NODE}/node${node}`, "memory")) if (!nodeOf.has(id)) nodeOf.set(id, node);
  return numbersIn(tree, BLOCKS, "memory").map((id) => ({
    id,
    node: nodeOf.get(id) ?? null,
    state: textAt(tree, `${BLOCKS}/memory${id}/state`)?.trim() ?? "unknown",
    zones: textAt(tree, `${BLOCKS}/memory${id}/valid_zones`)?.trim() ?? "",
  }));
}

/** What is known of all nodes together. */
export interface NodeInput {
  readonly zones: readonly ZoneFacts[];
  readonly blocks: readonly BlockFacts[];
  readonly dax: readonly DaxFacts[];
  readonly kernel: KernelFacts;
  readonly pageBytes: number;
  readonly blockBytes: number;
  readonly architecture: ArchitectureName | null;
}

/** Every node that sysfs or zoneinfo names. */
export function readNodes(tree: SystemTree, input: NodeInput): NodeInspection[] {
  const named = new Set([...numbersIn(tree, NODE, "node"), ...input.zones.map(({ node }) => node)]);
  const tiers = numbersIn(tree, "sys/devices/virtual/memory_tiering", "memory_tier").map((tier) => ({
    tier,
    nodes: listedNumbers(textAt(tree, `sys/devices/virtual/memory_tiering/memory_tier${tier}/nodelist`)),
  }));
  const free = readFreeByOrder(tree);
  return [...named]
    .sort((a, b) => a - b)
    .map((node) => ({
      ...nodeOf(tree, node, input, free),
      tier: tiers.find(({ nodes }) => nodes.includes(node))?.tier ?? null,
    }));
}

/** 2 MiB: what one PMD of the vmemmap maps, on all that have 4 KiB pages. */
const PMD_BYTES = 2 * 1024 ** 2;

function nodeOf(
  tree: SystemTree,
  node: number,
  input: NodeInput,
  free: readonly FreeByOrder[],
): Omit<NodeInspection, "tier"> {
  const at = `${NODE}/node${node}`;
  const { pageBytes, blockBytes } = input;
  const zones = input.zones.filter((zone) => zone.node === node);
  const own = input.blocks.filter((block) => block.node === node);
  const cpus = listedNumbers(textAt(tree, `${at}/cpulist`)).length;
  const said = textAt(tree, `${at}/meminfo`) ?? "";
  const kib = (key: string): number | null => {
    const found = new RegExp(`^Node \\d+ ${key}:\\s+(\\d{1,15}) kB`, "m").exec(said);
    return found ? 1024 * Number(found[1]) : null;
  };
  const [totalBytes, freeBytes] = [kib("MemTotal"), kib("MemFree")];
  const onlineBlocks = own.filter(({ state }) => state === "online" || state === "going-offline").length;
  const access = ["access1", "access0"].map((name) => `${at}/${name}/initiators`);
  const speed = (file: string) => access.map((dir) => numberAt(tree, `${dir}/${file}`)).find(Boolean) ?? null;
  const isKmem = input.dax.some((dax) => dax.node === node && dax.driver === "kmem");
  const lists = free.filter((row) => row.node === node);
  return {
    node,
    cpus,
    totalBytes,
    freeBytes: freeBytes ?? (lists.length > 0 ? freeOf(lists, pageBytes, 0) : null),
    freePmdBytes: lists.length > 0 ? freeOf(lists, pageBytes, Math.log2(PMD_BYTES / pageBytes)) : null,
    onlineBlocks,
    offlineBlocks: own.length - onlineBlocks,
    zones,
    finding: effectivePlacement({
      node,
      zones,
      blockPages: blockBytes / pageBytes,
      onlineBlocks,
      totalPages: totalBytes === null ? undefined : totalBytes / pageBytes,
      reservedPages: reservedPages(input),
      hasCpus: cpus > 0,
      isKmem,
      isVirtioMem: input.kernel.virtioMem && !isKmem,
    }),
    distances: (textAt(tree, `${at}/distance`) ?? "")
      .trim()
      .split(/\s+/)
      .filter((text) => /^\d{1,3}$/.test(text))
      .map(Number),
    access: { readNs: speed("read_latency"), readMBps: speed("read_bandwidth") },
    interleaveWeight: numberAt(tree, `sys/kernel/mm/mempolicy/weighted_interleave/node${node}`) ?? null,
  };
}

/** Kernel zones only: a memmap in DRAM is an unmovable allocation. */
function freeOf(lists: readonly FreeByOrder[], pageBytes: number, fromOrder: number): number {
  let pages = 0;
  for (const { zone, blocks } of lists) {
    if (zone === "Movable" || zone === "Device") continue;
    blocks.forEach((count, order) => {
      if (order >= fromOrder) pages += count * 2 ** order;
    });
  }
  return pages * pageBytes;
}

/** Struct pages of 64 bytes first; the others are rare builds. */
const STRUCT_PAGES = [64, 80, 96, 56];

function reservedPages({ kernel, pageBytes, blockBytes, architecture }: NodeInput): number[] {
  const sizes = STRUCT_PAGES.flatMap((structPageBytes) => {
    if (architecture !== null && kernel.release !== null) {
      try {
        const mode = kernel.memmapOnMemory === "force" ? "force" : "Y";
        return [
          decidePlacement({ kernel: kernel.release, architecture, blockBytes, structPageBytes, mode, driver: "direct" })
            .reservedPages,
        ];
      } catch {
        // No such struct page or block in this kernel: not a candidate.
        return [];
      }
    }
    return [Math.ceil(((blockBytes / pageBytes) * structPageBytes) / pageBytes)];
  });
  return sizes.length > 0 ? sizes : [Math.ceil(((blockBytes / pageBytes) * 64) / pageBytes)];
}
