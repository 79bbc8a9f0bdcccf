import { InputError } from "../errors.ts";
import { decimals, GIB, KIB, MIB, TIB } from "../units.ts";

/** No dax device is cut finer: the default alignment of device-dax. @source drivers/dax/bus.c, PMD_SIZE, 6.12 */
const DAX_ALIGN_BYTES = 2 * MIB;

/**
 * The binary size that a decimal one stands for: memory is sold as "128 GB" and holds 128 GiB.
 *
 * @returns undefined for a size that is not a round decimal one, or is round in binary units as well
 */
export function binaryTwin(bytes: number): { readonly decimal: string; readonly binary: string } | undefined {
  const unit = DECIMAL_UNITS.find(([size, , grain]) => Number.isInteger((10 * bytes) / size) && bytes % grain !== 0);
  return unit && { decimal: `${bytes / unit[0]}${unit[1]}B`, binary: `${bytes / unit[0]}${unit[1]}iB` };
}

/** A decimal unit, and the binary size of which real capacities of that order are multiples. */
const DECIMAL_UNITS = [
  [1e12, "T", GIB],
  [1e9, "G", GIB],
  [1e6, "M", DAX_ALIGN_BYTES],
] as const;

/**
 * Slips that no driver can mend: a unit forgotten, or decimal where memory is binary.
 *
 * @error InputError with both neighbours that are whole memory blocks, and what was probably meant
 */
export function checkCapacitySlips(id: string, capacityBytes: number, blockBytes: number): void {
  if (capacityBytes < MIB) {
    const meant = capacityBytes <= (16 * TIB) / GIB ? `${capacityBytes}GiB` : `${capacityBytes}MiB`;
    throw new InputError({
      what: `${id}: a capacity of ${capacityBytes} bytes is less than a memory block of ${exactSize(blockBytes)}; was the unit forgotten: ${meant}?`,
      expected: `a size with its unit, of at least ${exactSize(blockBytes)}`,
      example: `--capacity ${meant}`,
    });
  }
  const twin = binaryTwin(capacityBytes);
  if (twin === undefined) return;
  throw new InputError({
    what: `${id}: a capacity of ${twin.decimal} is decimal: ${capacityBytes} bytes, ${decimals(capacityBytes / GIB, 2)} GiB, no whole memory blocks of ${exactSize(blockBytes)}`,
    expected: `${neighbours(capacityBytes, blockBytes)}; a module sold as ${twin.decimal.replace(/([TGM]B)$/, " $1")} has ${twin.binary}`,
    example: `--capacity ${twin.binary}`,
  });
}

/** The whole memory blocks below and above a size, as a user can type them. */
export function neighbours(bytes: number, blockBytes: number): string {
  const below = Math.floor(bytes / blockBytes) * blockBytes;
  const fits = [below, below + blockBytes].filter((size) => size > 0);
  return fits.map(exactSize).join(" or ");
}

/** `118.125 GiB`: three decimals, so that what is lost, taken and left of a range adds up before a reader's eyes. */
export function fineBytes(bytes: number): string {
  const exact = (unit: number) => Number.isInteger((1000 * bytes) / unit);
  const unit = SHOWN.find(([size]) => bytes >= size && (size < TIB || exact(size)));
  return unit === undefined ? `${bytes} B` : `${Math.round((1000 * bytes) / unit[0]) / 1000} ${unit[1]}`;
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

const SHOWN = [...UNITS, [KIB, "KiB"]] as const;
