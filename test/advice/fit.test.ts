// The screen and the document of altmap fit, for the machines that people asked about.
import { describe, expect, it } from "vitest";
import { fitMachine, planFacts } from "../../src/advice/fit.ts";
import { lightsOf } from "../../src/advice/lights.ts";
import { fitDocument } from "../../src/report/fit/fitDocument.ts";
import { fitText } from "../../src/report/fit/fitText.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

const NONE = { hosts: [], devices: [] };
const GIB = 1024 ** 3;
const CXL = "cxl-samsung-mxp-genoa";
const planned = (yaml: string) => planFacts(parseScenario(yaml), NONE);

const SCREENS: Readonly<Record<string, string>> = {
  "four devices": `machine: {dram: 512GiB}\ndevices: [{id: ${CXL}, capacity: 512GiB, count: 4}]`,
  "too little DRAM": `machine: {dram: 16GiB}\ndevices: [{id: ${CXL}, capacity: 512GiB, count: 4}]`,
  "ppc64 force":
    "machine: {arch: ppc64-radix-64k}\nkernel: {memmap_on_memory: force}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 4GiB, driver: ppc64-dlpar}]",
  "s390 by block":
    "machine: {arch: s390}\nkernel: {version: '6.19'}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 4GiB, driver: s390-sclp}]",
  "arm64 64K": `machine: {arch: arm64-64k}\ndevices: [{id: ${CXL}, capacity: 512GiB}]`,
  "virtio-mem": `machine: {platform: vm, dram: 4GiB}\ndevices: [{id: ${CXL}, capacity: 12GiB, driver: virtio-mem}]`,
  "a DIMM": `machine: {dram: 4GiB}\nkernel: {version: '6.18', memmap_on_memory: N}\ndevices: [{id: ${CXL}, capacity: 1GiB, driver: acpi}]`,
};

describe("the screen", () => {
  it.each(Object.entries(SCREENS))("%s: at most 24 lines of 80 columns, and a conclusion", async (_name, yaml) => {
    const text = fitText(await fitMachine(parseScenario(yaml)));
    const lines = text.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(24);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(text).toMatch(/\n=> \S/);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("one answer for the whole machine", () => {
  it("four devices of 512 GiB: 32 GiB of 512 GiB of DRAM, 6.25 %", async () => {
    const document = fitDocument(await fitMachine(parseScenario(SCREENS["four devices"]!)));
    expect(document.memmap_bytes).toBe(32 * GIB);
    expect(document.placements.map(({ light }) => light)).toEqual(["fits", "fits"]);
    expect(document.placements.map(({ usable_bytes }) => usable_bytes! / GIB)).toEqual([2048, 2016]);
    expect(document.placements.map(({ pmd_pages, gib_pages }) => [pmd_pages, gib_pages])).toEqual([
      [1048576, 2048],
      [1032192, 1024],
    ]);
    expect(document.break_even!.misses_per_second).toBeGreaterThan(0);
  });

  it("16 GiB of DRAM: the memmaps fit only on the memory", () => {
    const { dram, onMemory } = lightsOf(planned(SCREENS["too little DRAM"]!));
    expect([dram.light, onMemory.light]).toEqual(["does-not-fit", "fits"]);
    expect(dram.because[0]).toBe("needs 32 GiB, 15.75 GiB of DRAM are free");
  });

  it("12 GiB need 192 MiB free, and say when that lies in pieces", () => {
    const vm = (free: string) =>
      planned(
        `machine: {platform: vm, dram: 2GiB, dram_nodes: [{node: 0, size: 2GiB, ${free}}]}\ndevices: [{id: ${CXL}, capacity: 12GiB, driver: acpi}]`,
      );
    expect(vm("free: 200MiB").totals.memmapBytes).toBe(192 * 1024 ** 2);
    expect(vm("free: 191MiB").room.fits).toBe(false);
    expect(vm("free: 193MiB").room).toMatchObject({ fits: true, basePagesBytes: 0 });
    const pieces = vm("free: 200MiB, free_pmd: 100MiB");
    expect(pieces.room).toMatchObject({ fits: true, basePagesBytes: 92 * 1024 ** 2, extraTableBytes: 46 * 4096 });
    expect(lightsOf(pieces).dram.because).toContain("92 MiB of 192 MiB in base pages: DRAM is fragmented");
  });

  it("drivers that add block by block ask for little at once", () => {
    expect(planned(SCREENS["virtio-mem"]!).room.atOnceBytes).toBe(2 * 1024 ** 2);
    expect(planned(SCREENS["a DIMM"]!).room.atOnceBytes).toBe(16 * 1024 ** 2);
  });

  it("what is off can be switched on: N shows both placements", () => {
    const facts = planned(SCREENS["a DIMM"]!);
    expect(facts.mode).toBe("N");
    expect(lightsOf(facts).onMemory.light).toBe("fits");
  });

  it("windows that are no whole blocks lose their ends", () => {
    const facts = planned(`devices: [{id: ${CXL}, capacity: 121.25GiB, start: 0x1010000000}]`);
    expect(facts.totals.addedBytes / GIB).toBe(118);
    expect(facts.totals.capacityBytes / GIB).toBe(121.25);
  });
});

describe("commands", () => {
  const commands = async (yaml: string, options = {}) => (await fitMachine(parseScenario(yaml), options)).commands;
  const DIMM = SCREENS["a DIMM"]!;
  it("set the parameter as the distribution does", async () => {
    expect((await commands(DIMM)).type[0]!.command).toBe(
      "memory_hotplug.memmap_on_memory=1 on the kernel command line, reboot",
    );
    expect((await commands(DIMM, { distribution: "rhel" })).type[0]!.command).toContain(
      "grubby --update-kernel=ALL --args=",
    );
    const on = DIMM.replace(", memmap_on_memory: N", "");
    expect((await commands(on, { isRunning: true })).type[0]!.command).not.toContain("command line");
  });

  it("write the attribute before kmem binds where it is off by default", async () => {
    const words = (yaml: string) => commands(yaml).then(({ type }) => type.map(({ command }) => command).join("\n"));
    const dax = (id: string, version: string) =>
      `machine: {dram: 4GiB}\nkernel: {version: '${version}'}\ndevices: [{id: ${id}, capacity: 1GiB, name: dax1.0, node: 1}]`;
    expect(await words(dax("optane100-1x", "6.12"))).toContain("echo 1 > /sys/bus/dax/devices/dax1.0/memmap_on_memory");
    expect(await words(dax(CXL, "6.12"))).not.toContain("echo 1");
    const { check, undo } = await commands(dax(CXL, "7.3"));
    expect(check[1]).toMatchObject({
      command: "grep MemTotal /sys/devices/system/node/node1/meminfo",
      why: "1032192 kB",
    });
    expect(undo[0]!.command).toBe("echo unplugged > /sys/bus/dax/devices/dax1.0/state");
  });

  it("are none where no command helps", async () => {
    expect((await commands(SCREENS["virtio-mem"]!)).type).toEqual([]);
    expect((await commands(SCREENS["arm64 64K"]!)).type).toEqual([]);
  });
});
