import { describe, expect, it } from "vitest";
import { ejectDimm, plugDimm } from "../../src/hotplug/state/acpi.ts";
import type { HotplugMachine } from "../../src/hotplug/state/machine.ts";
import type { MemoryBlock } from "../../src/hotplug/state/memoryBlock.ts";
import { deviceOffline } from "../../src/hotplug/state/offline.ts";
import { stateStore } from "../../src/hotplug/state/sysfs.ts";
import { BLOCK, fingerprint, HOT_START, testMachine } from "./testMachine.ts";

const FIRST = HOT_START / BLOCK;
const blockAt = (machine: HotplugMachine, index: number) => machine.blocks.get(FIRST + index) as MemoryBlock;
const states = (machine: HotplugMachine) => [...machine.blocks.values()].map((block) => block.state);

function plug(machine: HotplugMachine, blocks: number, from: number) {
  return plugDimm(machine, 1, HOT_START + from * BLOCK, blocks * BLOCK);
}

describe("where a later DIMM's memmap lands", () => {
  it("an unmovable order-9 request steals the head of the order-10 list and pins its block", () => {
    const machine = testMachine({ kernel: "6.1", autoOnline: "online" });
    plug(machine, 1, 0);
    const later = plug(machine, 2, 1);
    // The self-hosted block starts with its memmap, one order-9 chunk, then order-10 chunks: pfn 0x100400 is stolen.
    expect([...machine.placedMemmaps.keys()]).toEqual([0x100400, 0x100600]);
    expect(machine.zone(1, "Normal").freeLists?.counts().slice(9)).toEqual([1, 94]);
    expect(deviceOffline(machine, blockAt(machine, 0))).toMatchObject({ errno: "EBUSY" });
    expect(ejectDimm(machine, later)).toBe(true);
    expect(machine.placedMemmaps.size).toBe(0);
    expect(deviceOffline(machine, blockAt(machine, 0)).errno).toBeUndefined();
  });

  it("a node with movable memory only keeps its memmaps in DRAM", () => {
    const machine = testMachine({ mode: "N", autoOnline: "online_movable" });
    plug(machine, 1, 0);
    plug(machine, 4, 1);
    expect(machine.placedMemmaps.size).toBe(0);
    expect(states(machine)).toEqual(Array(5).fill("online"));
  });

  it("the second half of a stolen chunk serves the next request", () => {
    const machine = testMachine({ mode: "N", autoOnline: "online_kernel" });
    plug(machine, 2, 0);
    plug(machine, 1, 2);
    plug(machine, 1, 3);
    expect([...machine.placedMemmaps.keys()]).toEqual([0x100000, 0x100200]);
  });

  it("blocks that were offlined and onlined again are last in line", () => {
    const machine = testMachine({ mode: "N", autoOnline: "online_kernel" });
    plug(machine, 2, 0);
    stateStore(machine, blockAt(machine, 0), "offline");
    stateStore(machine, blockAt(machine, 0), "online_kernel");
    plug(machine, 1, 2);
    expect([...machine.placedMemmaps.keys()]).toEqual([0x108000]);
  });
});

describe("a refused isolation", () => {
  it("turns what it had isolated into movable pageblocks; from 6.17 it keeps their type", () => {
    const nextMemmap = (kernel: string) => {
      const machine = testMachine({ kernel, autoOnline: "online_kernel", mode: "N" });
      plug(machine, 1, 0);
      const first = plug(machine, 1, 1);
      plug(machine, 1, 2);
      // The first pageblock of block 0 is free and unmovable, the second holds a memmap.
      ejectDimm(machine, first);
      expect(deviceOffline(machine, blockAt(machine, 0)).errno).toBe("EBUSY");
      plug(machine, 1, 3);
      return [...machine.placedMemmaps.keys()].at(-1);
    };
    expect(nextMemmap("6.17")).toBe(0x100000);
    expect(nextMemmap("6.12")).toBe(0x100400);
  });
});

describe("the loop of offline_pages", () => {
  it("movable pages move away", () => {
    const machine = testMachine({ autoOnline: "online_movable" });
    plug(machine, 1, 0);
    blockAt(machine, 0).use = { movablePages: 1000 };
    expect(deviceOffline(machine, blockAt(machine, 0))).toMatchObject({
      errno: undefined,
      migratedPages: 1000,
      finishes: true,
      passes: 2,
    });
  });

  it("pinned pages never end it without a signal: reported, not a hang", () => {
    const machine = testMachine({ autoOnline: "online_movable" });
    plug(machine, 1, 0);
    const block = blockAt(machine, 0);
    block.use = { pinnedPages: 3 };
    const before = fingerprint(machine);
    const interrupted = deviceOffline(machine, block, { signal: true });
    expect(interrupted).toMatchObject({ errno: "EINTR", finishes: true, reason: "signal backoff" });
    expect(fingerprint(machine)).toBe(before);
    const endless = deviceOffline(machine, block);
    expect(endless).toMatchObject({ errno: undefined, finishes: false });
    expect(endless.reason).toContain("never finishes without a signal");
    expect(block.state).toBe("going-offline");
  });

  it("unmovable pages: refused at once in a kernel zone, met only in the loop in ZONE_MOVABLE", () => {
    const outcome = (type: "online_kernel" | "online_movable") => {
      const machine = testMachine({ autoOnline: type });
      plug(machine, 1, 0);
      blockAt(machine, 0).use = { unmovablePages: 1 };
      return deviceOffline(machine, blockAt(machine, 0), { signal: true }).errno;
    };
    expect(outcome("online_kernel")).toBe("EBUSY");
    expect(outcome("online_movable")).toBe("EINTR");
  });

  it("reserved pages are refused in every zone, held offline pages by the scan, hugetlb pages when dissolving fails", () => {
    const outcome = (use: MemoryBlock["use"]) => {
      const machine = testMachine({ autoOnline: "online_movable" });
      plug(machine, 1, 0);
      const block = blockAt(machine, 0);
      block.use = use;
      const before = fingerprint(machine);
      const { errno, reason } = deviceOffline(machine, block);
      expect(fingerprint(machine)).toBe(before);
      return [errno, reason];
    };
    expect(outcome({ reservedPages: 1 })).toEqual(["EBUSY", "failure to isolate range"]);
    expect(outcome({ heldOfflinePages: 1 })).toEqual(["EBUSY", "unmovable page"]);
    expect(outcome({ dissolveErrno: "ENOMEM" })).toEqual(["ENOMEM", "failure to dissolve huge pages"]);
  });

  it("a poisoned page keeps a block from coming online", () => {
    const machine = testMachine();
    plug(machine, 1, 0);
    blockAt(machine, 0).use = { hwpoisonedPages: 1 };
    expect(stateStore(machine, blockAt(machine, 0), "online")).toBe("EHWPOISON");
  });

  it("arm64 refuses to let go of boot memory; a hole or an unmovable page is met before", () => {
    const machine = testMachine({ arch: "arm64-4k", autoOnline: "online_kernel" });
    plug(machine, 1, 0);
    const boot = { ...blockAt(machine, 0), boot: true };
    expect(deviceOffline(machine, boot).errno).toBe("EPERM");
    expect(deviceOffline(machine, { ...boot, use: { unmovablePages: 1 } }).errno).toBe("EBUSY");
    expect(deviceOffline(machine, { ...boot, ramPages: 1 }).errno).toBe("EINVAL");
    expect(deviceOffline(machine, blockAt(machine, 0)).errno).toBeUndefined();
  });

  it("isolation is undone: no pageblock stays isolated", () => {
    const machine = testMachine({ autoOnline: "online_kernel", mode: "N" });
    plug(machine, 2, 0);
    plug(machine, 1, 2);
    expect(deviceOffline(machine, blockAt(machine, 0)).errno).toBe("EBUSY");
    expect([...machine.zones.values()].every((zone) => zone.nrIsolatePageblock === 0)).toBe(true);
  });
});

describe("ACPI eject", () => {
  it("a DIMM with one refusing block stays, and what the eject took offline comes back", () => {
    const machine = testMachine({ autoOnline: "online_kernel", mode: "N" });
    const dimm = plug(machine, 4, 0);
    plug(machine, 1, 4);
    stateStore(machine, blockAt(machine, 2), "offline");
    // Chunks of blocks that come back go to the tail: only order changes.
    const before = states(machine);
    expect(ejectDimm(machine, dimm)).toBe(false);
    expect(states(machine)).toEqual(before);
    expect(machine.log).toEqual(["memory memory32: Offline failed."]);
  });

  it("a DIMM that the kernel refused can be unplugged", () => {
    const machine = testMachine();
    const dimm = plugDimm(machine, 1, HOT_START, BLOCK / 2);
    expect(dimm.group).toBeUndefined();
    expect(ejectDimm(machine, dimm)).toBe(true);
  });
});
