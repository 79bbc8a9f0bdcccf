import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { readScenario } from "../../src/scenario/scenario.ts";
import { scenarioJsonSchema } from "../../src/scenario/schema.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-scenario-"));

function fileOf(text: string): string {
  const path = join(folder, "s.yaml");
  writeFileSync(path, text);
  return path;
}

function errorOf(text: string): string {
  try {
    readScenario(fileOf(text));
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message.replaceAll(folder, "");
  }
  return "no error";
}

describe("readScenario", () => {
  it("fills in the default scenario: 256 GiB bare-metal x86_64, Linux 6.12, Y, online_movable", () => {
    const scenario = readScenario(undefined);
    expect(scenario.machine).toMatchObject({ arch: "x86_64", platform: "bare-metal", dramBytes: 256 * 2 ** 30 });
    expect(scenario.kernel).toEqual({
      version: "6.12",
      memmapOnMemory: "Y",
      debugVm: false,
      initOnAlloc: true,
      zoneContiguous: undefined,
      hugetlbFreeVmemmap: false,
      mhpMemmapOnMemory: true,
      sparsememVmemmap: true,
      whatIf: [],
      pageblockOrder: undefined,
      disableRadix: false,
    });
    expect(scenario.events).toEqual(["add", "online_movable", "offline"]);
  });

  it("reads JSON as YAML", () => {
    const scenario = readScenario(
      fileOf('{"devices":[{"id":"x","capacity":"1TiB"}],"kernel":{"memmap_on_memory":true}}'),
    );
    expect(scenario.devices).toEqual([{ id: "x", capacityBytes: 2 ** 40, driver: "dax-kmem" }]);
    expect(scenario.kernel.memmapOnMemory).toBe("Y");
  });

  it.each([
    ["machine:\n  dramm: 3GiB\n", /s\.yaml:2:3: unknown key "machine.dramm"; did you mean "dram"\?/],
    ["machine:\n  arch: x86\n", /s\.yaml:2:9: "machine.arch" is "x86"\n.*"x86_64" or/],
    ["devices:\n- idd: c\n", /s\.yaml:2:3: .*"devices.0.idd"; did you mean "id"/],
    ["devices:\n- capacity: 1GiB\n", /s\.yaml:2:3: the key "devices.0.id" is missing/],
    ["events: [add, onlin]", /s\.yaml:1:15: "events.1" is "onlin"/],
    ["policy: {user_data_on_hot_added: 2}", /s\.yaml:1:34: .*is 2/],
    ["kernel: {zone_contiguous: count}", /"kernel.zone_contiguous" is "count"\n.*"walk" or "tracked"/],
    ["policy: {llc_share: 0}", /s\.yaml:1:21: "policy.llc_share" is 0\n.*>0/],
    ["policy: {llc_share: 1.5}", /"policy.llc_share" is 1.5\n.*<=1/],
    ["policy: {llc_share: .nan}", /"policy.llc_share" is .nan\n.*number/],
    ["policy: {memmap_cpu_node: -0.1}", /"policy.memmap_cpu_node" is -0.1\n.*>=0/],
    ["policy: {memmap_cpu_node: 2}", /"policy.memmap_cpu_node" is 2\n.*<=1/],
    ["policy: {class: builder}", /"policy.class" is "builder"\n.*"build-server"/],
    ["policy: {rates: {faults: -1}}", /"policy.rates.faults" is -1\n.*>=0/],
    ["policy: {rates: {faults: many}}", /"policy.rates.faults" is "many"/],
    ["policy: {rates: {fault: 1}}", /unknown key "policy.rates.fault"; did you mean "faults"/],
    ["policy: {rates: {faults: .inf}}", /"policy.rates.faults" is .inf\n.*<=1000000000000/],
    ["policy: {promoted_pages_per_second: -2}", /"policy.promoted_pages_per_second" is -2/],
    ["machine: {cpus: 0}", /"machine.cpus" is 0\n.*>=1/],
    ["machine: {cpus: 2.5}", /"machine.cpus" is 2.5\n.*whole number/],
    ["policy: {cpi: [2, 1]}", /not a range: 2 > 1/],
    ["devices: [{id: x, capacity: -3GiB}]", /"devices.0.capacity" "-3GiB" is not a size/],
    ["devices: [{id: x, capacity: 0}]", /capacity" is 0/],
    ["devices: [{id: x, capacity: 17TiB}]", /at most 17592186044416 bytes \(16 TiB\)/],
    ["devices: [{id: x, capacity: 99999999999TiB}]", /more than 8 PiB/],
    ["machine: {dram: 1GiB, dram: 2GiB}", /s\.yaml:1:\d+: not valid YAML: Map keys must be unique/],
    ["a: [", /s\.yaml:1:\d+: not valid YAML/],
    ["kernel: {version: 6.1}", /s\.yaml:1:19: "kernel.version" is 6.1\n.*string\n.*"6.1", in quotes/],
    [
      "kernel: {version: 6.10}",
      /s\.yaml:1:19: "kernel.version" is 6\.10, which YAML reads as the number 6\.1\n.*string\n.*"6\.10", in quotes/,
    ],
    ['{"kernel": {"version": 6.20}}', /is 6\.20, which YAML reads as the number 6\.2\n/],
    ["devices: [{id: x, start: 5PiB}]", /"devices.0.start" is 0x14000000000000\n.*below 0x10000000000000/],
    ["machine: {dram: 4GiB, end_of_ram: 3GiB}", /"machine.end_of_ram" is 0xc0000000 \(3 GiB\), below the 4 GiB of/],
    ["machine: {cxl_windows: [{base: 64GiB}]}", /the key "machine.cxl_windows.0.size" is missing/],
    ["machine: {cxl_windows: [{base: 64GiB, size: 0}]}", /cxl_windows\.0" has 0 bytes from 0x1000000000 on/],
    [
      "machine: {cxl_windows: [{base: 64GiB, size: 2GiB}, {base: 65GiB, size: 2GiB}]}",
      /"machine.cxl_windows" overlap: one ends at 0x1080000000, the next begins at 0x1040000000/,
    ],
    ["kernel: {hugetlb_free_vmemmap: maybe}", /"kernel.hugetlb_free_vmemmap" is "maybe"/],
    ["devices: []", /s\.yaml:1:10: "devices" is empty/],
    ["machine: {dram: .inf}", /"machine.dram" is \.inf\n.*whole number/],
    ["machine: {dram: 1}", /"machine.dram" is 1 bytes\n.*128 MiB to 4 PiB/],
    ["machine: {dram: 5PiB}", /"machine.dram" is \d+ bytes/],
    ["- a", /s\.yaml: the file is a list\n.*a mapping of schema, .*machine/],
    ["just words", /s\.yaml: the file is plain text/],
    ["? {a: b}\n: c", /s\.yaml:1:3: not valid YAML: .*keys must be strings/],
    ["a: 1\n---\nb: 2", /s\.yaml:2:1: a second document begins here/],
    ["[".repeat(4_000_000), /s\.yaml:1:65: nested deeper than 64 levels/],
    ["- ".repeat(100_000), /s\.yaml: nested deeper than 64/],
    [Array.from({ length: 2000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), /nested deeper than 64/],
    [
      `a: &a [x, x]\n${"bcdefghijk".replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
      /not usable YAML: Excessive alias/,
    ],
    ["a".repeat(4 * 1024 * 1024 + 1), /s\.yaml: is larger than 4194304 bytes/],
    ["events: [remove]", /"events.0" is remove, but the device is unplugged then\n.*: add/],
    ["events: [add, online_movable, remove]", /"events.2" is remove, but the device is online then\n.*: offline/],
    ["events: [add, offline]", /"events.1" is offline, .*\n.*online_movable or online_kernel or remove/],
  ])("refuses %j with its place", (text, expected) => {
    expect(errorOf(text)).toMatch(expected);
  });

  it("says which file is missing", () => {
    expect(() => readScenario(join(folder, "none.yaml"))).toThrow(/none\.yaml: no such file/);
    expect(() => readScenario(folder)).toThrow(/is a folder/);
  });
});

describe("scenarioJsonSchema", () => {
  it("describes every key and refuses others", async () => {
    const schema = JSON.stringify(await scenarioJsonSchema());
    for (const key of ["machine", "devices", "kernel", "policy", "events", "workloads"])
      expect(schema).toContain(`"${key}"`);
    expect(schema).toContain('"additionalProperties":false');
  });
});
