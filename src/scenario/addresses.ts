import { InputError } from "../errors.ts";
import { formatBytes, hex, parseBytes } from "../units.ts";

/** 52 bits: the most that any architecture in the table has. */
const MAX_PHYSICAL_BYTES = 2 ** 52;

/** A physical address, as a number, `0x3060200000` or a size. @error InputError beyond 52 bits */
export function addressOf(text: string | number | undefined, what: string, where: string): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseBytes(String(text), `${where}: ${what}`);
  if (bytes < MAX_PHYSICAL_BYTES) return bytes;
  throw new InputError({
    what: `${what} is ${hex(bytes)}`,
    where,
    expected: `a physical address below ${hex(MAX_PHYSICAL_BYTES)}`,
    example: "0x3060200000",
  });
}

/** A size above zero, in bytes. @error InputError */
export function positiveSize(value: string | number, what: string, where: string): number {
  const bytes = parseBytes(String(value), `${where}: ${what}`);
  if (bytes > 0) return bytes;
  throw new InputError({ what: `${what} is 0`, where, expected: "a size above zero", example: "512GiB" });
}

/** @error InputError when boot memory would not fit below its end */
export function checkEnds(endOfRamBytes: number, dramBytes: number, where: string): void {
  if (endOfRamBytes >= dramBytes) return;
  throw new InputError({
    what: `"machine.end_of_ram" is ${hex(endOfRamBytes)} (${formatBytes(endOfRamBytes)}), below the ${formatBytes(dramBytes)} of "machine.dram"`,
    where,
    expected: "the address after the last System RAM of /proc/iomem: the memory and its holes",
    example: "machine: { dram: 128GiB, end_of_ram: 129GiB }",
  });
}

/** @error InputError for a window of no size, one that ends beyond 52 bits, or two that overlap */
export function windowsOf(
  windows: readonly { readonly base: string | number; readonly size: string | number }[],
  where: string,
): CxlWindow[] {
  const read = windows.map(({ base, size }, i): CxlWindow => {
    const name = `"machine.cxl_windows.${i}`;
    const baseBytes = addressOf(base, `${name}.base"`, where) ?? 0;
    const sizeBytes = addressOf(size, `${name}.size"`, where) ?? 0;
    if (sizeBytes > 0 && baseBytes + sizeBytes <= MAX_PHYSICAL_BYTES) return { baseBytes, sizeBytes };
    throw new InputError({
      what: `${name}" has ${sizeBytes} bytes from ${hex(baseBytes)} on`,
      where,
      expected: `a size above zero, and an end of at most ${hex(MAX_PHYSICAL_BYTES)}`,
      example: "cxl_windows: [{ base: 0x1080000000, size: 512GiB }]",
    });
  });
  const sorted = [...read].sort((a, b) => a.baseBytes - b.baseBytes);
  for (const [i, window] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined || before.baseBytes + before.sizeBytes <= window.baseBytes) continue;
    throw new InputError({
      what: `"machine.cxl_windows" overlap: one ends at ${hex(before.baseBytes + before.sizeBytes)}, the next begins at ${hex(window.baseBytes)}`,
      where,
      expected: "windows beside each other",
      example: "cxl_windows: [{ base: 64GiB, size: 64GiB }, { base: 128GiB, size: 64GiB }]",
    });
  }
  return read;
}

/** Free boot memory of one node; bytes. */
export interface DramNode {
  readonly node: number;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  /** In blocks of a PMD or more; undefined: nobody says. */
  readonly freePmdBytes: number | undefined;
}

/** @error InputError for more free than there is */
export function dramNodesOf(
  nodes: readonly {
    readonly node: number;
    readonly size: string | number;
    readonly free: string | number;
    readonly free_pmd?: string | number | undefined;
  }[],
  where: string,
): DramNode[] {
  return nodes.map(({ node, size, free, free_pmd: freePmd }, i): DramNode => {
    const bytesOf = (text: string | number, key: string): number =>
      parseBytes(String(text), `${where}: "machine.dram_nodes.${i}.${key}"`);
    const [sizeBytes, freeBytes] = [bytesOf(size, "size"), bytesOf(free, "free")];
    const freePmdBytes = freePmd === undefined ? undefined : bytesOf(freePmd, "free_pmd");
    if (freeBytes <= sizeBytes && (freePmdBytes ?? 0) <= freeBytes) return { node, sizeBytes, freeBytes, freePmdBytes };
    throw new InputError({
      what: `"machine.dram_nodes.${i}" has more free than there is`,
      where,
      expected: "free_pmd at most free, and free at most size",
      example: "dram_nodes: [{ node: 0, size: 16GiB, free: 12GiB, free_pmd: 11GiB }]",
    });
  });
}

/** A range of physical addresses that platform firmware sets aside for CXL memory (CFMWS); bytes. */
export interface CxlWindow {
  readonly baseBytes: number;
  readonly sizeBytes: number;
}
