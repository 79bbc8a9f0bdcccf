import { InputError } from "../errors.ts";
import type { Scenario, ScenarioDevice } from "../scenario/scenario.ts";
import { formatBytes, GIB, MIB, TIB } from "../units.ts";
import { architecture, memoryBlockBytes } from "./architectures.ts";
import type { DaxKind } from "./drivers.ts";
import type { Fact } from "./evidence.ts";
import { decidePlacement, type Placement } from "./placement.ts";

/** What policy decides for one device: its blocks, and where their memmap may lie. */
export interface HotplugPlan {
  readonly device: ScenarioDevice;
  readonly blockBytes: number;
  readonly blockRule: Fact<number>;
  readonly pageBytes: number;
  readonly nrBlocks: number;
  /** Pages of one block. */
  readonly blockPages: number;
  /** What the scenario's own switches lead to. */
  readonly placement: Placement;
  /** Pages of each block that a self-hosted memmap takes; 0 when self-hosting is refused. */
  readonly altmapPages: number;
  readonly memmapBytes: number;
}

/** The memory block size of the scenario's machine, with the rule that gives it. */
export function blockRuleOf(scenario: Scenario): Fact<number> {
  const { machine, kernel } = scenario;
  if (machine.memoryBlockBytes !== undefined) {
    return { value: machine.memoryBlockBytes, source: "machine.memory_block of the scenario", evidence: "given" };
  }
  return memoryBlockBytes({
    architecture: machine.arch,
    kernel: kernel.version,
    bootEndBytes: machine.dramBytes,
    hypervisor: machine.platform === "vm",
  });
}

/**
 * Cuts a device into memory blocks and decides where its memmap goes.
 *
 * @error InputError when the capacity is not a multiple of the memory block, saying which multiple fits
 */
export function planHotplug(scenario: Scenario, device: ScenarioDevice, daxKind: DaxKind): HotplugPlan {
  const { machine, kernel } = scenario;
  const blockRule = blockRuleOf(scenario);
  const blockBytes = blockRule.value;
  const { pageBytes } = architecture(machine.arch, kernel.version);
  const placement = decidePlacement({
    kernel: kernel.version,
    architecture: machine.arch,
    blockBytes,
    structPageBytes: machine.structPageBytes,
    mode: kernel.memmapOnMemory,
    driver: device.driver,
    attribute: device.memmapOnMemory,
    daxKind,
    rangeBytes: device.capacityBytes,
  });
  checkCapacityFits(device, blockBytes);
  const nrBlocks = device.capacityBytes / blockBytes;
  const blockPages = blockBytes / pageBytes;
  return {
    device,
    blockBytes,
    blockRule,
    pageBytes,
    nrBlocks,
    blockPages,
    placement,
    altmapPages: placement.selfHosted ? placement.reservedPages : 0,
    memmapBytes: nrBlocks * blockPages * machine.structPageBytes,
  };
}

function checkCapacityFits(device: ScenarioDevice, blockBytes: number): void {
  const { capacityBytes } = device;
  if (capacityBytes % blockBytes === 0) return;
  const below = Math.floor(capacityBytes / blockBytes) * blockBytes;
  const fits = [below, below + blockBytes].filter((bytes) => bytes > 0);
  throw new InputError({
    what: `${device.id}: a capacity of ${capacityBytes} bytes (${formatBytes(capacityBytes)}) is no multiple of the memory block of ${formatBytes(blockBytes)}`,
    expected: fits.map(exactSize).join(" or "),
    example: `--capacity ${exactSize(fits[fits.length - 1] ?? blockBytes)}`,
  });
}

/** The size in the largest unit that gives a whole number, as a user can type it. */
function exactSize(bytes: number): string {
  const unit = UNITS.find(([size]) => bytes % size === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[0]}${unit[1]}`;
}

const UNITS = [
  [TIB, "TiB"],
  [GIB, "GiB"],
  [MIB, "MiB"],
] as const;
