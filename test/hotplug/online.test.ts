import { describe, expect, it } from "vitest";
import { ejectDimm, plugDimm } from "../../src/hotplug/state/acpi.ts";
import type { HotplugMachine, MemoryEvent } from "../../src/hotplug/state/machine.ts";
import type { Errno, MemoryBlock } from "../../src/hotplug/state/memoryBlock.ts";
import { deviceOffline } from "../../src/hotplug/state/offline.ts";
import { sclpAddStandby } from "../../src/hotplug/state/otherDrivers.ts";
import { stateStore } from "../../src/hotplug/state/sysfs.ts";
import { GIB, MIB } from "../../src/units.ts";
import { BLOCK, fingerprint, HOT_START, testMachine } from "./testMachine.ts";

const FIRST = HOT_START / BLOCK;
const blockAt = (machine: HotplugMachine, index = 0): MemoryBlock => machine.blocks.get(FIRST + index) as MemoryBlock;

function plugged(blocks: number, options: Parameters<typeof testMachine>[0] = {}): HotplugMachine {
  const machine = testMachine(options);
  plugDimm(machine, 1, HOT_START, blocks * BLOCK);
  return machine;
}

describe("writes to memoryN/state", () => {
  it("the state that a block has is -EINVAL, and so is any other word", () => {
    const machine = plugged(1);
    for (const word of ["bogus", "", "Online", "online ", "online\n\n", "1", "offline"]) {
      expect(stateStore(machine, blockAt(machine), word), word).toBe("EINVAL");
    }
    expect(stateStore(machine, blockAt(machine), "online_movable\n")).toBeUndefined();
    expect(stateStore(machine, blockAt(machine), "online_movable")).toBe("EINVAL");
    expect(stateStore(machine, blockAt(machine), "offline")).toBeUndefined();
  });

  it("a write to an online block is remembered until the next onlining without a type", () => {
    const machine = testMachine();
    const dimm = plugDimm(machine, 1, HOT_START, 2 * BLOCK);
    const [first, second] = [blockAt(machine), blockAt(machine, 1)];
    stateStore(machine, first, "online_kernel");
    stateStore(machine, second, "online_kernel");
    expect(stateStore(machine, second, "online_movable")).toBe("EINVAL");
    // The eject fails at the first block; the second comes back in the zone that was asked for last.
    first.use = { unmovablePages: 1 };
    expect(ejectDimm(machine, dimm)).toBe(false);
    expect([first.zone?.name, second.zone?.name]).toEqual(["Normal", "Movable"]);
    expect(machine.log).toEqual(["memory memory32: Offline failed."]);
  });
});

describe("accounting", () => {
  it("memmap pages are present, not managed, never free; MemTotal grows by the rest", () => {
    const machine = plugged(1);
    const before = machine.totalramPages;
    stateStore(machine, blockAt(machine), "online_movable");
    const zone = machine.zone(1, "Movable");
    expect([zone.spannedPages, zone.presentPages, zone.managedPages]).toEqual([32768, 32768, 32256]);
    expect(zone.freeLists?.counts()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 31]);
    expect(machine.totalramPages - before).toBe(32256);
    expect(blockAt(machine).group?.presentMovablePages).toBe(32768);
  });

  it("2 GiB blocks: 504 chunks of order 10", () => {
    const machine = testMachine({ blockBytes: 2 * GIB });
    plugDimm(machine, 1, HOT_START, 2 * GIB);
    stateStore(machine, machine.blocks.get(2) as MemoryBlock, "online_movable");
    expect(machine.zone(1, "Movable").freeLists?.counts()[10]).toBe(504);
  });

  it("arm64 with 16 KiB pages has order 11, and no memmap on its blocks", () => {
    const machine = plugged(1, { arch: "arm64-16k" });
    stateStore(machine, blockAt(machine), "online_movable");
    expect(machine.zone(1, "Movable").freeLists?.counts()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
  });

  it("force mode keeps the waste from the buddy too", () => {
    const blockBytes = 256 * MIB;
    const machine = testMachine({ arch: "ppc64-radix-64k", mode: "force", blockBytes });
    plugDimm(machine, 1, HOT_START, blockBytes);
    stateStore(machine, machine.blocks.get(HOT_START / blockBytes) as MemoryBlock, "online_kernel");
    const zone = machine.zone(1, "Normal");
    expect([zone.presentPages, zone.managedPages, zone.freeLists?.freePages]).toEqual([4096, 4064, 4064]);
  });

  it("spans shrink only at the edges, to the next online block", () => {
    const machine = plugged(5);
    for (const index of [0, 1, 2, 4]) stateStore(machine, blockAt(machine, index), "online_movable");
    const zone = machine.zone(1, "Movable");
    const span = () => [(zone.startPfn * 4096 - HOT_START) / BLOCK, zone.spannedPages / 32768];
    expect(span()).toEqual([0, 5]);
    stateStore(machine, blockAt(machine, 1), "offline");
    expect(span()).toEqual([0, 5]);
    stateStore(machine, blockAt(machine, 0), "offline");
    expect(span()).toEqual([2, 3]);
    stateStore(machine, blockAt(machine, 4), "offline");
    expect(span()).toEqual([2, 1]);
    stateStore(machine, blockAt(machine, 2), "offline");
    expect([zone.startPfn, zone.spannedPages, zone.presentPages]).toEqual([0, 0, 0]);
  });
});

describe("notifier vetoes", () => {
  const veto = (vetoed: MemoryEvent, errno: Errno) => ({
    notify: ({ event }: { event: MemoryEvent }) => (event === vetoed ? errno : undefined),
  });

  it.each(["MEM_PREPARE_ONLINE", "MEM_GOING_ONLINE"] as const)("%s: nothing remains", (event) => {
    const machine = plugged(2, { hooks: veto(event, "EPERM") });
    const before = fingerprint(machine);
    expect(stateStore(machine, blockAt(machine, 1), "online_movable")).toBe("EPERM");
    expect(fingerprint(machine)).toBe(before);
  });

  it("MEM_GOING_OFFLINE: the block stays online, its pages free as before", () => {
    const machine = plugged(1, { hooks: veto("MEM_GOING_OFFLINE", "EBUSY") });
    stateStore(machine, blockAt(machine), "online_movable");
    const before = fingerprint(machine);
    expect(deviceOffline(machine, blockAt(machine))).toMatchObject({ errno: "EBUSY", reason: "notifier failure" });
    expect(fingerprint(machine)).toBe(before);
    expect(machine.events.at(-1)?.event).toBe("MEM_CANCEL_OFFLINE");
  });

  it("from 6.17 the first memory of a node can be vetoed by the node chain", () => {
    const hooks = veto("NODE_ADDING_FIRST_MEMORY", "ENOMEM");
    const newer = plugged(1, { kernel: "6.17", hooks });
    expect(stateStore(newer, blockAt(newer), "online_movable")).toBe("ENOMEM");
    expect(newer.events.map(({ event }) => event)).toContain("NODE_CANCEL_ADDING_FIRST_MEMORY");
    const older = plugged(1, { kernel: "6.16", hooks });
    expect(stateStore(older, blockAt(older), "online_movable")).toBeUndefined();
  });

  it("events name the usable range, without the memmap's own pages", () => {
    const machine = plugged(1, { kernel: "6.1" });
    stateStore(machine, blockAt(machine), "online_movable");
    expect(machine.events).toEqual(
      ["MEM_GOING_ONLINE", "MEM_ONLINE"].map((event) => ({ event, startPfn: 0x100200, nrPages: 32256 })),
    );
  });
});

describe("s390, two phases", () => {
  const s390 = (kernel: string) => {
    const machine = testMachine({ kernel, arch: "s390", blockBytes: 256 * MIB, autoOnline: "online" });
    sclpAddStandby(machine, { nid: 1, startBytes: HOT_START, sizeBytes: 256 * MIB });
    return { machine, block: machine.blocks.get(16) as MemoryBlock };
  };

  it("6.12: standby memory is inaccessible until MEM_PREPARE_ONLINE and after MEM_FINISH_OFFLINE", () => {
    const { machine, block } = s390("6.12");
    expect([block.state, block.altmap?.accessible]).toEqual(["offline", false]);
    stateStore(machine, block, "online_kernel");
    expect(block.altmap?.accessible).toBe(true);
    stateStore(machine, block, "offline");
    expect(block.altmap?.accessible).toBe(false);
    expect(machine.events.map(({ event }) => event)).toEqual([
      "MEM_PREPARE_ONLINE",
      "MEM_GOING_ONLINE",
      "MEM_ONLINE",
      "MEM_GOING_OFFLINE",
      "MEM_OFFLINE",
      "MEM_FINISH_OFFLINE",
    ]);
  });

  it("6.12: both events tell the altmap apart from the range, as merged", () => {
    const { machine, block } = s390("6.12");
    stateStore(machine, block, "online_kernel");
    stateStore(machine, block, "offline");
    const altmap = { altmapStartPfn: 0x100000, altmapNrPages: 1024 };
    const usable = { startPfn: 0x100000 + 1024, nrPages: 65536 - 1024 };
    expect(machine.events.filter(({ altmapStartPfn }) => altmapStartPfn !== undefined)).toEqual([
      { event: "MEM_PREPARE_ONLINE", ...usable, ...altmap },
      { event: "MEM_FINISH_OFFLINE", ...usable, ...altmap },
    ]);
    expect(machine.events).toContainEqual({ event: "MEM_ONLINE", ...usable });
  });

  it("6.12 without a memmap on the block: the whole block, and an empty altmap", () => {
    const machine = testMachine({ kernel: "6.12", arch: "s390", blockBytes: 256 * MIB, mode: "N" });
    sclpAddStandby(machine, { nid: 1, startBytes: HOT_START, sizeBytes: 256 * MIB });
    stateStore(machine, machine.blocks.get(16) as MemoryBlock, "online_kernel");
    expect(machine.events[0]).toEqual({
      event: "MEM_PREPARE_ONLINE",
      startPfn: 0x100000,
      nrPages: 65536,
      altmapStartPfn: 0x100000,
      altmapNrPages: 0,
    });
  });

  it("6.1 has no memmap_on_memory there, 6.19 no such phases", () => {
    expect(s390("6.1").block.altmap).toBeUndefined();
    const { machine, block } = s390("6.19");
    stateStore(machine, block, "online_kernel");
    expect(machine.events.map(({ event }) => event)).not.toContain("MEM_PREPARE_ONLINE");
  });
});
