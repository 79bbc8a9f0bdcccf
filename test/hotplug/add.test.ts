import { describe, expect, it } from "vitest";
import { driver } from "../../src/hotplug/drivers.ts";
import { plugDimm } from "../../src/hotplug/state/acpi.ts";
import { addMemory } from "../../src/hotplug/state/add.ts";
import type { AddRequest } from "../../src/hotplug/state/addRequest.ts";
import type { AddStage, HotplugMachine } from "../../src/hotplug/state/machine.ts";
import type { Errno } from "../../src/hotplug/state/memoryBlock.ts";
import { tryRemoveMemory } from "../../src/hotplug/state/remove.ts";
import type { DriverName } from "../../src/scenario/words.ts";
import { BLOCK, fingerprint, HOT_START, testMachine } from "./testMachine.ts";

function add(machine: HotplugMachine, blocks: number, overrides: Partial<AddRequest> & { name?: DriverName } = {}) {
  const { name = "direct", ...rest } = overrides;
  return addMemory(machine, {
    nid: 1,
    startBytes: HOT_START,
    sizeBytes: blocks * BLOCK,
    driver: driver(name, machine.settings.rules),
    group: undefined,
    ...rest,
  });
}

const selfHosted = (machine: HotplugMachine) => [...machine.blocks.values()].map((block) => block.altmap !== undefined);

describe("add: checks in order", () => {
  it("start and size must be whole blocks, and not nothing", () => {
    const machine = testMachine();
    const before = fingerprint(machine);
    expect(add(machine, 1, { startBytes: HOT_START + 4096 })).toBe("EINVAL");
    expect(add(machine, 1, { sizeBytes: BLOCK - 4096 })).toBe("EINVAL");
    expect(add(machine, 0)).toBe("EINVAL");
    expect(machine.log[1]).toBe("Block size [0x8000000] unaligned hotplug range: start 0x100000000, size 0x7fff000");
    expect(fingerprint(machine)).toBe(before);
    expect(add(machine, 1)).toBeUndefined();
  });

  it("a resource that is taken is -EEXIST before anything is checked", () => {
    const machine = testMachine();
    expect(add(machine, 2)).toBeUndefined();
    const before = fingerprint(machine);
    expect(add(machine, 1, { startBytes: HOT_START + BLOCK, sizeBytes: 4096 })).toBe("EEXIST");
    expect(fingerprint(machine)).toBe(before);
    expect(add(machine, 1, { startBytes: HOT_START + 2 * BLOCK })).toBeUndefined();
  });

  it("beyond the mappable range is -E2BIG, up to its end is not", () => {
    expect(add(testMachine(), 1, { startBytes: 2 ** 52 })).toBe("E2BIG");
    expect(add(testMachine(), 1, { startBytes: 2 ** 52 - BLOCK })).toBeUndefined();
  });

  it("the node must be possible, and must come up", () => {
    const machine = testMachine({ possibleNodes: new Set([0]) });
    expect(add(machine, 1)).toBe("EINVAL");
    expect(machine.log).toEqual(["node 1 was absent from the node_possible_map"]);
    expect(add(machine, 1, { nid: 0 })).toBeUndefined();
    const failing = testMachine({ hooks: { failAdd: (stage) => (stage === "tryOnlineNode" ? "ENOMEM" : undefined) } });
    const before = fingerprint(failing);
    expect(add(failing, 1)).toBe("ENOMEM");
    expect(fingerprint(failing)).toBe(before);
  });

  it("a caller that asks where it is not supported: -EINVAL up to 6.5, the buddy from 6.6", () => {
    expect(add(testMachine({ kernel: "6.1" }), 2)).toBe("EINVAL");
    expect(add(testMachine({ kernel: "6.1" }), 1)).toBeUndefined();
    const fallback = testMachine({ kernel: "6.6" });
    expect(add(fallback, 2)).toBeUndefined();
    expect(selfHosted(fallback)).toEqual([false, false]);
  });
});

describe("add: one request is split across blocks from 6.8", () => {
  it("each block carries its own memmap: 512 pages of 32768", () => {
    const machine = testMachine();
    expect(add(machine, 4)).toBeUndefined();
    expect([...machine.blocks.values()].map((block) => [block.altmap?.basePfn, block.altmap?.freePages])).toEqual(
      [0, 1, 2, 3].map((block) => [(HOT_START + block * BLOCK) / 4096, 512]),
    );
  });

  const stages: readonly AddStage[] = ["altmap", "archAddMemory", "memoryBlockDevice"];
  const cases = stages.flatMap((stage) => [0, 1, 3].map((block) => [stage, block] as const));
  it.each(cases)("failure of %s at block %i unwinds everything", (stage, k) => {
    for (const mode of ["Y", "N"] as const) {
      if (mode === "N" && stage === "altmap") continue;
      let failing = true;
      const failAdd = (at: AddStage, id: number): Errno | undefined =>
        failing && at === stage && id === HOT_START / BLOCK + k ? "ENOMEM" : undefined;
      const machine = testMachine({ mode, hooks: { failAdd } });
      const before = fingerprint(machine);
      expect(add(machine, 4)).toBe("ENOMEM");
      expect(fingerprint(machine)).toBe(before);
      failing = false;
      expect(add(machine, 4)).toBeUndefined();
      expect(machine.blocks.size).toBe(4);
    }
  });

  it("onlining errors do not fail the add, and stop the walk at that block", () => {
    const veto = (HOT_START + BLOCK) / 4096 + 512;
    const machine = testMachine({
      autoOnline: "online_movable",
      hooks: {
        notify: ({ event, startPfn }) => (event === "MEM_GOING_ONLINE" && startPfn === veto ? "EPERM" : undefined),
      },
    });
    expect(add(machine, 3)).toBeUndefined();
    expect([...machine.blocks.values()].map((block) => block.state)).toEqual(["online", "offline", "offline"]);
  });
});

describe("remove", () => {
  it("needs every block offline", () => {
    const machine = testMachine({ autoOnline: "online" });
    add(machine, 2);
    expect(tryRemoveMemory(machine, HOT_START, 2 * BLOCK)).toBe("EBUSY");
    expect(machine.log.at(-1)).toBe(
      "removing memory fails, because memory [0x0000000100000000-0x0000000107ffffff] is onlined",
    );
  });

  it("refuses a range of which only some blocks are self-hosted; each part alone is fine", () => {
    const machine = testMachine();
    add(machine, 1);
    add(machine, 1, { startBytes: HOT_START + BLOCK, name: "dax-kmem", attribute: false });
    expect(selfHosted(machine)).toEqual([true, false]);
    expect(tryRemoveMemory(machine, HOT_START, 2 * BLOCK)).toBe("EINVAL");
    expect(tryRemoveMemory(machine, HOT_START, BLOCK)).toBeUndefined();
    expect(tryRemoveMemory(machine, HOT_START + BLOCK, BLOCK)).toBeUndefined();
    expect(machine.blocks.size).toBe(0);
  });

  it("before 6.8 a self-hosted range is exactly one block", () => {
    const machine = testMachine({ kernel: "6.1" });
    add(machine, 1);
    add(machine, 1, { startBytes: HOT_START + BLOCK });
    expect(tryRemoveMemory(machine, HOT_START, 2 * BLOCK)).toBe("EINVAL");
    expect(machine.log.at(-1)).toBe("Refuse to remove 0x100000000 - 0x110000000,wrong granularity");
    expect(tryRemoveMemory(machine, HOT_START, BLOCK)).toBeUndefined();
  });

  it("add and remove leave no trace", () => {
    for (const mode of ["N", "Y", "force"] as const) {
      const machine = testMachine({ mode });
      const before = fingerprint(machine);
      const dimm = plugDimm(machine, 1, HOT_START, 4 * BLOCK);
      expect(tryRemoveMemory(machine, dimm.startBytes, dimm.sizeBytes)).toBeUndefined();
      machine.groups.clear();
      expect(fingerprint(machine)).toBe(before);
    }
  });
});
