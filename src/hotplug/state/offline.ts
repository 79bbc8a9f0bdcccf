import type { HotplugMachine } from "./machine.ts";
import { type Errno, isKernelZone, type MemoryBlock, vmemmapPagesOf } from "./memoryBlock.ts";
import { adjustPresentPageCount, finishOffline } from "./online.ts";
import type { Zone } from "./zone.ts";

export interface OfflineOptions {
  /** A signal reaches the writer while pages still cannot be moved. A kernel-context caller has none. @default false */
  readonly signal?: boolean;
  /** What a recording says of a block whose use the model cannot know. */
  readonly refusal?: Errno;
  /** A recording says that it never ended: single slab pages of count 0, in kernels that have them. @default false */
  readonly endless?: boolean;
}

/** What is known of a block that a step takes offline. */
export type BlockKnowledge = (block: MemoryBlock) => OfflineOptions;

/** How offlining a block ended. */
export interface OfflineResult {
  readonly errno: Errno | undefined;
  /** False: the loop has no limit, and only a signal would end it. */
  readonly finishes: boolean;
  /** Rounds of scan, migrate and test. */
  readonly passes: number;
  readonly migratedPages: number;
  /** As the kernel's debug message quotes it, or why the loop does not end. */
  readonly reason: string | undefined;
}

const ended = (errno: Errno | undefined, reason?: string): OfflineResult => ({
  errno,
  finishes: true,
  passes: 0,
  migratedPages: 0,
  reason,
});

/**
 * device_offline of a memory block.
 *
 * @error  `EINVAL` when it is offline already or has no single zone; see offlinePages for the others
 * @source drivers/base/memory.c memory_block_offline, mm/memory_hotplug.c offline_pages, 6.1 and 6.12
 */
export function deviceOffline(
  machine: HotplugMachine,
  block: MemoryBlock,
  options: OfflineOptions = {},
): OfflineResult {
  if (block.state !== "online") return ended("EINVAL", "not online");
  const zone = block.zone;
  if (zone === undefined) return ended("EINVAL", "multizone range");
  const reserved = vmemmapPagesOf(block);
  adjustPresentPageCount(zone, block, -reserved);
  const result = offlinePages(machine, block, zone, options);
  if (!result.finishes) {
    // The writer still loops: nothing is taken back, and device_hotplug_lock stays held.
    block.state = "going-offline";
    machine.endless = { blockId: block.id, reason: result.reason ?? "" };
    return result;
  }
  if (result.errno !== undefined) {
    adjustPresentPageCount(zone, block, reserved);
    return result;
  }
  // mhp_deinit_memmap_on_memory: the memmap's own pages leave the zone last.
  if (reserved > 0) zone.shrink(block.startPfn, reserved);
  block.zone = undefined;
  block.state = "offline";
  block.use = {};
  finishOffline(machine, block);
  return result;
}

/** @error -EINVAL memory holes; -EBUSY unmovable; a veto's errno; -EINTR a signal while pages cannot be moved */
function offlinePages(machine: HotplugMachine, block: MemoryBlock, zone: Zone, options: OfflineOptions): OfflineResult {
  const reserved = vmemmapPagesOf(block);
  const startPfn = block.startPfn + reserved;
  const endPfn = block.startPfn + block.nrPages;
  const nrPages = endPfn - startPfn;
  if (block.ramPages < block.nrPages) return ended("EINVAL", "memory holes");
  if (options.refusal !== undefined && options.refusal !== "EBUSY") return ended(options.refusal, "as recorded");
  const unmovable = startIsolatePageRange(machine, block, zone, options.refusal !== undefined);
  if (unmovable) return ended("EBUSY", "failure to isolate range");
  zone.nrIsolatePageblock += nrPages / machine.pageblockPages;
  const result = goingOffline(machine, block, zone, startPfn, nrPages, options);
  if (!result.finishes) return result;
  zone.nrIsolatePageblock -= nrPages / machine.pageblockPages;
  if (result.errno !== undefined) {
    zone.freeLists?.undoIsolation(startPfn, endPfn, machine.settings.rules.isolateBit.value);
    return result;
  }
  zone.freeLists?.offlineRange(startPfn, endPfn);
  zone.managedPages -= nrPages;
  machine.totalramPages -= nrPages;
  adjustPresentPageCount(zone, block, -nrPages);
  if (machine.settings.rules.nodeNotifier.value && !machine.nodeHasMemory(zone.nid)) {
    machine.notify("NODE_REMOVED_LAST_MEMORY", startPfn, nrPages);
  }
  if (!zone.isPopulated) zone.forget();
  machine.notify("MEM_OFFLINE", startPfn, nrPages);
  zone.removeOnline({ startPfn: block.startPfn, endPfn });
  zone.shrink(startPfn, nrPages);
  return result;
}

/**
 * has_unmovable_pages by pageblock: the first, the last, then the others ascending. A refusal puts back what was
 * isolated. In ZONE_MOVABLE only reserved pages are looked at, so what cannot move is met later, in the loop.
 *
 * @source mm/page_isolation.c start_isolate_page_range, 6.1 and 6.12
 */
function startIsolatePageRange(machine: HotplugMachine, block: MemoryBlock, zone: Zone, refused: boolean): boolean {
  const startPfn = block.startPfn + vmemmapPagesOf(block);
  const endPfn = block.startPfn + block.nrPages;
  const { reservedPages = 0, singleSlabPages = 0 } = block.use;
  // A slab page with a count is met here; one of count 0 looks like a free page (has_unmovable_pages()).
  const slabPages = machine.settings.rules.frozenSlab.value ? 0 : singleSlabPages;
  const unmovablePages = (block.use.unmovablePages ?? 0) + slabPages;
  const pinnedPfn = isKernelZone(zone.name) ? firstPlacedMemmap(machine, startPfn, endPfn) : undefined;
  if (pinnedPfn === undefined) {
    return refused || reservedPages > 0 || (isKernelZone(zone.name) && unmovablePages > 0);
  }
  const lastPageblock = endPfn - machine.pageblockPages;
  const isLast = machine.placedMemmaps.has(lastPageblock);
  const isolatedEnd = isLast ? startPfn + machine.pageblockPages : pinnedPfn;
  zone.freeLists?.undoIsolation(startPfn, isolatedEnd, machine.settings.rules.isolateBit.value);
  return true;
}

/** The first pageblock in the range that holds the memmap of another block. */
export function firstPlacedMemmap(machine: HotplugMachine, startPfn: number, endPfn: number): number | undefined {
  for (let pfn = startPfn; pfn < endPfn; pfn += machine.pageblockPages) {
    if (machine.placedMemmaps.has(pfn)) return pfn;
  }
  return undefined;
}

function goingOffline(
  machine: HotplugMachine,
  block: MemoryBlock,
  zone: Zone,
  startPfn: number,
  nrPages: number,
  options: OfflineOptions,
): OfflineResult {
  const chain = machine.settings.rules.nodeNotifier.value;
  const nodePages = [...machine.zones.values()].filter((other) => other.nid === zone.nid);
  const last = chain && nodePages.reduce((sum, other) => sum + other.presentPages, 0) <= nrPages;
  const vetoed =
    bootMemoryVeto(machine, block) ??
    (last ? machine.notify("NODE_REMOVING_LAST_MEMORY", startPfn, nrPages) : undefined) ??
    machine.notify("MEM_GOING_OFFLINE", startPfn, nrPages);
  const result = vetoed === undefined ? migrateLoop(machine, block, zone, options) : ended(vetoed, "notifier failure");
  if (result.errno !== undefined) {
    machine.notify("MEM_CANCEL_OFFLINE", startPfn, nrPages);
    if (last) machine.notify("NODE_CANCEL_REMOVING_LAST_MEMORY", startPfn, nrPages);
  }
  return result;
}

/**
 * arm64 never lets go of boot memory.
 *
 * @source arch/arm64/mm/mmu.c prevent_bootmem_remove_notifier, 6.12: NOTIFY_BAD is -EPERM
 */
function bootMemoryVeto(machine: HotplugMachine, block: MemoryBlock): Errno | undefined {
  if (!block.boot || machine.settings.arch.family !== "arm64") return undefined;
  machine.log.push(
    `Boot memory [${hex(block.startPfn, machine)} ${hex(block.startPfn + block.nrPages, machine)}] offlining attempted`,
  );
  return "EPERM";
}

function hex(pfn: number, machine: HotplugMachine): string {
  return (pfn * machine.settings.arch.pageBytes).toString(16);
}

/**
 * Scan, migrate, dissolve, test: repeated without limit while anything is left. A page that never migrates therefore
 * ends in -EINTR with a signal, and without one the loop is reported as endless.
 */
function migrateLoop(
  machine: HotplugMachine,
  block: MemoryBlock,
  zone: Zone,
  { signal, endless }: OfflineOptions,
): OfflineResult {
  const { movablePages: migratedPages = 0, pinnedPages = 0, unmovablePages = 0, heldOfflinePages = 0 } = block.use;
  const { frozenSlab } = machine.settings.rules;
  const nrFrozen = isKernelZone(zone.name) && frozenSlab.value ? (block.use.singleSlabPages ?? (endless ? 1 : 0)) : 0;
  if (heldOfflinePages > 0) return ended("EBUSY", "unmovable page");
  const stuckPages = pinnedPages + nrFrozen + (isKernelZone(zone.name) ? 0 : unmovablePages);
  const passes = (migratedPages > 0 ? 1 : 0) + 1;
  if (stuckPages === 0) {
    const errno = block.use.dissolveErrno;
    const reason = errno === undefined ? undefined : "failure to dissolve huge pages";
    return { errno, finishes: true, passes, migratedPages, reason };
  }
  if (signal === true) return { errno: "EINTR", finishes: true, passes, migratedPages, reason: "signal backoff" };
  const reason =
    nrFrozen === stuckPages
      ? "single slab pages of count 0 pass isolation, and test_pages_isolated() fails for ever"
      : `${stuckPages} pages cannot be moved: never finishes without a signal`;
  return { errno: undefined, finishes: false, passes, migratedPages, reason };
}
