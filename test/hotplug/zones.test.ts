// Devices of one node share a zone: what each walk of set_zone_contiguous() looks at, against a walk made block by block.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { walkedPageblocks } from "../../src/cost/zoneContiguous.ts";
import { deviceZones, type ZoneRange } from "../../src/hotplug/zones.ts";
import { answer, parseScenario } from "../../src/node/library.ts";

const BLOCK = 128 * 1024 ** 2;
const BLOCK_PAGES = 32768;
const PAGEBLOCKS = 64;

/** Blocks from the zone's start up to the first that is not online. */
function walk(online: ReadonlySet<number>): number {
  const first = Math.min(...online);
  let seen = 0;
  while (online.has(first + seen)) seen++;
  return online.size === 0 ? 0 : seen;
}

/** Every block of every device goes online, then offline, in order; pageblocks that the walks look at, by device. */
function slowWalks(devices: readonly (readonly number[])[]): { online: number[]; offline: number[] } {
  const there = new Set<number>();
  const online = devices.map((blocks) =>
    blocks.reduce((sum, block) => {
      // The block has grown the zone's span, and is not online yet when the walk comes to it.
      const looked = block < Math.min(...there) ? 0 : walk(there);
      there.add(block);
      return sum + looked * PAGEBLOCKS;
    }, 0),
  );
  const offline = devices.map((blocks) =>
    blocks.reduce((sum, block) => {
      there.delete(block);
      return sum + walk(there) * PAGEBLOCKS;
    }, 0),
  );
  return { online, offline };
}

const lengths = fc.array(fc.record({ blocks: fc.integer({ min: 1, max: 6 }), hole: fc.integer({ min: 0, max: 2 }) }), {
  minLength: 1,
  maxLength: 5,
});

describe("devices of one zone", () => {
  it("walk as many pageblocks as a walk block by block, in any order of addresses and with holes", () => {
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), (parts, keys) => {
        let at = 8;
        const placed = parts.map(({ blocks, hole }) => {
          const first = at + hole;
          at = first + blocks;
          return Array.from({ length: blocks }, (_, b) => first + b);
        });
        const devices = placed.map((blocks, i) => ({ blocks, key: keys[i]! })).sort((a, b) => a.key - b.key);
        const ranges = devices.map(
          ({ blocks }): ZoneRange => ({
            node: 1,
            startBytes: blocks[0]! * BLOCK,
            sizeBytes: blocks.length * BLOCK,
          }),
        );
        const slow = slowWalks(devices.map(({ blocks }) => blocks));
        deviceZones(ranges, BLOCK).forEach((zone, i) => {
          const nrBlocks = devices[i]!.blocks.length;
          const walked = (event: "online_movable" | "offline", how: typeof zone.online) =>
            walkedPageblocks(event, nrBlocks, BLOCK_PAGES, false, "walk", how);
          expect(walked("online_movable", zone.online)).toBe(slow.online[i]);
          // Left out: the one walk after its last block, over what lies behind a hole.
          const missing = slow.offline[i]! - walked("offline", zone.offline);
          const left = devices.slice(i + 1).reduce((sum, { blocks }) => sum + blocks.length, 0);
          expect(missing).toBeGreaterThanOrEqual(0);
          expect(missing).toBeLessThanOrEqual(PAGEBLOCKS * left);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("of several nodes walk alone", () => {
    const ranges = [1, 2].map((node) => ({ node, startBytes: undefined, sizeBytes: 4 * BLOCK }));
    for (const { online } of deviceZones(ranges, BLOCK)) expect(online).toEqual({ before: 0, grows: true });
  });
});

const machine = (devices: string) =>
  answer(parseScenario(`machine: {dram: 512GiB}\ndevices: [${devices}]\nworkloads: []\n`));
const device = (more: string) => `{id: cxl-samsung-mxp-genoa, ${more}}`;

describe("one machine", () => {
  it("with four devices of one node onlines in the time of one device of their size, within 2 %", async () => {
    const [four, one] = await Promise.all([
      machine(device("capacity: 128GiB, count: 4, node: 2")),
      machine(device("capacity: 512GiB, node: 2")),
    ]);
    for (const placement of [0, 1]) {
      const [sum, whole] = [four, one].map(({ together }) => together!.placements[placement]!.online_ns!);
      expect(sum! / whole!).toBeGreaterThan(0.98);
      expect(sum! / whole!).toBeLessThan(1.02);
    }
  });

  it("with four nodes onlines in four times one device's, and says so of all together", async () => {
    const { together, results } = await machine(device("capacity: 128GiB, count: 4"));
    expect(together).toMatchObject({ devices: 4, nodes: 4, memmap_bytes: 8 * 1024 ** 3 });
    expect(together!.placements[1]!.online_ns! / results[1]!.online_ns!).toBeCloseTo(4, 6);
  });

  it("saves the memmaps of all devices, and fits them into DRAM one after the other", async () => {
    const { together, results } = await machine(device("capacity: 4TiB, count: 10"));
    expect(together!.placements.map(({ fits }) => fits)).toEqual([false, true]);
    expect(together!.dram_saved_bytes! / 1024 ** 3).toBeCloseTo(640, 1);
    const inDram = results.filter(({ placement }) => placement === "dram").map(({ fits }) => fits);
    expect(inDram).toEqual([true, true, true, true, true, true, true, false, false, false]);
  });

  it("compares alternatives apart", async () => {
    expect((await answer(parseScenario("workloads: []\n"))).together).toBeNull();
  });
});
