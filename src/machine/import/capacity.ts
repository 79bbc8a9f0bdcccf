import { formatBytes, GIB, MIB } from "../../units.ts";
import type { Quantity } from "../provenance.ts";
import type { DeviceFacts, Measured, Measurements } from "./measured.ts";
import type { Target } from "./targets.ts";
import { whereOf } from "./text.ts";

/** What the files say of the memory's size, and of the memory blocks of the machine. */
export interface PluggedSize {
  readonly capacityBytes?: Quantity;
  readonly memoryBlockBytes?: Quantity;
}

interface Source {
  readonly value: number;
  readonly from: string;
}

/**
 * Capacity and memory block of one memory: of its dax devices (what dax/kmem made of them, where the number of blocks
 * is known), else of the one region or memory device there is, else of its node's ranges or size.
 *
 * @param isOnly that the files hold no other memory that a region without a node could be
 * @param notes gets a line for each size that is known and not used
 */
export function pluggedSizeOf(
  target: Target,
  files: readonly Measurements[],
  isOnly: boolean,
  notes: string[],
): PluggedSize {
  const devices = files.flatMap((file) => file.devices).filter((device) => device.sizeBytes !== undefined);
  const dax = devices.filter((device) => device.kind === "dax" && belongs(device, target, isOnly));
  const block = blockOf(files, dax, notes);
  const capacity =
    ofDax(dax, block?.value) ?? ofRegion(devices, target, isOnly) ?? ofNode(target, files, block?.value, notes);
  noteUnused(devices, target, isOnly, notes);
  const usable = capacity !== undefined && isWhole(capacity, notes) ? capacity : undefined;
  return {
    ...(usable === undefined ? {} : { capacityBytes: stated(usable) }),
    ...(block === undefined ? {} : { memoryBlockBytes: stated(block) }),
  };
}

function stated({ value, from }: Source): Quantity {
  return { value, range: [value, value], level: "V", source: from.slice(0, 400) };
}

/** A dax device names its node; what names none is this memory's when there is no other. */
export function belongs(device: DeviceFacts, target: Target, isOnly: boolean): boolean {
  if (device.kind === "dax" && device.node !== undefined && target.node !== undefined)
    return device.node === target.node;
  return device.id === target.id || isOnly;
}

function ofDax(dax: readonly DeviceFacts[], blockBytes: number | undefined): Source | undefined {
  const first = dax[0];
  if (first?.sizeBytes === undefined) return undefined;
  const value = dax.reduce((sum, device) => sum + pluggedBytes(device, blockBytes), 0);
  const blocks = dax.reduce((sum, device) => sum + (device.nrBlocks ?? 0), 0);
  const names = dax.map((device) => device.id).join(" + ");
  const how = first.sizeBytes.how.includes("rounded") ? `${names}, rounded by -u` : names;
  const count = blocks > 0 ? `, ${blocks} memory blocks` : "";
  return { value, from: `${whereOf(first.at)}: ${how}${count}` };
}

/** dax/kmem adds whole blocks (dax_kmem_range()); the rest of the device is lost. */
function pluggedBytes({ sizeBytes, nrBlocks }: DeviceFacts, blockBytes: number | undefined): number {
  const size = sizeBytes?.value ?? 0;
  if (nrBlocks === undefined || blockBytes === undefined) return size;
  const plugged = nrBlocks * blockBytes;
  return fitsBlocks(size, nrBlocks, blockBytes) ? plugged : size;
}

/** A range loses less than a block at each end; -u rounds to two decimals. */
function fitsBlocks(size: number, nrBlocks: number, blockBytes: number): boolean {
  return nrBlocks * blockBytes <= size * 1.0001 && (nrBlocks + 2) * blockBytes > size * 0.9999;
}

function ofRegion(devices: readonly DeviceFacts[], target: Target, isOnly: boolean): Source | undefined {
  const regions = devices.filter((device) => device.kind === "cxl-region");
  const named = regions.find((device) => device.id === target.id);
  const memdevs = devices.filter((device) => device.kind === "cxl-memdev" && device.detail.startsWith("volatile"));
  const only =
    regions.length === 1 ? regions[0] : regions.length === 0 && memdevs.length === 1 ? memdevs[0] : undefined;
  const found = named ?? (isOnly ? only : undefined);
  return (
    found?.sizeBytes && {
      value: found.sizeBytes.value,
      from: `${whereOf(found.at)}: ${found.id}, ${found.sizeBytes.how}`,
    }
  );
}

/** lsmem lists what is plugged; numactl and meminfo what is left of it, which is all of it only when it is whole. */
function ofNode(
  target: Target,
  files: readonly Measurements[],
  blockBytes: number | undefined,
  notes: string[],
): Source | undefined {
  if (!target.isMemoryOnly) return undefined;
  const ranges = files.flatMap((file) => file.listed).filter(({ node }) => node !== undefined && node === target.node);
  if (ranges[0] !== undefined) {
    const value = ranges.reduce((sum, { bytes }) => sum + bytes, 0);
    return { value, from: `${whereOf(ranges[0].at)}: ranges of node ${target.node}` };
  }
  const size = files.flatMap((file) => file.nodes).find((facts) => facts.node === target.node)?.sizeBytes;
  if (size === undefined || size.value === 0) return undefined;
  if (size.value % (blockBytes ?? 128 * MIB) === 0)
    return { value: size.value, from: `${whereOf(size.at)}: ${size.how}` };
  notes.push(
    `${whereOf(size.at)}: ${formatBytes(size.value)} is what the node has left, not what was plugged (no whole memory blocks): not used as capacity; daxctl list -RD, or --capacity for answer`,
  );
  return undefined;
}

function isWhole({ value, from }: Source, notes: string[]): boolean {
  if (value % (2 * MIB) === 0) return true;
  notes.push(`${from}: ${formatBytes(value)} is rounded and not used as capacity; the tool without -u prints it whole`);
  return false;
}

/** Stated by lsmem or sysfs, or what size and number of blocks leave as the only power of two. */
function blockOf(files: readonly Measurements[], dax: readonly DeviceFacts[], notes: string[]): Source | undefined {
  const given = files.flatMap((file) => file.memoryBlock ?? []);
  const all = [...given.map(sourceOf), ...dax.flatMap((device) => derivedBlock(device) ?? [])];
  const first = all[0];
  const other = all.find((one) => one.value !== first?.value);
  if (first === undefined || other === undefined) return first;
  notes.push(
    `memory blocks of ${formatBytes(first.value)} (${first.from}), not ${formatBytes(other.value)} (${other.from})`,
  );
  return first;
}

function sourceOf({ value, at, how }: Measured): Source {
  return { value, from: `${whereOf(at)}: ${how}` };
}

/** 16 MiB of ppc64 to 64 GiB, far above any: what a memory block can be. */
const SMALLEST_BLOCK = 16 * MIB;
const LARGEST_BLOCK = 64 * GIB;

function derivedBlock({ sizeBytes, nrBlocks, at, id }: DeviceFacts): Source | undefined {
  if (sizeBytes === undefined || nrBlocks === undefined) return undefined;
  const size = sizeBytes.value;
  const value = 2 ** Math.floor(Math.log2((size / nrBlocks) * 1.0001));
  const isExact = size === value * nrBlocks;
  const isOnly = fitsBlocks(size, nrBlocks, value) && !fitsBlocks(size, nrBlocks, value / 2);
  if (value < SMALLEST_BLOCK || value > LARGEST_BLOCK || !(isExact || isOnly)) return undefined;
  return { value, from: `${whereOf(at)}: ${formatBytes(size)} of ${id} in ${nrBlocks} memory blocks` };
}

function noteUnused(devices: readonly DeviceFacts[], target: Target, isOnly: boolean, notes: string[]): void {
  for (const device of devices) {
    if (!belongs(device, target, isOnly)) {
      const size = device.sizeBytes === undefined ? "" : ` ${formatBytes(device.sizeBytes.value)}`;
      notes.push(`${whereOf(device.at)}: ${device.id}${size} (${device.detail}): not used for ${target.label}`);
    } else if (device.unused !== undefined && device.unused.length > 0) {
      notes.push(`${whereOf(device.at)}: ${device.id}: ${device.unused.join(", ")}: read, not used`);
    }
  }
}
