import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { AnswerDocument, AnswerFootprint } from "../../src/report/answerDocument.ts";
import { altmap, type Run } from "./run.ts";

const GIB = 2 ** 30;
const folder = mkdtempSync(join(tmpdir(), "altmap-footprint-"));
const device = ["--device", "cxl-samsung-mxp-genoa"];
const workload = ["--workload", "wl_churn_3g_20k", "fork", "churn"];

describe("altmap answer --footprint", () => {
  let json: Run;
  let rows: readonly AnswerFootprint[];
  beforeAll(() => {
    json = altmap(["answer", ...device, "--footprint", "64GiB", "1GiB", ...workload, "--json"]);
    rows = (JSON.parse(json.stdout) as AnswerDocument).footprints;
  });

  it("gives a row for each workload and footprint, smallest first, and how each was made", () => {
    expect(rows.map(({ name, footprint_bytes, model, unit }) => [name, footprint_bytes / GIB, model, unit])).toEqual([
      ["wl_churn_3g_20k", 1, "moved trace", "run"],
      ["wl_churn_3g_20k", 64, "moved trace", "run"],
      ["fork", 1, "scaled", "page"],
      ["fork", 64, "scaled", "page"],
      ["churn", 1, "scaled", "pair"],
      ["churn", 64, "scaled", "pair"],
    ]);
    for (const { model, model_error_ratio } of rows) expect(model_error_ratio).toBe(model === "scaled" ? 0.01 : null);
  });

  it("prices both placements with intervals, a unit and the whole", () => {
    for (const { name, units, devices } of rows) {
      expect(devices.map((row) => row.device)).toEqual(["cxl-samsung-mxp-genoa"]);
      for (const row of devices) {
        for (const key of ["metadata_dram", "metadata_on_memory"] as const) {
          const [low, high] = row[`${key}_interval_ns`]!;
          expect(low).toBeLessThanOrEqual(row[`${key}_ns`]!);
          expect(high).toBeGreaterThanOrEqual(row[`${key}_ns`]!);
          expect(low).toBeGreaterThan(0);
        }
        // An operation's own work is in a table; a recording made before recorders told clears apart does not say.
        if (name.startsWith("wl_")) expect(row.baseline_ns === null).toBe(row.slowdown_ratio === null);
        else expect(row.baseline_ns).toBeGreaterThan(0);
        expect(row.extra_ns === null).toBe(name === "churn");
        expect(units === null).toBe(name === "churn");
      }
    }
    const fork = rows.filter(({ name }) => name === "fork").map((row) => row.devices[0]!);
    expect(rows.filter(({ name }) => name === "fork").map(({ units }) => units)).toEqual([2 ** 18, 2 ** 24]);
    // The struct pages of 1 GiB are in cache, those of 64 GiB are not.
    expect(fork.map((row) => row.slowdown_ratio! > 1.2)).toEqual([false, true]);
    const perPage = fork[1]!.metadata_on_memory_ns - fork[1]!.metadata_dram_ns!;
    expect(fork[1]!.extra_ns).toBeCloseTo(perPage * 2 ** 24, -6);
  });

  it("is byte-identical in two runs, and the same from a scenario file", () => {
    const args = [...device, "--json"];
    expect(altmap(["answer", ...args, "--footprint", "1GiB", "64GiB", ...workload]).stdout).toBe(json.stdout);
    const file = join(folder, "scenario.yaml");
    writeFileSync(
      file,
      "footprints: [1GiB, 64GiB]\nworkloads: [{recording: wl_churn_3g_20k}, {operation: fork}, {operation: churn}]\n",
    );
    expect(altmap(["answer", file, ...args]).stdout).toBe(json.stdout);
  });

  it("says in text what each row is, and what its model assumes", () => {
    const text = altmap(["answer", ...device, "--footprint", "1GiB", "64GiB", ...workload]).stdout;
    const part = text.slice(text.indexOf("By footprint (cxl-samsung-mxp-genoa)"));
    expect(part).toMatch(/^ {2}wl_churn_3g_20k +1 GiB .* ms \[.*\] +(\+\d.* % \[.*\]|not known) +\+.* moved trace$/m);
    expect(part).toMatch(
      /^ {2}fork, a page +1 GiB .* ns \[.*\] +no difference, with all of the LLC +\+0 ns \[0 ns, 0 ns\] +scaled$/m,
    );
    expect(part).toMatch(/^ +64 GiB .* ns \[.*\] +\+\d+\.?\d* % \[.*\] +\+.* s \[.*\] +scaled$/m);
    expect(part).toMatch(/^ {2}churn, a pair +1 GiB .* - +scaled$/m);
    for (const said of [
      "moved trace: ",
      "visited alike",
      "fork: forks",
      "churn: zaps",
      "scaled: ",
      "page by page: 1 % (fork, churn)",
    ])
      expect(part).toContain(said);
    expect(part).not.toContain("reclaim: ");
  });

  it("shows recordings and the operations that sweep struct pages when none is named", () => {
    const run = altmap(["answer", ...device, "--footprint", "16GiB", "--json"]);
    const { footprints } = JSON.parse(run.stdout) as AnswerDocument;
    expect(footprints.map(({ name }) => name).filter((name) => !name.startsWith("wl_"))).toEqual([
      ..."fault fork exit reclaim offline thp_fault churn".split(" "),
    ]);
    expect(footprints.filter(({ name }) => name.startsWith("wl_")).length).toBe(5);
  });

  it("takes a recording that has allocator events and no touches", () => {
    const name = "wl_tmpfs_write_read_rm_48m";
    const data = new URL("../recorded/data/kernel-6.12/", import.meta.url);
    copyFileSync(new URL(`traffic/${name}.json`, data), join(folder, "mine.json"));
    copyFileSync(new URL(`traces/${name}.kmem.txt.gz`, data), join(folder, "mine.kmem.txt.gz"));
    const run = altmap(["answer", ...device, "--footprint", "16GiB", "--workload", join(folder, "mine"), "--json"]);
    const { footprints, warnings } = JSON.parse(run.stdout) as AnswerDocument;
    expect(footprints).toMatchObject([{ name, model: "predicted trace", unit: "run", units: 1 }]);
    // 12,288 pages are written; the LLC holds the struct pages of a quarter of 16 GiB.
    expect((footprints[0]?.hot_added_llc_misses ?? 0) / 12_288).toBeGreaterThan(0.75);
    expect((footprints[0]?.hot_added_llc_misses ?? 0) / 12_288).toBeLessThan(1.25);
    expect(warnings.join()).toContain("no touch trace; its touches follow from its allocator events");
  });

  it("warns of a footprint beyond what is plugged", () => {
    const run = altmap(["answer", ...device, "--capacity", "64GiB", "--footprint", "1TiB", "--workload", "gup"]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("a footprint of 1 TiB is more than the 64 GiB of one cxl-samsung-mxp-genoa");
  });

  it.each([
    [["--footprint", "512MiB"], /a footprint of 536870912 bytes \(512 MiB\)\n {2}expected: 1GiB to 1TiB/],
    [["--footprint", "2TiB"], /a footprint of .* \(2 TiB\)\n {2}expected: 1GiB to 1TiB/],
    [["--footprint", "much"], /--footprint "much" is not a size/],
    [["--workload", "fork"], /operation fork is run at a footprint, and none is given\n.*\n.*--footprint/],
    [["--workload", "forc", "--footprint", "1GiB"], /forc: no such recording or operation; did you mean "fork"/],
  ])("refuses %j with exit 2", (args, expected) => {
    const run = altmap(["answer", ...device, ...args]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(expected);
  });

  it.each([
    ["workloads: [{operation: forc}]\n", /workloads\.0\.operation/],
    ["workloads: [{}]\n", /"workloads\.0" names nothing/],
    ["workloads: [{recording: a, operation: fork}]\n", /names a recording and an operation/],
  ])("refuses the scenario %j", (yaml, expected) => {
    const file = join(folder, "bad.yaml");
    writeFileSync(file, yaml);
    const run = altmap(["answer", file]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(expected);
  });
});
