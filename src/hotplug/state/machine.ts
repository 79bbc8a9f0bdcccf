import type { WhatIf } from "../../scenario/words.ts";
import type { Architecture } from "../architectures.ts";
import type { KernelRules } from "../kernels.ts";
import type { MemmapOnMemoryMode } from "../placementInput.ts";
import { FreeLists } from "./freeLists.ts";
import type { AutoOnline, Errno, MemoryBlock, MemoryGroup } from "./memoryBlock.ts";
import type { ResourceTree } from "./resources.ts";
import { type PfnRange, ZONES, Zone, type ZoneName } from "./zone.ts";

/** Notifier events of one block, in the kernel's names. */
export type MemoryEvent =
  | "MEM_PREPARE_ONLINE"
  | "MEM_GOING_ONLINE"
  | "MEM_ONLINE"
  | "MEM_CANCEL_ONLINE"
  | "MEM_GOING_OFFLINE"
  | "MEM_OFFLINE"
  | "MEM_CANCEL_OFFLINE"
  | "MEM_FINISH_OFFLINE"
  | "NODE_ADDING_FIRST_MEMORY"
  | "NODE_ADDED_FIRST_MEMORY"
  | "NODE_CANCEL_ADDING_FIRST_MEMORY"
  | "NODE_REMOVING_LAST_MEMORY"
  | "NODE_REMOVED_LAST_MEMORY"
  | "NODE_CANCEL_REMOVING_LAST_MEMORY";

/** Where an add can fail inside one block, for rollback. */
export type AddStage = "tryOnlineNode" | "altmap" | "archAddMemory" | "memoryBlockDevice";

/** struct memory_notify: what a notifier is told. @source include/linux/memory.h, 6.12 */
export interface EventRecord {
  readonly event: MemoryEvent;
  /** The pages that the event is about, without a memmap that lies on them. */
  readonly startPfn: number;
  readonly nrPages: number;
  /** MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE only: start of the block, and the pages of its own memmap (0: none). */
  readonly altmapStartPfn?: number;
  readonly altmapNrPages?: number;
}

/** Failures that a test or scenario injects; the default never fails. */
export interface Hooks {
  /** A notifier's veto: an errno stops a step that may be vetoed. */
  readonly notify?: (record: EventRecord) => Errno | undefined;
  readonly failAdd?: (stage: AddStage, blockId: number) => Errno | undefined;
}

/** Settings of one boot. */
export interface MachineSettings {
  readonly rules: KernelRules;
  readonly kernel: string;
  readonly arch: Architecture;
  readonly blockBytes: number;
  readonly structPageBytes: number;
  /** Fixed at boot, but in a what-if. */
  mode: MemmapOnMemoryMode;
  autoOnline: AutoOnline;
  onlinePolicy: "contig-zones" | "auto-movable";
  autoMovableRatio: number;
  autoMovableNumaAware: boolean;
  readonly movableNode: boolean;
  readonly whatIf: readonly WhatIf[];
  /** node_possible_map; undefined: any node. */
  readonly possibleNodes?: ReadonlySet<number>;
}

export interface BootZone extends PfnRange {
  readonly nid: number;
  readonly name: ZoneName;
  readonly presentPages: number;
  readonly managedPages: number;
  /** @default 0 */
  readonly cmaPages?: number;
  readonly online: readonly PfnRange[];
}

export interface BootState {
  readonly zones: readonly BootZone[];
  readonly blocks: readonly MemoryBlock[];
  readonly resources: ResourceTree;
  readonly memTotalPages: number;
}

/**
 * The hotplug state of one machine: blocks, zones, groups, resources and counters. Operations live beside it
 * (`addMemory`, `deviceOnline`, `deviceOffline`, `tryRemoveMemory`); drivers call them as the kernel's drivers do.
 */
export class HotplugMachine {
  readonly settings: MachineSettings;
  readonly blocks = new Map<number, MemoryBlock>();
  readonly zones = new Map<string, Zone>();
  readonly groups = new Map<number, MemoryGroup>();
  readonly resources: ResourceTree;
  /** Memmaps of other blocks whose place in a hot-added zone is known: first pfn to order. */
  readonly placedMemmaps = new Map<number, number>();
  readonly hooks: Hooks;
  /** Every notifier event so far. */
  readonly events: EventRecord[] = [];
  /** Kernel log lines of the current operation. */
  readonly log: string[] = [];
  totalramPages: number;
  /** An offline that goes on for ever: its writer holds device_hotplug_lock, and every later step waits for it. */
  endless: { readonly blockId: number; readonly reason: string } | undefined;
  /** Why the last add_memory() failed: a driver may keep that from its caller. */
  lastAddErrno: Errno | undefined;
  #nextGroupId = 0;

  constructor(settings: MachineSettings, boot: BootState, hooks: Hooks = {}) {
    this.settings = settings;
    this.hooks = hooks;
    this.resources = boot.resources;
    this.totalramPages = boot.memTotalPages;
    for (const { nid, name, startPfn, endPfn, presentPages, managedPages, cmaPages = 0, online } of boot.zones) {
      const zone = new Zone(nid, name, undefined);
      zone.grow(startPfn, endPfn - startPfn);
      zone.presentPages = presentPages;
      zone.presentEarlyPages = presentPages;
      zone.managedPages = managedPages;
      zone.cmaPages = cmaPages;
      for (const range of online) zone.addOnline(range);
      this.zones.set(zone.key, zone);
    }
    for (const block of boot.blocks) this.blocks.set(block.id, block);
  }

  get blockPages(): number {
    return this.settings.blockBytes / this.settings.arch.pageBytes;
  }

  get pageblockPages(): number {
    return 2 ** this.settings.arch.pageblockOrder.value;
  }

  zone(nid: number, name: ZoneName): Zone {
    const key = `${nid}:${name}`;
    const known = this.zones.get(key);
    if (known !== undefined) return known;
    const { maxPageOrder, pageblockOrder } = this.settings.arch;
    const zone = new Zone(nid, name, new FreeLists(maxPageOrder.value, pageblockOrder.value));
    this.zones.set(key, zone);
    return zone;
  }

  /** Nodes with a block or a populated zone, ascending. */
  nodes(): number[] {
    const nids = new Set([...this.blocks.values()].map((block) => block.nid));
    for (const zone of this.zones.values()) if (zone.isPopulated) nids.add(zone.nid);
    return [...nids].sort((a, b) => a - b);
  }

  /** N_MEMORY. */
  nodeHasMemory(nid: number): boolean {
    return ZONES.some((name) => this.zones.get(`${nid}:${name}`)?.isPopulated === true);
  }

  /**
   * The zones that a kernel allocation on `nid` tries, in order: the node's own from high to low, then other nodes'.
   *
   * @source mm/page_alloc.c build_zonelists, 6.12; nodes are taken as equally far, lowest id first
   */
  kernelZonelist(nid: number): Zone[] {
    const order = [nid, ...this.nodes().filter((other) => other !== nid)];
    return order.flatMap((node) =>
      (["Normal", "DMA32", "DMA"] as const).flatMap((name) => {
        const zone = this.zones.get(`${node}:${name}`);
        return zone?.isPopulated === true ? [zone] : [];
      }),
    );
  }

  registerGroup(group: Pick<MemoryGroup, "nid" | "kind" | "maxPages" | "unitPages">): MemoryGroup {
    const registered = { ...group, id: this.#nextGroupId++, presentKernelPages: 0, presentMovablePages: 0 };
    this.groups.set(registered.id, registered);
    return registered;
  }

  /** Records an event; a veto comes back as its errno. */
  notify(
    event: MemoryEvent,
    startPfn: number,
    nrPages: number,
    altmap?: Pick<EventRecord, "altmapStartPfn" | "altmapNrPages">,
  ): Errno | undefined {
    const record = { event, startPfn, nrPages, ...altmap };
    this.events.push(record);
    return this.hooks.notify?.(record);
  }
}
