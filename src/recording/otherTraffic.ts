import { InputError } from "../errors.ts";
import { MIB } from "../units.ts";

/** How many of a recording's `other_l2_fills` also missed last-level caches of three sizes. */
export interface OtherTraffic {
  readonly l2Fills: number;
  readonly llcFills8MiB: number;
  readonly llcFills32MiB: number;
  readonly llcFills128MiB: number;
}

/**
 * The share of a recording's other L2 fills that also enter an LLC of `llcBytes`: linear in the logarithm of the
 * size between the recorded 8, 32 and 128 MiB, and the nearest recorded share outside them.
 *
 * @return 0 to 1; 0 when there is no other traffic
 * @error InputError when a recorded count is no count, or more fills enter the LLC than L2
 */
export function otherLlcShare(traffic: OtherTraffic, llcBytes: number): number {
  const { l2Fills, llcFills8MiB, llcFills32MiB, llcFills128MiB } = traffic;
  for (const fills of [llcFills8MiB, llcFills32MiB, llcFills128MiB]) {
    if (!(fills >= 0 && fills <= l2Fills)) {
      throw new InputError({
        what: `${fills} of ${l2Fills} other L2 fills enter the LLC`,
        expected: "0 to all of them",
      });
    }
  }
  if (l2Fills === 0) return 0;
  const position = (Math.log2(llcBytes / MIB) - 3) / 2;
  const between = (a: number, b: number, t: number): number => (a + (b - a) * t) / l2Fills;
  if (position <= 0) return llcFills8MiB / l2Fills;
  if (position <= 1) return between(llcFills8MiB, llcFills32MiB, position);
  if (position <= 2) return between(llcFills32MiB, llcFills128MiB, position - 1);
  return llcFills128MiB / l2Fills;
}
