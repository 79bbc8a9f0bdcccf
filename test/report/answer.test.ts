import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderAnswer } from "../../src/cli/answerScenario.ts";
import type { AnswerDocument, AnswerResult } from "../../src/report/answerDocument.ts";
import { GIB } from "../../src/units.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-report-"));

/** The answer to a scenario without workloads, which takes no time. */
async function answerTo(yaml: string): Promise<string> {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, yaml);
  return renderAnswer(path, {}, "text");
}

async function documentOf(yaml: string): Promise<AnswerDocument> {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, yaml);
  return JSON.parse(await renderAnswer(path, {}, "json")) as AnswerDocument;
}

const device = "devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]";

describe("the verdict", () => {
  it("is only-on-memory when the memmap would take most of DRAM", async () => {
    const text = await answerTo(`machine: {dram: 1.5GiB, memory_block: 128MiB}\n${device}\nworkloads: []\n`);
    expect(text).toMatch(/Only on the memory: in DRAM the memmap would take 1 GiB, 66\.7 % of 1\.5 GiB/);
  });

  it("is only-on-memory, and DRAM has no time, when the memmap does not fit in DRAM", async () => {
    const text = await answerTo(`machine: {dram: 1GiB, memory_block: 128MiB}\n${device}\nworkloads: []\n`);
    expect(text).toMatch(
      /Only on the memory: in DRAM the memmap does not fit: needs 1 GiB, 1 GiB of DRAM\. It leaves 63 GiB/,
    );
    expect(text).toMatch(/DRAM used +does not fit: needs 1 GiB +\d/);
    expect(text).toMatch(/ {2}add +- +\d.*\n {2}online +- +\d/);
    expect(text).toMatch(/whole, on the memory\n {2}\S.* ns\] +- +\d.* ns\] +- +\d.* ns\] +- +\d.*, \+\d/);
  });

  it("is refused with the condition that fails", async () => {
    const text = await answerTo(`kernel: {memmap_on_memory: N}\n${device}\nworkloads: []\n`);
    expect(text).toMatch(
      /=> The memmap goes to DRAM .* self-hosting is refused, because memory_hotplug\.memmap_on_memory/,
    );
  });

  it("says which placement the default of the attribute gives, and prices both", async () => {
    const read = async (written: string) =>
      documentOf(`devices: [{id: optane100-1x, capacity: 64GiB${written}}]\nworkloads: []\n`);
    const byDefault = await read("");
    expect(byDefault.results.map(({ placement }) => placement)).toEqual(["dram", "on-memory"]);
    expect(byDefault.verdicts[0]).toMatchObject({ default_placement: "dram" });
    expect(byDefault.verdicts[0]?.sentence).toMatch(
      /By default it goes to DRAM: attribute memmap_on_memory is 0 \(the/,
    );
    const on = await read(", memmap_on_memory: true");
    expect(on.verdicts[0]).toMatchObject({ default_placement: "on-memory" });
    expect(on.results).toEqual(byDefault.results);
    const off = await read(", memmap_on_memory: false");
    expect(off.results.map(({ placement }) => placement)).toEqual(["dram"]);
  });

  it("warns where an offline may never end: kernel zones, from 6.14 on", async () => {
    const warnings = async (version: string, online: string) =>
      (
        await documentOf(
          `kernel: {version: "${version}"}\n${device}\nworkloads: []\nevents: [add, ${online}, offline]\n`,
        )
      ).warnings;
    expect((await warnings("6.18", "online_kernel")).join("\n")).toMatch(/may never end in this kernel: a single slab/);
    expect((await warnings("6.18", "online_movable")).join("\n")).not.toMatch(/never end/);
    expect((await warnings("6.12", "online_kernel")).join("\n")).not.toMatch(/never end/);
  });

  it("is refused by 6.1 for more than one block: -EINVAL where the caller asks all the same", async () => {
    const kernel = 'kernel: {version: "6.1"}\nworkloads: []\n';
    expect(await answerTo(`${kernel}${device}\n`)).toMatch(/self-hosting is refused/);
    const direct = device.replace("capacity", "driver: direct, capacity");
    expect(await answerTo(`${kernel}${direct}\n`)).toMatch(/the add fails with -EINVAL, because .*one block/);
  });

  it("follows from what the machine does, and names no example when there is none", async () => {
    expect(await answerTo(`${device}\nworkloads: []\n`)).toMatch(
      /saves 1 GiB of DRAM .*loses 0\.\d+ \[.*of its 64 CPUs.*\(up to 1 % is called nothing, above 5 % too much\)\.$/m,
    );
  });
});

describe("a layout whose struct pages the kernels do not walk", () => {
  it.each([
    ["arm64-64k", "neoverse-v1"],
    ["ppc64-radix-64k", "power9"],
  ])("is priced on a host of its own architecture: %s", async (arch, host) => {
    const scenario = `machine: {arch: ${arch}}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: []\n`;
    expect(await answerTo(scenario)).toContain(`bare-metal ${arch}, 256 GiB of DRAM, host ${host}`);
  });

  it("is refused where no host of its architecture is known, and explain is named", async () => {
    const scenario = `machine: {arch: riscv64}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: []\n`;
    await expect(answerTo(scenario)).rejects.toThrow(/no host of riscv64 is known.*\n(.*\n)*.*altmap explain/);
  });
});

describe("a memmap that has to go to DRAM and does not fit", () => {
  const scenario = (dram: string, driver: string) =>
    `machine: {dram: ${dram}, memory_block: 128MiB}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB, driver: ${driver}}]\nworkloads: []\n`;

  it.each([
    ["dax-kmem", "kernel: {memmap_on_memory: N}", /memmap_on_memory is N; dax-kmem adds the range in one request/],
    [
      "virtio-mem",
      "",
      /virtio-mem never asks; virtio-mem adds block by block and stops with -ENOMEM, below 62\.875 GiB/,
    ],
  ])("is impossible, and has no time: %s", async (driver, more, expected) => {
    const yaml = `${scenario("1GiB", driver)}${more}\n`;
    const text = await answerTo(yaml);
    expect(text).toMatch(/=> Impossible: .* does not fit: needs 1 GiB, 1 GiB of DRAM;/);
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/\d (ns|us|ms|s) \[/);
    const { results, verdicts } = await documentOf(yaml);
    expect(verdicts[0]!.choice).toBe("does-not-fit");
    const [{ fits, dram_used_bytes, ...row }] = results as [AnswerResult];
    expect([fits, dram_used_bytes > GIB]).toEqual([false, true]);
    expect([row.workloads, row.operations]).toEqual([[], []]);
    const values = Object.entries(row).filter(([key]) => /_ns$|usable/.test(key));
    expect(values.length).toBe(13);
    for (const [key, value] of values) expect([key, value]).toEqual([key, null]);
  });

  it("begins where DRAM holds neither it nor its own struct pages", async () => {
    // 64 GiB need 1 GiB and little more; DRAM keeps a 64th for itself: 1041 MiB are enough, 1040 are not.
    const fits = async (dram: string) => (await documentOf(scenario(dram, "virtio-mem"))).results[0]!.fits;
    expect([await fits("1040MiB"), await fits("1041MiB")]).toEqual([false, true]);
  });
});

describe("operations without a recording", () => {
  it("are no reason against the memory while their struct pages are in cache", async () => {
    const text = await answerTo(`${device}\nworkloads: [{operation: fork}]\nfootprints: [1GiB]\n`);
    expect(text).toMatch(/=> Put it on the memory\. .*and nothing is lost: the struct pages of 1 GiB in use fit .*\n/);
  });

  it("are what the header speaks of; the verdict follows from the machine", async () => {
    const text = await answerTo(`${device}\nworkloads: [{operation: fork}]\nfootprints: [64GiB]\n`);
    expect(text).toMatch(/Workloads {2}operations \(fork\), with their instructions, clears and copies; no recording/);
    expect(text).toMatch(/online +of the machine \(container-platform, assumed\) +verdict/);
    expect(text).toMatch(/=> Put it on the memory\. .*the machine loses .* of its 64 CPUs/);
    expect(text).not.toMatch(/\(none\)|no workload was priced/);
  });
});

describe("the events of a scenario", () => {
  it.each([
    [
      ["add", "online_movable"],
      [true, true, false, false],
    ],
    [["add"], [true, false, false, false]],
    [
      ["add", "online_kernel", "offline", "remove"],
      [true, true, true, true],
    ],
    [
      ["add", "remove"],
      [true, false, false, true],
    ],
  ])("%j: every phase stands in every result, and takes time where it happens", async (events, happens) => {
    const yaml = `${device}\nevents: [${events.join(", ")}]\nworkloads: []\n`;
    const text = await answerTo(yaml);
    const { results } = await documentOf(yaml);
    expect(results.length).toBe(2);
    for (const row of results) {
      const phases = [row.add_ns, row.online_ns, row.offline_ns, row.remove_ns];
      const intervals = [row.add_interval_ns, row.online_interval_ns, row.offline_interval_ns, row.remove_interval_ns];
      expect(phases.map((ns) => (ns ?? -1) > 0)).toEqual(happens);
      intervals.forEach((interval, i) => {
        expect(interval![0]).toBeLessThanOrEqual(phases[i]!);
        expect(interval![1]).toBeGreaterThanOrEqual(phases[i]!);
        expect(interval![0] > 0).toBe(happens[i]);
      });
    }
    expect(text).toMatch(happens[3] ? / {2}remove +\d.* +\d.*\n/ : / {2}remove +- +-\n/);
  });

  it("removal takes the instructions of its blocks: twice the blocks, twice the time", async () => {
    const removeNs = async (capacity: string) => {
      const yaml = `devices: [{id: cxl-samsung-mxp-genoa, capacity: ${capacity}}]\nevents: [add, remove]\nworkloads: []\n`;
      return (await documentOf(yaml)).results.map((row) => row.remove_ns!);
    };
    const [one, two] = [await removeNs("64GiB"), await removeNs("128GiB")];
    two.forEach((ns, i) => {
      expect(ns / one[i]!).toBeCloseTo(2, 3);
    });
  });

  it("are the ones that are priced: no offline, no price", async () => {
    const text = await answerTo(`${device}\nevents: [add]\nworkloads: []\n`);
    expect(text).toMatch(/ {2}add +\d/);
    expect(text).toMatch(/ {2}online +- +-/);
  });
});
