// WASM passes == the slow twin: struct pages, links, zone, loads and stores by function, touches in order.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZONE_MOVABLE, ZONE_NORMAL } from "../../assembly/layout/hotplug.ts";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { materialiseBlock, offlineBlock, onlineBlock, vmemmapPages } from "../../src/count/hotplug/block.ts";
import type { WasmBuild } from "../../src/wasm/instance.ts";
import { type AccessCounts, Hotplug } from "../../src/wasm/memmap.ts";
import type { HotplugOptions } from "../../src/wasm/memmapRegions.ts";
import { ReferenceHotplug } from "../twin/memmap.ts";

const SECTION = 32768;
const ZONES = { movable: ZONE_MOVABLE, kernel: ZONE_NORMAL } as const;

interface Sequence {
  readonly kernel: "6.1" | "6.12" | "6.17" | "7.3";
  readonly zone: "movable" | "kernel";
  readonly nid: number;
  readonly startPfn: number;
  readonly sectionsPerBlock: number;
  readonly nrBlocks: number;
  /** Each step toggles a block; it keeps the placement it was added with. */
  readonly steps: readonly { readonly block: number }[];
  readonly selfHosted: readonly boolean[];
}

const sequences: fc.Arbitrary<Sequence> = fc.record({
  kernel: fc.constantFrom("6.1", "6.12", "6.17", "7.3"),
  zone: fc.constantFrom("movable", "kernel"),
  nid: fc.integer({ min: 0, max: 7 }),
  startPfn: fc.constantFrom(0x100000, 0x108000, 0x4000000),
  sectionsPerBlock: fc.constantFrom(1, 1, 2),
  nrBlocks: fc.constant(3),
  steps: fc.array(fc.record({ block: fc.integer({ min: 0, max: 2 }) }), { minLength: 1, maxLength: 6 }),
  selfHosted: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
});

function open(sequence: Sequence, build: WasmBuild, more: Partial<HotplugOptions> = {}): Hotplug {
  const { kernel, zone, nid, startPfn, sectionsPerBlock, nrBlocks } = sequence;
  const blockPages = sectionsPerBlock * SECTION;
  return new Hotplug({ kernel, zone, nid, startPfn, blockPages, nrBlocks, build, ...more });
}

/** The counts as the twin gives them. */
function byFunction(counts: AccessCounts): Record<string, readonly [number, number]> {
  return Object.fromEntries(counts.byFunction.map(([name, loads, stores]) => [name, [loads, stores]]));
}

function traceOf(stream: Uint8Array): [number, boolean][] {
  const view = new DataView(stream.buffer);
  return Array.from({ length: stream.length / TOUCH_BYTES }, (_, i) => [
    view.getUint32(i * TOUCH_BYTES, true),
    view.getUint8(i * TOUCH_BYTES + 5) > 0,
  ]);
}

/** Runs a sequence on both and compares after every step. */
function compare(sequence: Sequence, build: WasmBuild): void {
  const hotplug = open(sequence, build, { streamRecords: 2_000_000 });
  const { kernel, nid, startPfn } = sequence;
  const twin = new ReferenceHotplug({ kernel, nid, zoneIndex: ZONES[sequence.zone] }, startPfn, hotplug.blockPages);
  const online = new Set<number>();
  for (const { block } of sequence.steps) {
    const selfHosted = sequence.selfHosted[block] ?? false;
    const isOnline = online.delete(block);
    if (isOnline) {
      materialiseBlock(hotplug, block, selfHosted);
      expect(Buffer.compare(hotplug.window(), twin.image(block))).toBe(0);
      offlineBlock(hotplug, block, selfHosted);
      twin.offline(block, selfHosted);
    } else {
      onlineBlock(hotplug, block, selfHosted);
      twin.online(block, selfHosted);
      online.add(block);
    }
    const got = hotplug.takeCounts();
    const want = twin.takeCounts();
    const { loads, stores, touches } = want;
    expect({ loads: got.loads, stores: got.stores, touches: got.touches }).toEqual({ loads, stores, touches });
    expect(byFunction(got)).toEqual(want.byFunction);
    const trace = traceOf(hotplug.takeStream());
    expect(trace.findIndex(([pfn, wrote], i) => pfn !== want.trace[i]?.[0] || wrote !== want.trace[i]?.[1])).toBe(-1);
    expect(Buffer.compare(hotplug.window(), twin.image(block))).toBe(0);
    const zone = hotplug.zone();
    expect(zone).toMatchObject({ contiguous: twin.zone.contiguous, nrIsolate: 0 });
    expect([zone.spanned, zone.spanned && zone.startPfn]).toEqual([
      twin.zone.endPfn - twin.zone.startPfn,
      twin.zone.startPfn,
    ]);
    const managed = [...online].map(
      (b) => hotplug.blockPages - vmemmapPages(hotplug.blockPages, !!sequence.selfHosted[b]),
    );
    expect(zone.managed).toBe(managed.reduce((sum, pages) => sum + pages, 0));
    expect(zone.present).toBe(online.size * hotplug.blockPages);
  }
  expect(hotplug.badPages()).toBe(0);
}

describe.each(["release", "debug"] as const)("%s hotplug passes", (build) => {
  it("are the twin's on random sequences of two kernels, zones, nodes, block sizes and placements", () => {
    fc.assert(
      fc.property(sequences, (sequence) => compare(sequence, build)),
      { numRuns: build === "release" ? 12 : 4, seed: 20261121 },
    );
  });
});
