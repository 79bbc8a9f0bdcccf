import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { answer } from "../../src/answer.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-report-"));

/** The answer to a scenario without workloads, which takes no time. */
async function answerTo(yaml: string): Promise<string> {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, yaml);
  return answer(path, {}, "text");
}

const device = "devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]";

describe("the verdict", () => {
  it("is only-on-memory when the memmap would take most of DRAM", async () => {
    const text = await answerTo(`machine: {dram: 1GiB, memory_block: 128MiB}\n${device}\nworkloads: []\n`);
    expect(text).toMatch(/Only on the memory: in DRAM the memmap would take 1 GiB, 100 % of 1 GiB/);
  });

  it("is refused with the condition that fails", async () => {
    const text = await answerTo(`kernel: {memmap_on_memory: N}\n${device}\nworkloads: []\n`);
    expect(text).toMatch(
      /=> The memmap goes to DRAM .* self-hosting is refused, because memory_hotplug\.memmap_on_memory/,
    );
  });

  it("is refused by 6.1 for more than one block: -EINVAL where the caller asks all the same", async () => {
    const kernel = 'kernel: {version: "6.1"}\nworkloads: []\n';
    expect(await answerTo(`${kernel}${device}\n`)).toMatch(/self-hosting is refused/);
    const direct = device.replace("capacity", "driver: direct, capacity");
    expect(await answerTo(`${kernel}${direct}\n`)).toMatch(/the add fails with -EINVAL, because .*one block/);
  });

  it("names the saving when nothing else is known", async () => {
    expect(await answerTo(`${device}\nworkloads: []\n`)).toMatch(/saves 1 GiB of DRAM .*no workload was priced/);
  });
});

describe("a layout whose struct pages the kernels do not walk", () => {
  it.each([
    "machine: {struct_page_bytes: 80}",
    "machine: {arch: arm64-64k}",
    "machine: {arch: ppc64-radix-64k}",
  ])("is refused, and explain is named: %s", async (machine) => {
    const scenario = `${machine}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: []\n`;
    await expect(answerTo(scenario)).rejects.toThrow(/times are modelled for 4 KiB pages.*\n.*altmap explain/);
  });
});

describe("the events of a scenario", () => {
  it("are the ones that are priced: no offline, no price", async () => {
    const text = await answerTo(`${device}\nevents: [add]\nworkloads: []\n`);
    expect(text).toMatch(/ {2}add +\d/);
    expect(text).toMatch(/ {2}online +- +-/);
  });
});
