import fc from "fast-check";
import type { CacheGeometry } from "../../src/counts.ts";

/** Small hierarchies of every shape: direct-mapped, odd ways, an L2 smaller than L1, an LLC of any number of sets. */
export const geometries: fc.Arbitrary<CacheGeometry> = fc
  .tuple(
    fc.constantFrom(8, 16, 64),
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(8, 16, 32, 128),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 8, max: 200 }),
    fc.integer({ min: 1, max: 20 }),
  )
  .map(([s1, w1, s2, w2, s3, w3]) => ({
    l1: { bytes: s1 * w1 * 64, ways: w1 },
    l2: { bytes: s2 * w2 * 64, ways: w2 },
    llc: { bytes: s3 * w3 * 64, ways: w3 },
  }));
