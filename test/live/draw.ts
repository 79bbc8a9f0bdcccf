/** Random machines and steps. A step is drawn from the state the kernel is in, as `after` says. */
import { isKernelBefore, readKernelVersion } from "../../src/linux/version.ts";
import type { Operation, State, Step, System } from "./fixture.ts";
import type { KernelPackage } from "./kernels.ts";
import type { BootOptions } from "./machine.ts";
import type { Random } from "./random.ts";

const MIB = 1 << 20;
const GIB = 1 << 30;
/** All hot-added memory of a sequence together; its struct pages must fit into the boot memory. */
const MAX_HOT_ADDED_BLOCKS = 48;
const MAX_DIMMS = 12;
/** libnvdimm refuses namespaces in regions that are no multiple of this (memremap_compat_align(), drivers/nvdimm). */
const REGION_ALIGN_BYTES = 16 * MIB;
const SMALL_BLOCK_BYTES = 128 * MIB;

/** Boot memory decides the size of memory blocks (probe_memory_block_size(), arch/x86/mm/init_64.c). */
const SMALL = { bootMemory: "1536M", deviceBase: 4 * GIB };
const LARGE = { bootMemory: "66G", deviceBase: 68 * GIB };

/** Not among them: what sysfs_streq() takes for a state all the same. */
const JUNK_STATES = ["bogus", "onlin", "1", "ONLINE", "online_", "online ", "", "offline online"];
const DAX_ATTRIBUTES = ["0", "1", "1", "1", "junk", "on", "off", "Y", "n", "2", "o", ""];

export interface DrawnMachine {
  readonly boot: BootOptions;
  /** Where QEMU's first memory device lies. */
  readonly deviceBase: number;
}

function onlinePolicy(random: Random): string[] {
  if (random.chance(0.6)) return [];
  const words = ["memory_hotplug.online_policy=auto-movable"];
  if (random.chance(0.6)) words.push("memory_hotplug.auto_movable_numa_aware=0");
  if (random.chance(0.6)) words.push(`memory_hotplug.auto_movable_ratio=${random.pick([0, 60, 100, 200, 301, 400])}`);
  return words;
}

/** force mode is Linux 6.6's, memmap_on_memory of dax devices 6.8's. */
export function drawMachine(random: Random, { line, modules }: Pick<KernelPackage, "line" | "modules">): DrawnMachine {
  const words: string[] = [];
  const isBefore = (release: string): boolean => isKernelBefore(readKernelVersion(line) ?? 0, release);
  const mode = random.weighted({ "1": 4, force: isBefore("6.6") ? 0 : 1, absent: 1 });
  if (mode !== "absent") words.push(`memory_hotplug.memmap_on_memory=${mode}`);
  const size = random.chance(0.1) ? LARGE : SMALL;
  const hasDax = !isBefore("6.8") && modules !== undefined && size === SMALL && random.chance(0.4);
  // daxctl refuses to bind while the kernel onlines by itself: worth a few sequences only.
  const state = random.weighted({ offline: hasDax ? 30 : 4, online: 3, online_movable: 1, online_kernel: 1 });
  words.push(`memhp_default_state=${state}`, ...onlinePolicy(random));
  if (random.chance(0.15)) words.push("movable_node");
  const oddBytes = random.chance(0.5) ? REGION_ALIGN_BYTES * random.below(8) : 0;
  const nvdimmBytes = SMALL_BLOCK_BYTES * (2 + random.below(8)) + oddBytes;
  const boot = {
    boot_memory: size.bootMemory,
    cmdline: words.join(" "),
    cpuless_node1: random.chance(0.75),
    cpus: 1,
    ...(hasDax && { nvdimmBytes }),
  };
  return { boot, deviceBase: size.deviceBase + (hasDax ? nvdimmBytes : 0) };
}

interface Dimm {
  readonly dimm: number;
  readonly address: number;
  readonly size: number;
}

/** What a sequence likes to write to blocks that are offline: zones by policy, kernel zones that memmaps pin, or all. */
const STYLES = [
  { online: 8, online_movable: 4, online_kernel: 3 },
  { online: 2, online_movable: 1, online_kernel: 8 },
  { online: 3, online_movable: 4, online_kernel: 3 },
] as const;

/** Draws steps; told of every outcome, because what is possible next depends on it. */
export class StepGenerator {
  private readonly random: Random;
  private readonly deviceBase: number;
  private readonly blockBytes: number;
  private readonly bootBlocks: ReadonlySet<string>;
  private readonly hasDax: boolean;
  private readonly twoNodes: boolean;
  private readonly style: (typeof STYLES)[number];
  private readonly dimms = new Map<number, Dimm>();
  private nextDimm = 1;
  /** Blocks that refused to go offline, and probably will again. */
  private readonly refused = new Set<number>();
  /**
   * Unbinding kmem can take the memory type of a node that other memory keeps online; Linux 6.12 then dereferences NULL
   * in memtier_hotplug_callback() (mm/memory-tiers.c) when the node's last block goes offline. A crash is no state to
   * predict, so the last block stays until kmem is bound again.
   */
  private memoryTypeLost = false;
  private state: State;

  constructor(random: Random, system: System, initial: State, deviceBase: number) {
    this.random = random;
    this.state = initial;
    this.style = random.pick(STYLES);
    this.deviceBase = deviceBase;
    this.blockBytes = system.block_size_bytes;
    this.bootBlocks = new Set(Object.keys(initial.blocks));
    this.hasDax = system["dax0.0"] !== undefined;
    this.twoNodes = system.cpuless_node1;
  }

  observe(step: Step): void {
    this.state = step.after;
    const address = step.op === "add" ? step.addr[0] : undefined;
    if (step.op === "add" && address !== undefined) {
      this.dimms.set(step.dimm, { dimm: step.dimm, address, size: step.size });
    }
    if (step.op === "remove" && step.still_present === false) this.dimms.delete(step.dimm);
    if (step.op === "state" && step.error?.includes("busy")) this.refused.add(step.block);
    if (step.op === "dax_bind_kmem" && step.error === null) this.memoryTypeLost = false;
    if (step.op === "dax_unbind_kmem" && step.error === null) {
      this.memoryTypeLost = this.twoNodes && this.onlineHotAddedBlocks().length > 0;
    }
  }

  next(): Operation {
    let operation = this.draw();
    while (this.memoryTypeLost && this.emptiesNode(operation)) operation = this.draw();
    return operation;
  }

  private draw(): Operation {
    const kind = this.random.weighted({
      add: this.dimms.size < 3 ? 5 : 2,
      state: this.hotAddedBlocks().length > 0 ? 10 : 0.5,
      remove: Math.min(this.dimms.size, 3),
      dax: this.hasDax ? 5 : 0,
    });
    if (kind === "add") return this.add() ?? this.writeState();
    if (kind === "remove") return { op: "remove", dimm: this.random.pick([...this.dimms.keys()]) };
    return kind === "dax" ? this.daxOperation() : this.writeState();
  }

  private emptiesNode(operation: Operation): boolean {
    const online = this.onlineHotAddedBlocks();
    const taken = (block: number): boolean => {
      if (operation.op === "state") return operation.to === "offline" && operation.block === block;
      const dimm = operation.op === "remove" ? this.dimms.get(operation.dimm) : undefined;
      const start = block * this.blockBytes;
      return dimm !== undefined && start >= dimm.address && start < dimm.address + dimm.size;
    };
    return online.length > 0 && online.every(taken);
  }

  private onlineHotAddedBlocks(): number[] {
    return this.hotAddedBlocks().filter((block) => this.state.blocks[String(block)]?.state === "online");
  }

  private hotAddedBlocks(): number[] {
    return Object.keys(this.state.blocks)
      .filter((block) => !this.bootBlocks.has(block))
      .map(Number);
  }

  private add(): Operation | undefined {
    const used = [...this.dimms.values()].reduce((sum, { size }) => sum + size, 0);
    const blocks = Number(this.random.weighted({ "1": 5, "2": 3, "3": 2, "4": 3, "8": 2 }));
    const size = this.random.chance(0.06) ? this.random.pick([0.5, 1.5]) * this.blockBytes : blocks * this.blockBytes;
    if (used + size > MAX_HOT_ADDED_BLOCKS * this.blockBytes || this.dimms.size >= MAX_DIMMS) return undefined;
    const address = this.random.chance(0.25) ? this.addressAfterGap() : this.lowestFreeAddress(size);
    return { op: "add", size, dimm: this.nextDimm++, addr: [address] };
  }

  /** Where QEMU would put it: below everything that leaves room, aligned or not to memory blocks. */
  private lowestFreeAddress(size: number): number {
    let address = this.deviceBase;
    for (const dimm of [...this.dimms.values()].sort((a, b) => a.address - b.address)) {
      if (address + size <= dimm.address) break;
      address = dimm.address + dimm.size;
    }
    return address;
  }

  /** A block boundary some blocks above everything that is plugged. */
  private addressAfterGap(): number {
    const ends = [...this.dimms.values()].map(({ address, size }) => address + size);
    const top = Math.ceil(Math.max(this.deviceBase, ...ends) / this.blockBytes) * this.blockBytes;
    return top + this.random.below(4) * this.blockBytes;
  }

  private writeState(): Operation {
    const hotAdded = this.hotAddedBlocks();
    const all = Object.keys(this.state.blocks).map(Number);
    const willing = hotAdded.filter((block) => !this.refused.has(block));
    const usual = willing.length === 0 || this.random.chance(0.1) ? hotAdded : willing;
    const block = this.random.pick(usual.length === 0 || this.random.chance(0.03) ? all : usual);
    const online = this.state.blocks[String(block)]?.state === "online";
    const to = this.random.weighted({
      offline: online ? 6 : 0.4,
      online: online ? 0.4 : this.style.online,
      online_movable: online ? 0.3 : this.style.online_movable,
      online_kernel: online ? 0.3 : this.style.online_kernel,
      junk: 0.3,
    });
    return {
      op: "state",
      block,
      to: to === "junk" ? this.random.pick(JUNK_STATES) : to,
    };
  }

  private daxOperation(): Operation {
    const bound = this.state["dax0.0"]?.driver === "kmem";
    const kind = this.random.weighted({ attribute: 3, bind: bound ? 0 : 6, unbind: bound ? 3 : 0 });
    if (kind === "bind") return { op: "dax_bind_kmem" };
    if (kind === "unbind") return { op: "dax_unbind_kmem" };
    return { op: "dax_memmap_on_memory", value: this.random.pick(DAX_ATTRIBUTES) };
  }
}
