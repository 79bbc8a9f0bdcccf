import { InputError } from "../../errors.ts";
import { ARCHITECTURES, type WhatIf } from "../../scenario/words.ts";
import { GIB, TIB } from "../../units.ts";
import { type Architecture, architecturesOf } from "../architectures.ts";
import { hotplugVersion, kernelRules } from "../kernels.ts";
import type { MemmapOnMemoryMode } from "../placementInput.ts";
import type { Dimm } from "./acpi.ts";
import { bootBlocks, bootZones, systemRam, wholePages, withCma } from "./bootState.ts";
import type { DaxDevice } from "./kmem.ts";
import { type Hooks, HotplugMachine, type MachineSettings } from "./machine.ts";
import type { MemoryGroup } from "./memoryBlock.ts";
import type { SclpBlock } from "./otherDrivers.ts";
import { daxStateOf, type HostRecording, recordedDax } from "./recording.ts";
import { ResourceTree } from "./resources.ts";
import { boolFromText } from "./sysfs.ts";

/** A machine with its DIMMs and dax devices, as a recording or a live kernel describes it. */
export interface Host {
  readonly machine: HotplugMachine;
  readonly dimms: Map<string, Dimm>;
  readonly dax: Map<string, DaxDevice>;
  /** /sys/firmware/memory, by block: s390 from 6.19. */
  readonly sclp: Map<number, SclpBlock>;
  /** The memory group of a node's virtio-mem device. */
  readonly virtioGroups: Map<number, MemoryGroup>;
  /** Zones that held memory at boot: others than hotplug use them. */
  readonly bootZones: ReadonlySet<string>;
  /** "node:block" of boot memory; a boot block can belong to several nodes. */
  readonly bootLinks: readonly string[];
  /** The node of DIMMs when a step names none; undefined when the recording does not say either. */
  readonly dimmNode: number | undefined;
  /** First line of each dax device's part of the resource tree. */
  readonly daxParents: ReadonlyMap<string, string>;
  /** Resources around a dax device: its region, and for CXL the window that the region lies in. */
  readonly daxDepth: 1 | 2;
}

export interface HostOptions {
  /** Failures that strike. @default none */
  readonly hooks?: Hooks;
  /** @default none */
  readonly whatIf?: readonly WhatIf[];
}

/**
 * Builds the machine that `recording.system` and `recording.initial` describe.
 *
 * @param file names the recording in errors
 * @error InputError for a kernel or architecture that the tables do not have, or a state that does not fit together
 */
export function hostFromRecording(
  recording: HostRecording,
  file: string,
  { hooks = {}, whatIf = [] }: HostOptions = {},
): Host {
  const { system, initial } = recording;
  try {
    const settings = machineSettings(recording, whatIf);
    const pageBytes = settings.arch.pageBytes;
    const resources = initial.iomem_system_ram.map((line) => systemRam(line, file));
    const ram = resources.map((resource) => wholePages(resource, pageBytes));
    const zones = withCma(bootZones(initial, ram), recording, settings.arch);
    const bootKeys = zones.map(({ nid, name }) => `${nid}:${name}`);
    const boot = {
      zones,
      blocks: [],
      resources: new ResourceTree(resources),
      memTotalPages: (initial.mem_total_kb * 1024) / pageBytes,
    };
    const machine = new HotplugMachine(settings, boot, hooks);
    for (const block of bootBlocks(initial, machine, ram)) machine.blocks.set(block.id, block);
    const nodes = new Set(initial.node_blocks.map(nodeOf));
    const soleNode = nodes.size === 1 ? [...nodes][0] : undefined;
    return {
      machine,
      dimms: new Map(),
      sclp: new Map(),
      virtioGroups: new Map(),
      ...daxDevices(recording, file),
      bootZones: new Set(bootKeys),
      bootLinks: initial.node_blocks,
      dimmNode: system.cpuless_node1 === true ? 1 : soleNode,
    };
  } catch (error) {
    if (!(error instanceof InputError) || error.problem.where !== undefined) throw error;
    throw new InputError({ ...error.problem, where: file });
  }
}

/** set_memory_block_size_order, SGI UV. @source arch/x86/mm/init_64.c, 6.12 */
const MAX_BLOCK_BYTES = 64 * GIB;

const nodeOf = (link: string): number => Number(link.split(":")[0]);

/**
 * On arm64 only nodes of boot memory are possible: the firmware's flash is memory that SRAT does not cover, so the
 * kernel fakes one node ("no nodes coverage for 64MB of 1600MB RAM", live 6.12.117 on QEMU's virt). x86 firmware names
 * a node for hot-added memory.
 */
function machineSettings(recording: HostRecording, whatIf: readonly WhatIf[]): MachineSettings {
  const { system, kernel } = recording;
  const { parameters } = system;
  // "Linux 6.1.0-56-amd64 (Debian 6.1.192-2), ...": the first version is the one that uname prints.
  const version = /\d+\.\d+[^\s,)]*/.exec(kernel)?.[0] ?? kernel;
  hotplugVersion(version);
  const arch = recordedArchitecture(system.arch, system.page_size, version);
  const sections = system.block_size_bytes / arch.sectionBytes.value;
  const possible = sections >= 1 && system.block_size_bytes <= MAX_BLOCK_BYTES;
  if (!(possible && Number.isInteger(Math.log2(sections)))) {
    throw new InputError({
      what: `system.block_size_bytes ${system.block_size_bytes} is no memory block of ${arch.name}`,
      expected: `a power of two times ${arch.sectionBytes.value}, at most 64 GiB`,
    });
  }
  return {
    rules: kernelRules(version),
    kernel: version,
    arch,
    blockBytes: system.block_size_bytes,
    structPageBytes: 64,
    mode: recordedMode(parameters.memmap_on_memory),
    autoOnline: system.auto_online_blocks,
    onlinePolicy: parameters.online_policy,
    autoMovableRatio: Number(parameters.auto_movable_ratio),
    autoMovableNumaAware: boolFromText(parameters.auto_movable_numa_aware) ?? true,
    whatIf,
    movableNode: /(^|\s)movable_node(\s|$)/.test(system.cmdline),
    ...(arch.family === "arm64" && { possibleNodes: new Set(recording.initial.node_blocks.map(nodeOf)) }),
  };
}

function recordedMode(text: string): MemmapOnMemoryMode {
  if (text.trim() === "force") return "force";
  const mode = boolFromText(text);
  if (mode !== undefined) return mode ? "Y" : "N";
  throw new InputError({ what: `parameters.memmap_on_memory is "${text.slice(0, 40)}"`, expected: "N, Y or force" });
}

function recordedArchitecture(arch: string, pageBytes: number, kernel: string): Architecture {
  const family = {
    x86_64: "x86_64",
    aarch64: "arm64",
    arm64: "arm64",
    ppc64le: "ppc64",
    ppc64: "ppc64",
    s390x: "s390",
    riscv64: "riscv64",
    loongarch64: "loongarch64",
  };
  const wanted = family[arch as keyof typeof family] ?? arch;
  const match = architecturesOf(kernel).find(
    (candidate) => candidate.family === wanted && candidate.pageBytes === pageBytes,
  );
  if (match !== undefined) return match;
  throw new InputError({
    what: `architecture "${arch.slice(0, 40)}" with pages of ${pageBytes} bytes is not in the table`,
    expected: ARCHITECTURES.join(", "),
  });
}

function daxDevices(recording: HostRecording, file: string): Pick<Host, "dax" | "daxParents" | "daxDepth"> {
  const dax = new Map<string, DaxDevice>();
  const daxParents = new Map<string, string>();
  for (const [name, device] of recordedDax(recording, file)) {
    if (Number(device.size) > 16 * TIB) {
      throw new InputError({ what: `system.${name} has ${device.size} bytes`, expected: "at most 16 TiB" });
    }
    const state = daxStateOf(recording.initial, name);
    const attribute = state?.memmap_on_memory ?? device.memmap_on_memory ?? "0";
    dax.set(name, {
      name,
      startBytes: Number(device.resource),
      sizeBytes: Number(device.size),
      targetNode: Number(device.target_node),
      memmapOnMemory: boolFromText(attribute) ?? false,
      driver: state?.driver === "kmem" ? "kmem" : "device_dax",
      group: undefined,
    });
    const parent = state?.iomem?.find((line) => !line.startsWith(" "));
    if (parent !== undefined) daxParents.set(name, parent);
  }
  return { dax, daxParents, daxDepth: recording.system["cxl"] === undefined ? 1 : 2 };
}
