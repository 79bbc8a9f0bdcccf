// The same bytes whatever the workers, shards, writers and number of restarts; nothing lost, nothing twice.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { altmap } from "../cli/run.ts";
import { writeSmallSweep } from "./smallSweep.ts";
import { resultsOf, start } from "./sweepRuns.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));
const cache = join(folder, "cache");
const DRAWS = 16;
let sweep = "";
let expected: readonly string[] = [];

const at = (name: string) => join(folder, name);
const run = (name: string, ...more: readonly string[]) =>
  altmap(["sweep", sweep, "-o", at(name), ...more], { env: { XDG_CACHE_HOME: cache } });
const linesIn = (name: string) =>
  readdirSync(join(at(name), "parts")).flatMap((part) =>
    readFileSync(join(at(name), "parts", part), "utf8")
      .split("\n")
      .slice(0, -1),
  );
const pointsIn = (name: string) => linesIn(name).map((line) => (JSON.parse(line) as { readonly point: number }).point);

beforeAll(() => {
  sweep = writeSmallSweep(folder, "sweep.yaml", DRAWS);
  const { status, stderr } = run("whole", "--workers", "1");
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining(`${2 * DRAWS} points: device.idleReadLatency (${DRAWS}) x kernel.version (2)`),
  ]);
  expected = resultsOf(at("whole"));
});

describe("altmap sweep", () => {
  it("gives each point once, in order, with typed columns and their units", () => {
    const rows = expected[0]!
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.length).toBe(2 * 2 * DRAWS);
    expect([...new Set(rows.map(({ point }) => point))]).toEqual(Array.from({ length: 2 * DRAWS }, (_none, i) => i));
    const [header = "", ...lines] = expected[1]!.trim().split("\n");
    expect(lines.length).toBe(rows.length);
    for (const name of header.split(",")) expect(expected[3]).toContain(`| \`${name}\` |`);
    const slowdown = rows.find(({ row }) => row === "workload")!;
    expect(slowdown).toMatchObject({
      device: "cxl-samsung-mxp-genoa",
      kernel: "6.10",
      capacity_bytes: 64 * 2 ** 30,
      name: "wl_fault_64m_x2",
    });
    expect(slowdown["in_device_idle_read_latency_ns"]).toBe(slowdown["idle_read_ns"]);
    expect(slowdown["slowdown_low_ratio"]).toBeLessThanOrEqual(slowdown["slowdown_ratio"] as number);
  });

  it("says the numbers that answer says", () => {
    const profiles = at("mine.yaml");
    const row = expected[0]!
      .split("\n")
      .map((line) => JSON.parse(line || "{}") as Record<string, unknown>)
      .find(({ point, row }) => point === 1 && row === "workload")!;
    const shown = altmap(["profiles", "show", "cxl-samsung-mxp-genoa", "--yaml"]).stdout;
    const latency = row["idle_read_ns"] as number;
    writeFileSync(
      profiles,
      shown.replace("value: 279.4 ns", `value: ${latency} ns\n      range: [${latency} ns, ${latency} ns]`),
    );
    writeFileSync(
      at("one.yaml"),
      "devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: [{recording: wl_fault_64m_x2}]\nkernel: {version: '6.12'}\nprofiles: mine.yaml\n",
    );
    const answered = JSON.parse(
      altmap(["answer", at("one.yaml"), "--json"], { env: { XDG_CACHE_HOME: cache } }).stdout,
    ) as {
      readonly results: readonly { readonly workloads: readonly Record<string, unknown>[] }[];
    };
    const workload = answered.results[1]!.workloads[0]!;
    expect([row["slowdown_ratio"], row["metadata_on_memory_ns"], row["llc_misses_count"]]).toEqual([
      workload["slowdown_ratio"],
      workload["metadata_ns"],
      workload["llc_misses"],
    ]);
  });

  it("two workers and no cache give the same bytes, and a rerun does nothing", () => {
    expect(run("two", "--workers", "2", "--no-cache").status).toBe(0);
    expect(resultsOf(at("two"))).toEqual(expected);
    const parts = readdirSync(join(at("two"), "parts"));
    expect(run("two").stderr).toContain("0 to do");
    expect(readdirSync(join(at("two"), "parts"))).toEqual(parts);
    expect(readdirSync(at("two")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("shards, in any order and folder, merge to the same bytes; a missing one is named", () => {
    for (const i of [3, 1]) expect(run("shards", "--shard", `${i}/3`).status).toBe(0);
    const incomplete = altmap(["merge", at("shards")]);
    expect(incomplete.status).toBe(1);
    expect(incomplete.stderr).toContain(`11 of 32 points are missing: 1, 4, 7`);
    expect(incomplete.stderr).toContain("shard 2/3: 11 of 11 points");
    expect(
      altmap(["sweep", sweep, "-o", at("shard-2"), "--shards", "3"], {
        env: { XDG_CACHE_HOME: cache, SLURM_ARRAY_TASK_ID: "5", SLURM_ARRAY_TASK_MIN: "4" },
      }).status,
    ).toBe(0);
    const merged = altmap(["merge", at("shards"), at("shard-2"), "--into", at("merged")]);
    expect(merged.stderr).toContain("32 points, none missing");
    expect(resultsOf(at("merged"))).toEqual(expected);
  });

  it("killed at any moment it loses what is in flight, and goes on", async () => {
    let nrKilled = 0;
    for (let attempt = 0; attempt < 4; attempt++) {
      const { child, ended } = start(["sweep", sweep, "-o", at("killed"), "--workers", "1"], cache);
      setTimeout(() => child.kill("SIGKILL"), 350 + 150 * attempt);
      if ((await ended).signal === "SIGKILL") nrKilled++;
    }
    expect(nrKilled).toBeGreaterThan(0);
    expect(run("killed").status).toBe(0);
    const points = pointsIn("killed");
    expect(new Set(points).size).toBe(points.length);
    expect(resultsOf(at("killed"))).toEqual(expected);
  });

  it("a torn line is none", () => {
    expect(run("torn", "--shard", "1/2").status).toBe(0);
    const part = join(at("torn"), "parts", readdirSync(join(at("torn"), "parts"))[0]!);
    writeFileSync(part, readFileSync(part, "utf8").slice(0, -100));
    expect(run("torn").stderr).toContain("17 to do");
    expect(resultsOf(at("torn"))).toEqual(expected);
  });

  it("two writers of one folder give the same bytes, and the merge has no point twice", async () => {
    const args = ["sweep", sweep, "-o", at("writers"), "--workers", "1"];
    const ended = await Promise.all([start(args, cache).ended, start(args, cache).ended]);
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    expect(resultsOf(at("writers"))).toEqual(expected);
  });
});

describe("altmap sweep refuses", () => {
  it("a folder of another sweep", () => {
    const other = writeSmallSweep(folder, "other.yaml", 1);
    const { status, stderr } = altmap(["sweep", other, "-o", at("whole")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("holds the results of another sweep")]);
  });

  const cases: readonly (readonly [args: readonly string[], what: RegExp])[] = [
    [["sweep", "none.yaml", "-o", "r"], /no points: an axis has no values/],
    [["sweep", "filtered.yaml", "-o", "r"], /the filters leave none of 1 points/],
    [["sweep", "huge.yaml", "-o", "r"], /has 1000000000 combinations[\s\S]*--yes/],
    [["sweep", "sweep.yaml"], /no folder is given/],
    [["sweep", "sweep.yaml", "-o", "r", "--shard", "3/2"], /--shard 3\/2: names no shard/],
    [["sweep", "sweep.yaml", "-o", "r", "--shards", "3"], /does not say which shard this is/],
    [["sweep", "sweep.yaml", "-o", "r", "--workers", "0"], /--workers: "0" is no such number/],
    [["sweep", "sweep.yaml", "-o", "sweep.yaml"], /cannot write/],
    [["merge", "."], /is no folder of a sweep's results/],
  ];
  it.each(cases)("%j", (args, what) => {
    const thousand = "{linear: [1GiB, 1000GiB], points: 1000}";
    writeFileSync(at("none.yaml"), "axes: [{machine.dram: []}]\n");
    writeFileSync(at("filtered.yaml"), 'axes: [{machine.dram: [1GiB]}]\nfilters: ["machine.dram > 2GiB"]\n');
    writeFileSync(
      at("huge.yaml"),
      `axes: [{machine.dram: ${thousand}}, {policy.pfn_order: {linear: [0, 1], points: 1000}}, {policy.user_data_on_hot_added: {linear: [0, 1], points: 1000}}]\n`,
    );
    const { status, stderr } = altmap(args, { cwd: folder });
    expect([status, stderr]).toEqual([2, expect.stringMatching(what)]);
    expect(stderr).not.toContain("at file:");
  });

  it("other bytes for one point", () => {
    expect(run("first", "--shard", "1/2").status).toBe(0);
    expect(run("second", "--shard", "1/2").status).toBe(0);
    const part = join(at("second"), "parts", readdirSync(join(at("second"), "parts"))[0]!);
    writeFileSync(
      part,
      readFileSync(part, "utf8")
        .replace(/\d\]\]\}/, "0]]}")
        .replace("true", "false"),
    );
    const { status, stderr } = altmap(["merge", at("first"), at("second")]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/point \d+ differs/)]);
  });
});
