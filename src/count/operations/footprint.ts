import { PAGE_SHIFT } from "../../../assembly/layout/structPage.ts";
import { InputError } from "../../errors.ts";
import { formatBytes, GIB, TIB } from "../../units.ts";

const MIN_FOOTPRINT_BYTES = GIB;
const MAX_FOOTPRINT_BYTES = TIB;
export const PAGEBLOCK_SHIFT = 9;

/** @error InputError for a footprint below 1 GiB, above 1 TiB, or of no whole pageblocks */
export function checkFootprint(footprintBytes: number): number {
  const whole = footprintBytes % (1 << (PAGE_SHIFT + PAGEBLOCK_SHIFT)) === 0;
  if (whole && footprintBytes >= MIN_FOOTPRINT_BYTES && footprintBytes <= MAX_FOOTPRINT_BYTES) return footprintBytes;
  throw new InputError({
    what: `a footprint of ${footprintBytes} bytes (${formatBytes(footprintBytes)})`,
    expected: "1GiB to 1TiB, a multiple of 2 MiB",
    example: "--footprint 1GiB 16GiB 256GiB",
  });
}
