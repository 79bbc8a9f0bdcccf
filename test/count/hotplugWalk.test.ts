// A device's counts: the same with struct pages and without, in all line classes and in three, and from every block
// and from a series.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addBlock, onlineBlock } from "../../src/count/hotplug/block.ts";
import { extrapolate, periodOf } from "../../src/count/hotplug/period.ts";
import { type WalkOptions, type WalkPhase, walkHotplug } from "../../src/count/hotplug/walk.ts";
import { liveWholeDevice } from "../../src/count/hotplug/wholeDevice.ts";
import { type CacheGeometry, emptyTouchCounts, type TouchCounts } from "../../src/counts.ts";
import { Hotplug } from "../../src/wasm/memmap.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SECTION = 32768;
const EVENTS = ["add", "online", "offline", "remove"] as const;

function geometry(l1: [number, number], l2: [number, number], llc: [number, number]): CacheGeometry {
  const level = ([bytes, ways]: [number, number]) => ({ bytes, ways });
  return { l1: level(l1), l2: level(l2), llc: level(llc) };
}

const numbers = ({ demand, writeBacks }: TouchCounts) => [...demand, ...writeBacks];
const plain = (phases: readonly WalkPhase[]) =>
  phases.map(({ event, nrPages, loads, stores, touches, counts }) => {
    return { event, nrPages, loads, stores, touches, counts: numbers(counts) };
  });
const stretchesOf = (phases: readonly WalkPhase[]) =>
  phases.flatMap(({ stretches }) => stretches.map((one) => ({ ...one, counts: numbers(one.counts) })));

const geometries = fc.record({
  l1: fc.constantFrom<[number, number]>([32 * KIB, 8], [48 * KIB, 12], [4 * KIB, 8]),
  l2: fc.constantFrom<[number, number]>([MIB, 16], [256 * KIB, 4]),
  llc: fc.constantFrom<[number, number]>([2 * MIB, 16], [3 * MIB, 12], [11 * 64 * KIB, 4], [8 * MIB, 8]),
});

describe("walkHotplug", () => {
  it("counts the same without struct pages, and in three line classes of many", () => {
    const property = fc.property(
      geometries,
      fc.constantFrom("6.1" as const, "6.12" as const),
      fc.boolean(),
      fc.boolean(),
      ({ l1, l2, llc }, kernel, selfHosted, debugVm) => {
        const caches = geometry(l1, l2, llc);
        const walk: WalkOptions = {
          ...{ kernel, blockPages: SECTION, nrBlocks: 3, selfHosted, debugVm, caches, events: EVENTS, method: "full" },
        };
        const everything = walkHotplug(walk);
        const summary = walkHotplug({ ...walk, materialise: false, sampleClasses: true });
        expect(plain(summary)).toEqual(plain(everything));
        expect(stretchesOf(summary)).toEqual(stretchesOf(everything));
      },
    );
    fc.assert(property, { numRuns: 10, seed: 20261121 });
  });

  it("is the same on the debug build, which checks every bound", () => {
    const caches = geometry([32 * KIB, 8], [256 * KIB, 4], [3 * MIB, 12]);
    const walk: WalkOptions = {
      ...{ kernel: "6.12", blockPages: SECTION, nrBlocks: 2, selfHosted: true, caches, events: EVENTS },
      ...{ materialise: false, sampleClasses: true, method: "full" },
    };
    expect(plain(walkHotplug({ ...walk, build: "debug" }))).toEqual(plain(walkHotplug(walk)));
  });

  const cases: readonly (readonly [string, number, number, CacheGeometry])[] = [
    ["LLC of one block's lines", SECTION, 29, geometry([32 * KIB, 8], [MIB, 16], [2 * MIB, 16])],
    ["LLC of 24 blocks' lines, 12 ways", SECTION, 130, geometry([48 * KIB, 12], [2 * MIB, 16], [48 * MIB, 12])],
    ["blocks that start in 11 different sets", SECTION, 109, geometry([32 * KIB, 8], [MIB, 16], [22 * MIB, 8])],
    ["2 GiB blocks, 32 MiB LLC", 16 * SECTION, 21, geometry([32 * KIB, 8], [MIB, 16], [32 * MIB, 16])],
  ];
  describe.each(cases)("%s", (_, blockPages, nrBlocks, caches) => {
    it.each([
      ["6.1", false, false],
      ["6.12", true, false],
      ["6.12", true, true],
    ] as const)("a series gives what every block gives: %s, self-hosted %s, DEBUG_VM %s", (kernel, selfHosted, debugVm) => {
      const walk: WalkOptions = {
        ...{ kernel, blockPages, nrBlocks, selfHosted, debugVm, caches, events: EVENTS },
        ...{ materialise: false, sampleClasses: true },
      };
      const { settled, repeats } = periodOf(caches, blockPages);
      expect(nrBlocks).toBeGreaterThan(2 * settled + 4 * repeats);
      const series = walkHotplug(walk);
      expect(series.map(({ nrWalked }) => nrWalked < nrBlocks)).toEqual([true, true, true, true]);
      expect(plain(series)).toEqual(plain(walkHotplug({ ...walk, method: "full" })));
    });
  });

  it("has the quadratic term of the contiguity walk, and nothing else grows", () => {
    const loads = (nrBlocks: number) => {
      const walk = { kernel: "6.12" as const, blockPages: SECTION, nrBlocks, selfHosted: true, materialise: false };
      return walkHotplug({ ...walk, events: ["online"] })[0]?.loads ?? 0;
    };
    const [a = 0, b = 0, c = 0] = [100, 200, 300].map(loads);
    // 64 pageblocks of two pages for each earlier block, twice in one online: 256 n (n - 1) / 2
    expect(c - 2 * b + a).toBe(256 * 100 * 100);
  });

  it("counts the same when every struct page is written on the way", () => {
    const caches = geometry([32 * KIB, 8], [MIB, 16], [2 * MIB, 16]);
    const life = {
      kernel: "6.12" as const,
      blockPages: SECTION,
      nrBlocks: 4,
      selfHosted: true,
      caches,
      events: EVENTS,
    };
    expect(plain(liveWholeDevice(life))).toEqual(plain(walkHotplug(life)));
  });

  it("onlines each time into the zone that is asked for", () => {
    const walk = { kernel: "6.12" as const, blockPages: SECTION, nrBlocks: 30, selfHosted: true, materialise: false };
    const inZone = (zone: "movable" | "kernel") =>
      plain(walkHotplug({ ...walk, events: ["add", "online", "offline"], zone }));
    const [movable, kernel] = [inZone("movable"), inZone("kernel")];
    expect(kernel[2]).not.toEqual(movable[2]);
    for (const method of ["full", "periodic"] as const) {
      const both = walkHotplug({
        ...walk,
        events: ["add", "online", "offline", "online", "offline"],
        zones: [undefined, "movable", undefined, "kernel", undefined],
        method,
      });
      expect(plain(both)).toEqual([...movable, ...kernel.slice(1)]);
    }
  });

  it("writes nothing to memory out of reach, and poisons the memmap's own pages when it is prepared", () => {
    const walk = { kernel: "6.12" as const, blockPages: SECTION, nrBlocks: 2, selfHosted: true, debugVm: true };
    const touches = (offlineInaccessible: boolean) =>
      walkHotplug({ ...walk, offlineInaccessible, events: EVENTS }).map((phase) => phase.touches);
    const [reachable, inaccessible] = [touches(false), touches(true)];
    expect([reachable[0], inaccessible[0]]).toEqual([2 * SECTION, 0]);
    expect(inaccessible[1]! - reachable[1]!).toBe(2 * (SECTION / 64));
    expect(inaccessible.slice(2)).toEqual(reachable.slice(2));
  });

  it("catches a touch of memory out of reach in the debug build", () => {
    const hotplug = new Hotplug({
      kernel: "6.12",
      blockPages: SECTION,
      nrBlocks: 1,
      debugVm: true,
      offlineInaccessible: true,
      build: "debug",
    });
    addBlock(hotplug, 0, true);
    expect(() => hotplug.run("pageInitPoison", hotplug.blockPfn(0), 1)).toThrow(/a touch of inaccessible memory/);
    onlineBlock(hotplug, 0, true);
    expect(() => hotplug.run("scanMovablePages", hotplug.blockPfn(0) + 512, 1)).not.toThrow();
  });

  it("refuses another zone while blocks are online", () => {
    const hotplug = new Hotplug({ kernel: "6.12", blockPages: SECTION, nrBlocks: 1 });
    addBlock(hotplug, 0, false);
    onlineBlock(hotplug, 0, false);
    expect(() => hotplug.enterZone("kernel")).toThrow(/online in another zone than kernel/);
    expect(() => hotplug.enterZone("movable")).not.toThrow();
  });

  it("names the stretches without a reschedule point", () => {
    const walk = { kernel: "6.12" as const, blockPages: SECTION, nrBlocks: 2, selfHosted: true, events: EVENTS };
    const phases = walkHotplug(walk);
    expect(
      phases.map(({ stretches }) =>
        stretches.map(({ passes, nrPages }) => [passes.map(({ name }) => name).join(" + "), nrPages]),
      ),
    ).toEqual([
      [],
      [["free pass + undo isolation", SECTION - 512]],
      [
        ["isolate", SECTION - 512],
        ["scan", SECTION - 512],
      ],
      [],
    ]);
  });
});

describe("extrapolate", () => {
  it("refuses blocks that are no series", () => {
    const blocks = Array.from({ length: 20 }, (_, i) => ({
      ...{ loads: i === 9 ? 1 : 0, stores: 0, touches: 0 },
      counts: emptyTouchCounts(),
    }));
    expect(extrapolate(blocks, { settled: 6, repeats: 1 }, 5, "start")).toBeUndefined();
    expect(extrapolate(blocks.slice(0, 6), { settled: 1, repeats: 1 }, 5, "start")).toMatchObject({ loads: 0 });
  });
});
