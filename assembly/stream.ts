// Passes that touch lines at a fixed stride: memmap init, free pass, scans, the zone-contiguous walk.
import { touch } from "./cache";

/**
 * Touches `nrLines` lines, `stride` apart, from `firstLine` on. A descending pass has the stride 2^32 - n.
 *
 * @param attr class << 2 | owner << 1 | rw, one for the whole pass
 */
export function sweep(
  cache: usize,
  counters: usize,
  firstLine: u32,
  nrLines: u32,
  stride: u32,
  attr: u32,
): void {
  let line = firstLine;
  for (let i: u32 = 0; i < nrLines; i++) {
    touch(cache, counters, line, attr);
    line += stride;
  }
}
