import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  MISS_ADJACENT,
  MISS_DEMAND,
  MISS_DEPENDENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  PREFETCHED_IN_PAGE,
  PREFETCHED_RESTART,
} from "../../assembly/layout/windows.ts";
import { countSums } from "../../src/cost/countSums.ts";
import { drawHost } from "../../src/cost/drawMachine.ts";
import type { HostDraw } from "../../src/cost/draws.ts";
import {
  aloneNs,
  bucketShares,
  exposedNs,
  inOrderNs,
  missesInWindow,
  windowAlone,
  windowStreamed,
} from "../../src/cost/exposure.ts";
import { seededRandom } from "../../src/cost/sample.ts";
import { bucketOf, distanceOf, emptyTouchCounts, windowIndex } from "../../src/counts.ts";
import { hosts } from "../../src/machine/hosts.ts";

const zen4 = drawHost(hosts.find(({ id }) => id === "zen4")!, null);
const anyHost = fc
  .tuple(fc.nat(hosts.length - 1), fc.nat())
  .map(([i, seed]) => drawHost(hosts[i]!, seededRandom(seed)));
const latency = fc.double({ min: 1, max: 5000, noNaN: true });
const distance = fc.double({ min: 1, max: 1e6, noNaN: true });
const at = (host: HostDraw, changed: Partial<HostDraw>): HostDraw => ({ ...host, ...changed });

describe("misses in one window", () => {
  test("far apart there is one, close together as many as lines in flight", () => {
    fc.assert(
      fc.property(anyHost, (host) => {
        expect(missesInWindow(1e12, host)).toBeCloseTo(1, 6);
        expect(missesInWindow(0, host)).toBe(host.nrLinesInFlight);
        expect(missesInWindow(1e-9, host)).toBe(host.nrLinesInFlight);
      }),
    );
  });

  test("never more at a longer distance, and never fewer in a larger window", () => {
    fc.assert(
      fc.property(anyHost, distance, fc.double({ min: 1, max: 100, noNaN: true }), (host, d, times) => {
        expect(missesInWindow(d * times, host)).toBeLessThanOrEqual(missesInWindow(d, host) + 1e-9);
        const larger = at(host, { windowInstructions: host.windowInstructions * times });
        expect(missesInWindow(d, larger)).toBeGreaterThanOrEqual(missesInWindow(d, host) - 1e-9);
      }),
    );
  });

  test("user loads 8 to 368 instructions apart on a Zen 4 guest, where a dependent one takes 171 to 202 ns", () => {
    // time.md, M: what each cost beyond the same load in cache; at an even pace, nothing hidden.
    const even = at(zen4, { unevenPace: 0, hiddenShare: 0 });
    const errors = [
      [8, 9],
      [53, 49],
      [98, 68],
      [188, 101],
      [368, 204],
    ].map(([apart, ns]) => Math.log(exposedNs("independent", 186, apart!, even) / ns!));
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(rms).toBeLessThan(0.15);
  });
});

describe("what a miss costs", () => {
  test("alone: all of its latency where nothing is hidden, else less by the window, never below 0", () => {
    fc.assert(
      fc.property(anyHost, latency, (host, ns) => {
        expect(aloneNs(ns, at(host, { hiddenShare: 0 }))).toBe(ns);
        expect(aloneNs(ns, at(host, { hiddenShare: 1 }))).toBeCloseTo(Math.max(0, ns - host.windowNs), 9);
        expect(aloneNs(ns, host)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("independent <= unknown <= dependent, all three one for a miss far from any other", () => {
    fc.assert(
      fc.property(anyHost, latency, distance, (host, ns, d) => {
        const [low, middle, high] = (["independent", "unknown", "dependent"] as const).map((known) =>
          exposedNs(known, ns, d, host),
        ) as [number, number, number];
        expect(low).toBeLessThanOrEqual(middle * (1 + 1e-12));
        expect(middle).toBeLessThanOrEqual(high * (1 + 1e-12));
        expect(exposedNs("independent", ns, 1e12, host) / high).toBeCloseTo(1, 6);
      }),
    );
  });

  test("rises with latency and falls with nearness, whatever is known", () => {
    fc.assert(
      fc.property(
        anyHost,
        latency,
        distance,
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.constantFrom("independent" as const, "unknown" as const, "dependent" as const),
        (host, ns, d, times, known) => {
          expect(exposedNs(known, ns * times, d, host)).toBeGreaterThanOrEqual(exposedNs(known, ns, d, host) - 1e-9);
          expect(exposedNs(known, ns, d * times, host)).toBeGreaterThanOrEqual(exposedNs(known, ns, d, host) - 1e-9);
        },
      ),
    );
  });

  test("in pfn order it is never more than at random", () => {
    fc.assert(
      fc.property(anyHost, latency, distance, (host, ns, d) => {
        expect(inOrderNs(ns, d, host)).toBeLessThanOrEqual(exposedNs("independent", ns, d, host) + 1e-9);
        expect(inOrderNs(ns, d, host)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("windows of counts", () => {
  const counted = (...rows: (readonly [kind: number, bucket: number, count: number])[]) => {
    const counts = emptyTouchCounts();
    for (const [kind, bucket, count] of rows) counts.windows.memory[windowIndex(1, kind, bucket)]! += count;
    return countSums(counts).windows[1]!;
  };

  test("a bucket's share is that of its distance", () => {
    const bucket = bucketOf(100);
    expect(bucketShares(zen4)[bucket]).toBeCloseTo(1 / missesInWindow(distanceOf(bucket), zen4), 12);
  });

  test("each kind by its own rule", () => {
    const bucket = bucketOf(100);
    const share = bucketShares(zen4)[bucket]!;
    const host = at(zen4, { dependence: 0.5, adjacentLineShare: 0.75, streamPageBytes: 8192, streamTrainingLines: 2 });
    const alone = (...rows: Parameters<typeof counted>) => windowAlone(counted(...rows), host);
    expect(alone([MISS_INDEPENDENT, bucket, 10])).toBeCloseTo(10 * share, 9);
    expect(alone([MISS_DEPENDENT, bucket, 10])).toBe(10);
    expect(alone([MISS_DEMAND, bucket, 10])).toBeCloseTo(10 * (share + 0.5 * (1 - share)), 9);
    expect(alone([MISS_ADJACENT, bucket, 10])).toBeCloseTo(2.5 * share, 9);
    const stream = counted([MISS_PREFETCHED, PREFETCHED_IN_PAGE, 62], [MISS_PREFETCHED, PREFETCHED_RESTART, 2]);
    // A stream that crosses every second 4 KiB starts anew for half of the lines that are counted so.
    expect(windowAlone(stream, host)).toBe(1);
    expect(windowStreamed(stream, host)).toBe(63);
  });
});
