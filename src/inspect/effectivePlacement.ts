import type { ZoneFacts } from "./zones.ts";

/** Where the memmap of what is online on a node lies. */
export type EffectivePlacement = "on-memory" | "dram" | "mixed";

/** The finding, and how it is known. */
export interface PlacementFinding {
  /** null: the node has no memory online. */
  readonly placement: EffectivePlacement | null;
  readonly how: string;
  /** Online memory that was there at boot: its memmap was placed then, whatever the parameter says. */
  readonly isBoot: boolean;
  /** Blocks that host their memmap, of those of hot-added memory; null where nothing tells. */
  readonly selfHostedBlocks: number | null;
  readonly hotAddedBlocks: number;
}

/** What decides it. */
export interface NodePages {
  readonly node: number;
  /** Those of the node, with memory. */
  readonly zones: readonly ZoneFacts[];
  /** Pages of one memory block. */
  readonly blockPages: number;
  readonly onlineBlocks: number;
  /** MemTotal of the node in pages; undefined: not said. */
  readonly totalPages: number | undefined;
  /** Pages that one block may reserve for its own memmap, the likeliest first: by the size of struct page and the mode. */
  readonly reservedPages: readonly number[];
  readonly hasCpus: boolean;
  /** A dax device that kmem has bound is of this node. */
  readonly isKmem: boolean;
  /** Only virtio-mem can have added it, which never asks; what it has not plugged of a block is not managed either. */
  readonly isVirtioMem: boolean;
}

const BOOT_ZONES = ["DMA", "DMA32"];

/**
 * Self-hosted pages are present in their zone and not managed by it; a memmap in DRAM takes nothing from the zone of
 * what it describes. So present - managed of hot-added memory is a whole number of reserved ranges, one for each block
 * that hosts its memmap, and MemTotal of the node is what is managed. Boot memory loses more than its own memmap, to
 * which the kernel and reservations come.
 *
 * @source mm/memory_hotplug.c memory_block_online: adjust_present_page_count() for the memmap's own pages,
 *         online_pages() for the rest; drivers/base/node.c node_read_meminfo: MemTotal is the sum of managed (6.12)
 */
export function effectivePlacement(pages: NodePages): PlacementFinding {
  const { zones, onlineBlocks } = pages;
  if (onlineBlocks === 0 && zones.length === 0 && !pages.totalPages)
    return { placement: null, how: "no memory online", isBoot: false, selfHostedBlocks: null, hotAddedBlocks: 0 };
  if (zones.length === 0) return byMemTotal(pages);
  const findings = zones.map((zone) => zoneFinding(zone, pages));
  const hot = findings.filter((finding) => finding !== undefined);
  const isBoot = findings.some((finding) => finding === undefined);
  if (hot.length === 0) {
    const how = "boot memory: what zones lose is no whole number of blocks' memmaps";
    return { placement: "dram", how, isBoot: true, selfHostedBlocks: null, hotAddedBlocks: 0 };
  }
  const [hosted, blocks] = [sumOf(hot, "selfHosted"), sumOf(hot, "blocks")];
  const lost = hot.map(
    ({ zone, lostPages }) =>
      `${zone.zone}: present ${zone.presentPages} - managed ${zone.managedPages} = ${lostPages} pages`,
  );
  const boot = isBoot ? "; the rest of the node is boot memory" : "";
  return {
    placement: placementOf(hosted, blocks),
    how: `${lost.join("; ")}: the memmaps of ${hosted} of ${blocks} blocks${boot}`,
    isBoot,
    selfHostedBlocks: hosted,
    hotAddedBlocks: blocks,
  };
}

const sumOf = (findings: readonly ZoneFinding[], key: "selfHosted" | "blocks"): number =>
  findings.reduce((sum, finding) => sum + finding[key], 0);

const placementOf = (hosted: number, blocks: number): EffectivePlacement =>
  hosted === 0 ? "dram" : hosted === blocks ? "on-memory" : "mixed";

interface ZoneFinding {
  readonly zone: ZoneFacts;
  readonly blocks: number;
  readonly selfHosted: number;
  readonly lostPages: number;
}

/** Undefined: boot memory. */
function zoneFinding(zone: ZoneFacts, pages: NodePages): ZoneFinding | undefined {
  const { presentPages, managedPages } = zone;
  const blocks = presentPages / pages.blockPages;
  const lostPages = presentPages - managedPages;
  if (BOOT_ZONES.includes(zone.zone) || !Number.isInteger(blocks) || lostPages < 0) return undefined;
  if (pages.isVirtioMem) return { zone, blocks, selfHosted: 0, lostPages };
  const exact = pages.reservedPages.find((reserved) => lostPages % reserved === 0 && lostPages / reserved <= blocks);
  if (exact !== undefined) return { zone, blocks, selfHosted: lostPages / exact, lostPages };
  // A balloon takes single pages out of a zone: of memory that is hot-added for certain the nearest number counts.
  if (!pages.isKmem || pages.hasCpus) return undefined;
  const reserved = pages.reservedPages[0]!;
  return { zone, blocks, selfHosted: Math.min(blocks, Math.floor(lostPages / reserved)), lostPages };
}

/** Without /proc/zoneinfo: MemTotal of the node against its blocks. */
function byMemTotal({
  onlineBlocks,
  blockPages,
  totalPages,
  reservedPages,
  hasCpus,
  isKmem,
}: NodePages): PlacementFinding {
  const lost = totalPages === undefined ? undefined : onlineBlocks * blockPages - totalPages;
  const exact = reservedPages.find(
    (reserved) => lost !== undefined && lost % reserved === 0 && lost / reserved <= onlineBlocks,
  );
  if (lost === undefined || lost < 0 || exact === undefined || (hasCpus && !isKmem)) {
    const how =
      lost === undefined
        ? "neither zoneinfo nor MemTotal of the node is known"
        : "MemTotal against its blocks: boot memory";
    const placement = lost === undefined ? null : "dram";
    return { placement, how, isBoot: true, selfHostedBlocks: null, hotAddedBlocks: 0 };
  }
  const hosted = lost / exact;
  return {
    placement: placementOf(hosted, onlineBlocks),
    how: `MemTotal is ${lost} pages less than ${onlineBlocks} blocks: the memmaps of ${hosted} of them`,
    isBoot: false,
    selfHostedBlocks: hosted,
    hotAddedBlocks: onlineBlocks,
  };
}
