import { describe, expect, it } from "vitest";
import { plugDimm } from "../../src/hotplug/state/acpi.ts";
import type { HotplugMachine } from "../../src/hotplug/state/machine.ts";
import type { MemoryBlock } from "../../src/hotplug/state/memoryBlock.ts";
import { virtioMemGroup, virtioMemPlug } from "../../src/hotplug/state/otherDrivers.ts";
import { validZones } from "../../src/hotplug/state/policy.ts";
import { stateStore } from "../../src/hotplug/state/sysfs.ts";
import { GIB } from "../../src/units.ts";
import { BLOCK, HOT_START, testMachine } from "./testMachine.ts";

const FIRST = HOT_START / BLOCK;
const blockAt = (machine: HotplugMachine, index: number) => machine.blocks.get(FIRST + index) as MemoryBlock;
const zoneOf = (machine: HotplugMachine, index: number) => blockAt(machine, index).zone?.name;

function plug(machine: HotplugMachine, blocks: number, from = 0, nid = 1) {
  return plugDimm(machine, nid, HOT_START + from * BLOCK, blocks * BLOCK);
}

describe("contig-zones", () => {
  it("a block inside exactly one span joins it; otherwise the kernel zone", () => {
    const machine = testMachine();
    plug(machine, 6);
    expect(validZones(machine, FIRST)).toBe("Normal Movable");
    stateStore(machine, blockAt(machine, 1), "online_movable");
    stateStore(machine, blockAt(machine, 3), "online_movable");
    expect([0, 1, 2, 4].map((index) => validZones(machine, FIRST + index))).toEqual([
      "Normal Movable",
      "Movable",
      "Movable Normal",
      "Normal Movable",
    ]);
    stateStore(machine, blockAt(machine, 0), "online_kernel");
    stateStore(machine, blockAt(machine, 5), "online_kernel");
    // Both spans cover block 2 now.
    expect(validZones(machine, FIRST + 2)).toBe("Normal Movable");
    expect(validZones(machine, FIRST + 4)).toBe("Normal Movable");
  });

  it("movable_node: both or neither span means movable", () => {
    const machine = testMachine({ movableNode: true, autoOnline: "online" });
    plug(machine, 1);
    expect(zoneOf(machine, 0)).toBe("Movable");
  });

  it("a low kernel zone is chosen by its span, holes included", () => {
    const machine = testMachine();
    const low = machine.zone(0, "DMA32");
    low.grow(0, (HOT_START + BLOCK) / 4096);
    plug(machine, 2, 0, 0);
    expect([0, 1].map((index) => validZones(machine, FIRST + index))).toEqual(["DMA32 Movable", "Normal Movable"]);
  });
});

describe("auto-movable", () => {
  const settings = { onlinePolicy: "auto-movable", autoOnline: "online" } as const;
  // 1.5 GiB of boot memory in kernel zones: 393216 pages.
  const early = (1.5 * GIB) / 4096;

  it("the ratio counts present pages, the device as a whole: tight on both sides", () => {
    for (const [ratio, zone] of [
      [200, "Movable"],
      [199, "Normal"],
    ] as const) {
      // 3 GiB of one device against 1.5 GiB: 200 % exactly.
      const machine = testMachine({ ...settings, autoMovableRatio: ratio, autoMovableNumaAware: false });
      plug(machine, 24);
      expect(zoneOf(machine, 0), `${ratio}`).toBe(zone);
      expect(early * 2).toBe(24 * 32768);
    }
  });

  it("ratio 0 is never movable, and a node without boot memory only when numa_aware is off", () => {
    const zone = (overrides: object) => {
      const machine = testMachine({ ...settings, ...overrides });
      plug(machine, 1);
      return zoneOf(machine, 0);
    };
    expect(zone({ autoMovableRatio: 0, autoMovableNumaAware: false })).toBe("Normal");
    expect(zone({ autoMovableNumaAware: true })).toBe("Normal");
    expect(zone({ autoMovableNumaAware: false })).toBe("Movable");
  });

  it("once a part of a device is in a kernel zone, the rest follows", () => {
    const machine = testMachine({ ...settings, autoOnline: "offline", autoMovableNumaAware: false });
    plug(machine, 3);
    stateStore(machine, blockAt(machine, 1), "online_kernel");
    stateStore(machine, blockAt(machine, 0), "online");
    expect(zoneOf(machine, 0)).toBe("Normal");
    stateStore(machine, blockAt(machine, 0), "offline");
    stateStore(machine, blockAt(machine, 1), "offline");
    stateStore(machine, blockAt(machine, 0), "online");
    expect(zoneOf(machine, 0)).toBe("Movable");
  });

  it("a dynamic group decides unit by unit, and its kernel pages allow for more movable memory", () => {
    const machine = testMachine({ ...settings, autoMovableNumaAware: true, autoMovableRatio: 100 });
    const group = virtioMemGroup(machine, 1, 2 * BLOCK);
    if (group === "EINVAL") throw new Error("group refused");
    const unit = (index: number) => ({ startBytes: HOT_START + index * 2 * BLOCK, sizeBytes: 2 * BLOCK });
    virtioMemPlug(machine, group, unit(0));
    // No early memory on the node: kernel. Then one unit of kernel pages pays for one unit of movable ones.
    expect([0, 1].map((index) => zoneOf(machine, index))).toEqual(["Normal", "Normal"]);
    machine.zone(1, "Normal").presentEarlyPages = 1;
    virtioMemPlug(machine, group, unit(1));
    expect([2, 3].map((index) => zoneOf(machine, index))).toEqual(["Movable", "Movable"]);
    virtioMemPlug(machine, group, unit(2));
    expect([4, 5].map((index) => zoneOf(machine, index))).toEqual(["Normal", "Normal"]);
    expect(machine.resources.list().map(({ name }) => name)).toEqual(["System RAM", "System RAM (virtio_mem)"]);
  });

  it("the unit of a dynamic group is a power of two of at least one block", () => {
    const machine = testMachine();
    expect(virtioMemGroup(machine, 1, BLOCK / 2)).toBe("EINVAL");
    expect(virtioMemGroup(machine, 1, 3 * BLOCK)).toBe("EINVAL");
    expect(virtioMemGroup(machine, 1, BLOCK)).not.toBe("EINVAL");
  });
});

describe("valid_zones", () => {
  it("is none for a boot block of several zones", () => {
    const machine = testMachine();
    const block: MemoryBlock = {
      id: 0,
      nid: 0,
      startPfn: 0,
      nrPages: 32768,
      group: undefined,
      altmap: undefined,
      vmemmap: [],
      boot: true,
      ramPages: 32768,
      state: "online",
      zone: undefined,
      onlineType: undefined,
      use: {},
    };
    machine.blocks.set(0, block);
    expect(validZones(machine, 0)).toBe("none");
    expect(stateStore(machine, block, "offline")).toBe("EINVAL");
  });
});
