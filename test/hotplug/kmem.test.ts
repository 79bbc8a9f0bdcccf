import { describe, expect, it } from "vitest";
import { daxAttributeDefault } from "../../src/hotplug/drivers.ts";
import { bindKmem, type DaxDevice, daxBlocks, memmapOnMemoryStore, unbindKmem } from "../../src/hotplug/state/kmem.ts";
import {
  dlparAddLmb,
  offlineAndRemoveMemory,
  probeStore,
  sclpConfigure,
  sclpMemmapOnMemory,
} from "../../src/hotplug/state/otherDrivers.ts";
import { boolFromText, stateStore } from "../../src/hotplug/state/sysfs.ts";
import { MIB } from "../../src/units.ts";
import { BLOCK, fingerprint, HOT_START, testMachine } from "./testMachine.ts";

function pmem(overrides: Partial<DaxDevice> = {}): DaxDevice {
  return {
    name: "dax0.0",
    startBytes: HOT_START + 2 * MIB,
    sizeBytes: 4 * BLOCK,
    targetNode: 1,
    memmapOnMemory: daxAttributeDefault("pmem"),
    driver: "device_dax",
    group: undefined,
    ...overrides,
  };
}

describe("dax/kmem", () => {
  it("trims its range inward to whole blocks", () => {
    const machine = testMachine();
    expect(bindKmem(machine, pmem())).toBeUndefined();
    expect([...machine.blocks.keys()]).toEqual([33, 34, 35]);
    expect(machine.resources.list()[1]).toEqual({
      start: HOT_START + BLOCK,
      end: HOT_START + 4 * BLOCK - 1,
      name: "System RAM (kmem)",
    });
  });

  it("a range that holds no whole block is rejected, one block more is not", () => {
    const small = pmem({ sizeBytes: 2 * BLOCK - 4 * MIB });
    const machine = testMachine();
    expect(bindKmem(machine, small)).toBe("EINVAL");
    expect(small.driver).toBeUndefined();
    expect(machine.log).toEqual(["kmem dax0.0: rejecting DAX region without any memory after alignment"]);
    expect(bindKmem(machine, pmem({ sizeBytes: 2 * BLOCK - 2 * MIB }))).toBeUndefined();
    expect(machine.blocks.size).toBe(1);
  });

  it("the attribute: EINVAL, EOPNOTSUPP, EBUSY, in that order", () => {
    const unsupported = testMachine({ mode: "N" });
    expect(memmapOnMemoryStore(unsupported, pmem(), "junk")).toBe("EINVAL");
    expect(memmapOnMemoryStore(unsupported, pmem(), "1")).toBe("EOPNOTSUPP");
    expect(memmapOnMemoryStore(unsupported, pmem(), "0")).toBeUndefined();
    const machine = testMachine();
    const dax = pmem();
    expect(memmapOnMemoryStore(machine, dax, "on")).toBeUndefined();
    bindKmem(machine, dax);
    expect(memmapOnMemoryStore(machine, dax, "1")).toBeUndefined();
    expect(memmapOnMemoryStore(machine, dax, "0")).toBe("EBUSY");
    expect([...machine.blocks.values()].every((block) => block.altmap !== undefined)).toBe(true);
    unbindKmem(machine, dax);
    expect(memmapOnMemoryStore(machine, dax, "0")).toBeUndefined();
  });

  it("defaults by kind: on for CXL only", () => {
    expect((["cxl", "pmem", "hmem", "user"] as const).map(daxAttributeDefault)).toEqual([true, false, false, false]);
  });

  it("daxctl refuses to bind while the kernel onlines by itself", () => {
    const machine = testMachine({ autoOnline: "online_movable" });
    const dax = pmem();
    expect(bindKmem(machine, dax)).toBe("EBUSY");
    expect(dax.driver).toBe("device_dax");
    expect(machine.log).toEqual(["dax0.0: error: kernel policy will auto-online memory, aborting"]);
  });

  it("unbinding offlines in the order of the node's directory, and stops at a block that refuses", () => {
    const machine = testMachine();
    const dax = pmem({ sizeBytes: 9 * BLOCK });
    bindKmem(machine, dax);
    // As a live Linux 6.12.117 lists /sys/devices/system/node/node1.
    expect(daxBlocks(machine, dax).map((block) => block.id)).toEqual([40, 39, 37, 35, 33, 38, 36, 34]);
    for (const block of machine.blocks.values()) stateStore(machine, block, "online_kernel");
    const order = daxBlocks(machine, dax);
    const stuck = order[2];
    if (stuck !== undefined) stuck.use = { unmovablePages: 1 };
    expect(unbindKmem(machine, dax)).toBe("EBUSY");
    expect(order.map((block) => block.state)).toEqual(["offline", "offline", ...Array(6).fill("online")]);
    expect(dax.driver).toBe("kmem");
  });

  it("bind and unbind leave no trace", () => {
    const machine = testMachine();
    const before = fingerprint(machine);
    const dax = pmem();
    bindKmem(machine, dax);
    stateStore(machine, [...machine.blocks.values()][1]!, "online_movable");
    expect(unbindKmem(machine, dax)).toBeUndefined();
    expect(fingerprint(machine)).toBe(before);
  });
});

describe("other drivers", () => {
  it("ppc64 DLPAR onlines at once and takes the LMB back when that fails", () => {
    const blockBytes = 256 * MIB;
    const options = { arch: "ppc64-radix-64k", mode: "force", blockBytes } as const;
    const machine = testMachine(options);
    expect(dlparAddLmb(machine, 1, HOT_START)).toBeUndefined();
    expect(machine.zone(1, "Normal").presentPages).toBe(4096);
    const vetoed = testMachine({
      ...options,
      hooks: { notify: ({ event }) => (event === "MEM_GOING_ONLINE" ? "ENOMEM" : undefined) },
    });
    const before = fingerprint(vetoed);
    expect(dlparAddLmb(vetoed, 1, HOT_START)).toBe("EINVAL");
    expect(fingerprint(vetoed)).toBe(before);
  });

  it("sysfs probe adds one block without a group, never self-hosted", () => {
    const machine = testMachine();
    expect(probeStore(machine, 1, HOT_START)).toBeUndefined();
    expect([...machine.blocks.values()].map(({ group, altmap }) => [group, altmap])).toEqual([[undefined, undefined]]);
  });

  it("s390 from 6.19 configures block by block", () => {
    const options = { arch: "s390", blockBytes: 256 * MIB } as const;
    const sclp = { nid: 1, id: 16, configured: false, memmapOnMemory: false };
    expect(sclpConfigure(testMachine({ ...options, kernel: "6.12" }), sclp, true)).toBe("EINVAL");
    const machine = testMachine({ ...options, kernel: "6.19" });
    expect(sclpMemmapOnMemory(sclp, true)).toBeUndefined();
    expect(sclpConfigure(machine, sclp, true)).toBeUndefined();
    expect(sclpMemmapOnMemory(sclp, false)).toBe("EBUSY");
    const block = machine.blocks.get(16)!;
    expect(block.altmap?.freePages).toBe(1024);
    stateStore(machine, block, "online_kernel");
    expect(sclpConfigure(machine, sclp, false)).toBe("EBUSY");
    stateStore(machine, block, "offline");
    expect(sclpConfigure(machine, sclp, false)).toBeUndefined();
    expect(machine.blocks.size).toBe(0);
  });

  it("offline_and_remove_memory brings blocks back to the kind of zone they were in", () => {
    const machine = testMachine();
    const dax = pmem();
    bindKmem(machine, dax);
    const [a, b, c] = [33, 34, 35].map((id) => machine.blocks.get(id)!);
    stateStore(machine, a!, "online_movable");
    stateStore(machine, b!, "online_kernel");
    stateStore(machine, c!, "online_kernel");
    c!.use = { unmovablePages: 1 };
    const range = { startBytes: HOT_START + BLOCK, sizeBytes: 3 * BLOCK };
    expect(offlineAndRemoveMemory(machine, range)).toBe("EBUSY");
    expect([a, b, c].map((block) => block?.zone?.name)).toEqual(["Movable", "Normal", "Normal"]);
    c!.use = {};
    expect(offlineAndRemoveMemory(machine, range)).toBeUndefined();
    expect(machine.blocks.size).toBe(0);
  });
});

describe("kstrtobool", () => {
  it.each([
    ["1", true],
    ["y", true],
    ["Yes", true],
    ["on", true],
    ["t", true],
    ["0", false],
    ["n", false],
    ["OFF", false],
    ["f", false],
    ["o", undefined],
    ["junk", undefined],
    ["", undefined],
    ["2", undefined],
    [" 1", undefined],
  ])("%j is %s", (text, value) => {
    expect(boolFromText(text)).toBe(value);
  });
});
