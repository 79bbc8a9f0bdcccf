/** The parts of the live kernel suite that need no guest. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { compareSteps } from "./compare.ts";
import { newcArchive, S_IFREG } from "./cpio.ts";
import { drawMachine, StepGenerator } from "./draw.ts";
import type { State, Step, System } from "./fixture.ts";
import { Qmp } from "./qmp.ts";
import { Random } from "./random.ts";
import { END_MARK, SerialShell } from "./shell.ts";
import { parseState, parseSystem } from "./state.ts";

const GUEST_STATE = `Node 0, zone      DMA
  pages free     3776
        spanned  4095
        present  3998
        managed  3840
  start_pfn:           1
Node 1, zone   Normal
  pages free     0
        spanned  0
        present  0
        managed  0
Node 1, zone  Movable
  pages free     32256
        spanned  32768
        present  32768
        managed  32256
  start_pfn:           1048576
buddy Node 0, zone      DMA      0      0      0      0      0      0      1      1      0      1      3
buddy Node 1, zone  Movable      0      0      0      0      0      0      0      0      0      1     31
MemTotal:        1560852 kB
iomem 00001000-0009fbff : System RAM
iomem 100000000-107ffffff : System RAM
block 0 online 1 none
block 32 offline 1 Normal Movable
link /sys/devices/system/node/node1/memory32
link /sys/devices/system/node/node0/memory0
daxattribute 0
daxdriver kmem
daxiomem 100000000-147ffffff : Persistent Memory
daxiomem   108000000-147ffffff : dax0.0
`;

const state = parseState(GUEST_STATE);

describe("what the guest prints", () => {
  it("becomes a state: zones that exist, blocks, links, resources, dax", () => {
    expect(state.zones).toEqual({
      "0:DMA": {
        free: 3776,
        spanned: 4095,
        present: 3998,
        managed: 3840,
        start_pfn: 1,
        buddy: [0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 3],
      },
      "1:Movable": {
        free: 32256,
        spanned: 32768,
        present: 32768,
        managed: 32256,
        start_pfn: 1048576,
        buddy: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 31],
      },
    });
    expect(state.blocks["32"]).toEqual({ state: "offline", valid_zones: "Normal Movable", removable: "1" });
    expect(state.node_blocks).toEqual(["0:0", "1:32"]);
    expect(state.mem_total_kb).toBe(1560852);
    expect(state.iomem_system_ram).toHaveLength(2);
    expect(state["dax0.0"]).toEqual({
      memmap_on_memory: "0",
      driver: "kmem",
      iomem: ["100000000-147ffffff : Persistent Memory", "  108000000-147ffffff : dax0.0"],
    });
  });

  it("is refused when it is no state", () => {
    expect(() => parseState("sh: state: not found")).toThrow(/no MemTotal/);
  });

  it("names the kernel and its parameters", () => {
    const { kernel, facts } = parseSystem(
      "version Linux version 6.1.0-56-amd64 (mail) (gcc-12) #1 SMP Debian 6.1.192-2 (2026-01-01)\n" +
        "block_size 8000000\nauto_online offline\nparameter memmap_on_memory Y\n",
      "7.2",
    );
    expect(kernel).toBe("Linux 6.1.0-56-amd64 (Debian 6.1.192-2), x86_64, QEMU 7.2 q35 TCG");
    expect(facts).toEqual({
      block_size_bytes: 128 << 20,
      auto_online_blocks: "offline",
      parameters: { memmap_on_memory: "Y" },
    });
  });
});

describe("comparing two recordings", () => {
  const step = (after: State): Step => ({ op: "remove", dimm: 1, error: null, dmesg: [], after });
  const paths = (change: (copy: { zones: Record<string, Record<string, unknown>> }) => void): string[] => {
    const copy = structuredClone(state);
    change(copy as never);
    const initial = { ...state, zones: { "0:DMA": state.zones["0:DMA"]! } };
    const pair = (after: State) => ({ initial, step: step(after) });
    return compareSteps(0, pair(state), pair(copy)).map(({ path }) => path);
  };
  const zone = (copy: { zones: Record<string, Record<string, unknown>> }, name: string) => copy.zones[name]!;

  it("finds hot-added zones that differ", () => {
    expect(paths((copy) => Object.assign(zone(copy, "1:Movable"), { managed: 32255 }))).toEqual(["zones/1:Movable"]);
    expect(paths((copy) => Object.assign(zone(copy, "1:Movable"), { buddy: [] }))).toEqual(["zones/1:Movable"]);
  });

  it("lets boot zones drift, but not grow", () => {
    expect(paths((copy) => Object.assign(zone(copy, "0:DMA"), { free: 1, buddy: [] }))).toEqual([]);
    expect(paths((copy) => Object.assign(zone(copy, "0:DMA"), { spanned: 1 }))).toEqual(["zones/0:DMA"]);
  });
});

const KERNEL_6_12 = { line: "6.12", modules: "/" } as const;

describe("drawing", () => {
  const system = { block_size_bytes: 128 << 20, cpuless_node1: true } as System;
  const deviceBase = 2 ** 32;
  // A machine has boot memory: a sequence may write to its blocks before anything is plugged.
  const boot = { "0": { state: "online", valid_zones: "none", removable: "1" } } as const;
  const draw = (seed: number, count: number) => {
    const generator = new StepGenerator(new Random(seed), system, { ...state, blocks: boot }, deviceBase);
    return Array.from({ length: count }, () => {
      const operation = generator.next();
      if (operation.op === "add") generator.observe({ ...operation, error: null, dmesg: [], after: state });
      return operation;
    });
  };

  it("depends on the seed alone", () => {
    expect(draw(7, 30)).toEqual(draw(7, 30));
    expect(draw(7, 30)).not.toEqual(draw(8, 30));
    expect(drawMachine(new Random(3), KERNEL_6_12)).toEqual(drawMachine(new Random(3), KERNEL_6_12));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("plugs DIMMs where there is room, seed %d", (seed) => {
    const plugged: [number, number][] = draw(seed, 60).flatMap((operation) =>
      operation.op === "add" ? [[operation.addr[0]!, operation.addr[0]! + operation.size] as [number, number]] : [],
    );
    plugged.sort(([a], [b]) => a - b);
    expect(plugged.length).toBeGreaterThan(0);
    plugged.forEach(([start], index) => {
      expect(start).toBeGreaterThanOrEqual(plugged[index - 1]?.[1] ?? deviceBase);
    });
  });

  it("gives no dax device to a kernel that is packaged without modules", () => {
    for (let seed = 1; seed <= 200; seed++)
      expect(drawMachine(new Random(seed), { line: "7.0", modules: undefined }).boot.nvdimmBytes).toBeUndefined();
  });

  it("keeps force mode and dax devices from Linux 6.1, which has neither", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { boot } = drawMachine(new Random(seed), { line: "6.1", modules: "/" });
      expect(boot.cmdline).not.toContain("force");
      expect(boot.nvdimmBytes).toBeUndefined();
    }
  });
});

describe("transport", () => {
  it("gives each command its own output, and fails when the guest does", async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const shell = new SerialShell(input, output);
    const first = shell.run("state");
    expect(String(input.read())).toContain("{ state; }");
    output.write("MemTotal: 1 kB\n\n@@end");
    output.write(`${END_MARK.slice(5)}\nlate`);
    expect(await first).toBe("MemTotal: 1 kB\n");
    const second = shell.run("dmesg -c");
    shell.fail(new Error("QEMU ended"));
    await expect(second).rejects.toThrow("QEMU ended");
    await expect(shell.run("state")).rejects.toThrow("QEMU ended");
  });

  it("names the command that does not answer", async () => {
    const shell = new SerialShell(new PassThrough(), new PassThrough());
    await expect(shell.run("state", 20)).rejects.toThrow(/did not answer in 20 ms/);
  });

  it("speaks QMP: greeting, commands, errors, events", async () => {
    const directory = mkdtempSync(join(tmpdir(), "altmap-qmp-"));
    try {
      const { connected } = Qmp.listen(join(directory, "qmp"));
      const qemu = connect(join(directory, "qmp"));
      const say = (message: unknown) => qemu.write(`${JSON.stringify(message)}\r\n`);
      qemu.setEncoding("utf8").on("data", (line: string) => {
        const { execute } = JSON.parse(line) as { execute: string };
        if (execute !== "device_del") return say({ return: {} });
        say({ event: "ACPI_DEVICE_OST", data: { info: { slot: "0" } } });
        return say({ error: { class: "GenericError", desc: "no such device" } });
      });
      say({ QMP: { version: { qemu: { major: 7, minor: 2 } } } });
      const qmp = await connected;
      expect(qmp.version).toBe("7.2");
      await expect(qmp.execute("device_del", { id: "x" })).rejects.toThrow("device_del: no such device");
      const { event } = await qmp.waitFor(() => true, "an event", 1000);
      expect(event).toBe("ACPI_DEVICE_OST");
      await expect(qmp.waitFor(() => true, "a second event", 20)).rejects.toThrow(/no a second event within/);
      qmp.fail(new Error("QEMU ended"));
      await expect(qmp.execute("query-status")).rejects.toThrow("QEMU ended");
      qmp.close();
      qemu.destroy();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe("newcArchive", () => {
  it("writes parents first, data aligned to four bytes, and a trailer", () => {
    const archive = newcArchive([{ path: "bin/sh", mode: S_IFREG | 0o755, data: Buffer.from("12345") }]);
    const names: string[] = [];
    for (let at = 0; at < archive.length; ) {
      expect(archive.toString("latin1", at, at + 6)).toBe("070701");
      const field = (index: number) =>
        Number.parseInt(archive.toString("latin1", at + 6 + 8 * index, at + 14 + 8 * index), 16);
      const [size, nameSize] = [field(6), field(11)];
      names.push(archive.toString("latin1", at + 110, at + 110 + nameSize - 1));
      const dataAt = Math.ceil((at + 110 + nameSize) / 4) * 4;
      if (size > 0) expect(archive.toString("latin1", dataAt, dataAt + size)).toBe("12345");
      at = Math.ceil((dataAt + size) / 4) * 4;
    }
    expect(names).toEqual(["bin", "bin/sh", "TRAILER!!!"]);
  });
});
