import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { altmap, type Run } from "./run.ts";

interface Answer {
  readonly schema: string;
  readonly input: { readonly devices: readonly { readonly memory_blocks: number; readonly memmap_bytes: number }[] };
  readonly results: readonly {
    readonly device: string;
    readonly placement: string;
    readonly dram_used_bytes: number;
    readonly device_usable_bytes: number;
    readonly add_ns: number;
    readonly online_ns: number;
    readonly offline_ns: number;
    readonly max_nonpreemptible_ns: number;
    readonly workloads: readonly Readonly<Record<string, number | string>>[];
  }[];
  readonly warnings: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "altmap-answer-"));
const GIB = 2 ** 30;

describe("altmap answer --json", () => {
  let first: Run;
  let answer: Answer;
  beforeAll(() => {
    first = altmap(["answer", "--json"]);
    answer = JSON.parse(first.stdout) as Answer;
  });

  it("covers at least five devices, two placements and five recorded workloads, for 512 GiB", () => {
    expect(first.status).toBe(0);
    expect(answer.schema).toBe("altmap/answer-v1");
    const devices = new Set(answer.results.map((result) => result.device));
    expect(devices.size).toBeGreaterThanOrEqual(5);
    for (const device of devices) {
      const results = answer.results.filter((result) => result.device === device);
      expect(results.map((result) => result.placement)).toEqual(["dram", "on-memory"]);
      for (const result of results) expect(result.workloads.length).toBeGreaterThanOrEqual(5);
    }
    expect(answer.input.devices[0]).toMatchObject({ memory_blocks: 256, memmap_bytes: 8 * GIB });
  });

  it("gives whole, finite numbers, and the same bytes of memmap wherever they lie", () => {
    for (const result of answer.results) {
      const lost = 512 * GIB - result.device_usable_bytes;
      expect(lost).toBe(result.placement === "on-memory" ? 8 * GIB : 0);
      expect(result.dram_used_bytes > 8 * GIB).toBe(result.placement === "dram");
      for (const key of ["add_ns", "online_ns", "offline_ns", "max_nonpreemptible_ns"] as const) {
        expect(result[key]).toBeGreaterThan(0);
      }
      for (const workload of result.workloads) {
        for (const key of ["instructions", "touches", "llc_misses"]) expect(Number.isInteger(workload[key])).toBe(true);
        expect(workload["metadata_ns"]).toBeGreaterThan(0);
        // A recorder that did not tell clears apart leaves the baseline unknown, and with it every ratio.
        const isKnown = workload["baseline_ns"] !== null;
        if (isKnown) expect(workload["baseline_ns"]).toBeGreaterThan(0);
        if (result.placement === "dram") expect(workload["slowdown_ratio"]).toBe(1);
        else if (isKnown) expect(workload["slowdown_ratio"]).toBeGreaterThanOrEqual(1);
        else expect(workload["slowdown_ratio"]).toBeNull();
      }
    }
  });

  it("is byte-identical in two runs", () => {
    expect(altmap(["answer", "--json"]).stdout).toBe(first.stdout);
  });
});

describe("altmap answer", () => {
  const two = ["answer", "--device", "cxl-samsung-mxp-genoa", "--capacity", "64GiB"];

  it("prints a table, a verdict with its reason, and what is recorded, modelled and assumed", () => {
    const run = altmap(two);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/memmap in DRAM +memmap on the memory/);
    expect(run.stdout).toMatch(/=> .*saves 1 GiB of DRAM .*[:;] .*miss every cache/);
    for (const word of ["Recorded:", "Modelled:", "Assumed:"]) expect(run.stdout).toContain(word);
  });

  it("writes CSV and Markdown with units in every column", () => {
    const csv = altmap([...two, "--format", "csv"])
      .stdout.trimEnd()
      .split("\n");
    const names = csv[0]!.split(",");
    expect(names.slice(0, 5)).toEqual(["device", "placement", "row", "fits", "dram_used_bytes"]);
    for (const name of [
      "online_low_ns",
      "online_high_ns",
      "slowdown_ratio",
      "extra_low_ns",
      "cold_in_order_ns",
      "whole_slowdown_high_ratio",
    ])
      expect(names).toContain(name);
    // Of recordings that tell what is not about struct pages.
    const some = (column: string) => csv.slice(1).some((line) => (line.split(",")[names.indexOf(column)] ?? "") !== "");
    for (const nr of [16, 64]) expect(names.includes(`cpus_${nr}_slowdown_ratio`)).toBe(some("baseline_ns"));
    const rows = csv.slice(1).map((line) => line.split(",")[2]);
    expect(rows.filter((row) => row === "hotplug").length).toBe(2);
    expect(rows.filter((row) => row === "workload").length).toBe(2 * 5);
    const markdown = altmap([...two, "--format", "md"]).stdout;
    expect(markdown).toMatch(/^\| device \| placement \| row \|/);
    expect(markdown).toMatch(/\| cxl-samsung-mxp-genoa \| on-memory \| workload \| wl_churn_3g_20k \|/);
  });

  it("writes a file whole, and nothing else", () => {
    const out = join(mkdtempSync(join(folder, "o-")), "answer.json");
    const run = altmap([...two, "--json", "-o", out]);
    expect(run).toMatchObject({ status: 0, stdout: "" });
    expect((JSON.parse(readFileSync(out, "utf8")) as Answer).results.length).toBe(2);
    expect(readdirSync(join(out, ".."))).toEqual(["answer.json"]);
  });

  it("says why self-hosting is refused", () => {
    const file = join(folder, "refused.yaml");
    writeFileSync(file, "kernel: {memmap_on_memory: N}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\n");
    const run = altmap(["answer", file, "--json"]);
    const answer = JSON.parse(run.stdout) as Answer;
    expect(answer.results.map((result) => result.placement)).toEqual(["dram"]);
    expect(answer.warnings.join()).toMatch(/cannot lie on the memory: .*memmap_on_memory/);
  });

  it.each([
    [
      ["answer", "--device", "cxl-samsung-mxp-genao"],
      /unknown device "cxl-samsung-mxp-genao"; did you mean "cxl-samsung-mxp-genoa"\?/,
    ],
    [["answer", "acpi.yaml"], /no multiple of the memory block of 2 GiB\n {2}expected: 2GiB or 4GiB/],
    [["answer", "--capacity", "1GiB"], /no whole memory block of 2 GiB is left.*\n {2}expected: 2GiB/],
    [["answer", "--capacity", "512"], /less than a memory block of 2GiB; was the unit forgotten: 512GiB\?/],
    [["answer", "--capacity", "128GB"], /is decimal.*\n {2}expected: 118GiB or 120GiB; .*"?128 GB"? has 128GiB/],
    [["answer", "s390.yaml"], /the host zen4 is x86_64, and machine\.arch is s390/],
    [["answer", "--capacity", "0"], /--capacity is 0 bytes/],
    [["answer", "--capacity", "-1GiB"], /--capacity "-1GiB" is not a size/],
    [["answer", "--capacity", "17TiB"], /at most .* \(16 TiB\)/],
    [["answer", "--capacity", "9999999PiB"], /is more than 8 PiB/],
    [
      ["answer", "--device", "cxl-samsung-mxp-genoa", "mine.yaml"],
      /"mine\.yaml" is a file, not a device: .*\n {2}expected: .*\n {2}example: altmap answer mine\.yaml --device/,
    ],
    [["answer", "--device", import.meta.filename], /answer\.test\.ts" is a file, not a device/],
    [["answer", "block.yaml"], /a memory block of 3221225472 bytes is impossible on x86_64/],
    [["answer", "none.yaml"], /none\.yaml: no such file/],
    [["answer", "--format", "xml"], /Allowed choices are text, json, csv, md/],
    [["answer", "--capacity", "64GiB", "-o", "/no/such/folder/a.json"], /\/no\/such\/folder\/a\.json: cannot write/],
  ])("refuses %j with exit 2 and one clear message", (args, expected) => {
    const block = join(folder, "block.yaml");
    writeFileSync(block, "machine: {memory_block: 3GiB}\n");
    writeFileSync(join(folder, "acpi.yaml"), "devices: [{id: cxl-samsung-mxp-genoa, capacity: 3GiB, driver: acpi}]\n");
    writeFileSync(join(folder, "s390.yaml"), "machine: {arch: s390, host: zen4}\n");
    const run = altmap(args.map((word) => (/^(block|acpi|s390)\.yaml$/.test(word) ? join(folder, word) : word)));
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(expected);
    expect(run.stderr).not.toMatch(/\n\s+at |NaN/);
  });
});
