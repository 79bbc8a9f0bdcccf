import { HEAP_BASE } from "../../assembly/layout/memory.ts";
import { MemoryPlanTooLarge } from "../errors.ts";

export const WASM_PAGE_BYTES = 65536;
/** 65,535 pages: with 65,536 the AssemblyScript stub runtime's page arithmetic wraps to 0. */
export const MAX_LINEAR_BYTES = 65535 * WASM_PAGE_BYTES;

/** Where each region of linear memory lies. */
export interface MemoryRegions<Name extends string = string> {
  readonly totalBytes: number;
  /** Byte offset of each region, by name. */
  readonly regions: Readonly<Record<Name, number>>;
}

/**
 * Lays regions one behind the other from HEAP_BASE, each aligned to 4 KiB.
 *
 * @error MemoryPlanTooLarge with both numbers when wasm32 cannot hold it
 */
export function planMemory<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
  what: string,
): MemoryRegions<Name> {
  let offset = HEAP_BASE;
  const regions = {} as Record<Name, number>;
  for (const [name, bytes] of Object.entries(sizes) as [Name, number][]) {
    regions[name] = offset;
    offset += Math.ceil(bytes / 4096) * 4096;
  }
  if (!(offset <= MAX_LINEAR_BYTES)) throw new MemoryPlanTooLarge(offset, MAX_LINEAR_BYTES, what);
  return { totalBytes: offset, regions };
}

/** The offset of a region that the plan is known to hold. */
export function regionOf<Name extends string>(plan: MemoryRegions<Name>, name: Name): number {
  return plan.regions[name];
}
