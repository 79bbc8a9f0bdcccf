import { describe, expect, it } from "vitest";
import { LEVEL_LLC, OWNER_HOT_ADDED } from "../../assembly/layout/touch.ts";
import { countWorkload, openTrace } from "../../src/count/countWorkload.ts";
import { moveTrace } from "../../src/count/movedTrace.ts";
import { checkFootprint } from "../../src/count/operations/footprint.ts";
import { writeBacksOf } from "../../src/counts.ts";
import { geometryOf } from "../../src/machine/geometry.ts";
import { defaultHost } from "../../src/machine/hosts.ts";
import { servedBy } from "../../src/report/replayDocument.ts";

const GIB = 2 ** 30;

describe("a workload spread over more memory", () => {
  it("touches as often, and misses at least as often the more memory it visits", async () => {
    const geometry = geometryOf(defaultHost);
    const name = "wl_tmpfs_write_read_rm_48m";
    const recorded = await countWorkload(name, geometry);
    const trace = await openTrace(name, geometry);
    const small = await moveTrace(trace, geometry, GIB);
    const large = await moveTrace(trace, geometry, 1024 * GIB);
    const total = (counts: typeof small.counts) =>
      [0, 1, 2, 3].reduce((sum, level) => sum + servedBy(counts, level), 0);
    expect(total(small.counts)).toBe(recorded.warm.touches);
    expect(total(large.counts)).toBe(recorded.warm.touches);
    const misses = [recorded.warm, small, large].map(({ counts }) => servedBy(counts, 3, 1));
    expect(misses[1]).toBeGreaterThanOrEqual(misses[0] ?? 0);
    expect(misses[2]).toBeGreaterThanOrEqual(misses[1] ?? 0);
    // Nothing of 16 GiB of struct pages is left in any cache: as if every page were touched for the first time.
    expect(misses[2]).toBeGreaterThanOrEqual(recorded.cold.firstTouches.hotAdded);
    // Steady: no more dirty lines leave the LLC than lines come.
    for (const [i, { counts }] of [small, large].entries())
      expect(writeBacksOf(counts, LEVEL_LLC, OWNER_HOT_ADDED)).toBeLessThanOrEqual(misses[i + 1] ?? 0);
  });

  it.each([GIB - 2 ** 21, 1024 * GIB + 2 ** 21, GIB + 4096, 0, -GIB])("refuses a footprint of %d bytes", (bytes) => {
    expect(() => checkFootprint(bytes)).toThrow(/a footprint of .*\n {2}expected: 1GiB to 1TiB/);
  });

  it.each([GIB, GIB + 2 ** 21, 1024 * GIB])("accepts %d bytes", (bytes) => {
    expect(checkFootprint(bytes)).toBe(bytes);
  });
});
