// The probe on this machine: that it works, no figure.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MeasuredDocument } from "../../src/measure/document.ts";
import { PROBE_OPERATIONS } from "../../src/measure/operations.ts";
import { ALTMAP } from "../cli/run.ts";

let cache = "";
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), "altmap-cache-"));
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function measure(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ALTMAP, "measure", ...args], {
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: cache, ...env },
  });
  return { code: status, stdout, stderr };
}

const hasCompiler = spawnSync("cc", ["--version"]).error === undefined;
const SMALL = ["--footprint", "16MiB", "--seconds", "1"];

describe.skipIf(!hasCompiler)("altmap measure here", () => {
  it("times every operation that this kernel permits, twice over or more", () => {
    const run = measure([...SMALL, "--json"]);
    const document = JSON.parse(run.stdout) as MeasuredDocument;
    expect([0, 1]).toContain(run.code);
    expect(document.operations.map(({ name }) => name)).toEqual(PROBE_OPERATIONS.map(({ name }) => name));
    for (const { name, random, refused, hot_ns: hot } of document.operations) {
      if (random === null) expect(refused, name).not.toBeNull();
      else expect(Number.isFinite(hot), name).toBe(true);
    }
    // These three need no right and no late kernel.
    for (const name of ["mincore", "pagemap-read", "gup-get-put"])
      expect(document.operations.find((row) => row.name === name)?.random, name).not.toBeNull();
    expect(document.latency_ns).toBeGreaterThan(0);
    expect(run.stderr).toMatch(/measure: run 1 complete/);
    // Compiled once, kept by contents.
    expect(readdirSync(join(cache, "altmap"))).toHaveLength(1);
  });

  it("prints a table of what is asked for", () => {
    const run = measure([...SMALL, "--operations", "pagemap-read,mincore"]);
    expect(run.stdout).toMatch(/a dependent load of a line at random: \d+ ns/);
    expect(run.stdout).toMatch(/pagemap-read/);
    expect(run.stdout).not.toMatch(/fork/);
  });

  it("a cache folder that cannot be written is said, and nothing is left", () => {
    const run = measure([...SMALL, "--operations", "mincore"], { XDG_CACHE_HOME: "/proc/nowhere" });
    expect(run.stderr).toMatch(/\/proc\/nowhere\/altmap cannot be written: the probe is compiled into (\S+),/);
    const folder = /compiled into (\S+),/.exec(run.stderr)?.[1] ?? "";
    expect(() => readdirSync(folder)).toThrow(/ENOENT/);
    expect(run.code).toBe(0);
  });
});

describe("altmap measure refuses", () => {
  it.each([
    [["--operations", "pagemap-raed"], /unknown operation "pagemap-raed"; did you mean pagemap-read/],
    [["--footprint", "1MiB"], /--footprint: 1 MiB of memory[\s\S]*16 MiB to 64 GiB/],
    [["--footprint", "64GiB"], /--footprint: the measurement needs .* has .* left/],
    [["--cpu", "x"], /--cpu: "x" is no number/],
    [["--cpu", "4000"], /--cpu: CPU 4000 is not one that this process may run on/],
    [["--node", "1023"], /--node: (node 1023 does not exist|this kernel tells of no NUMA nodes)/],
    [["--host", "zen9", ...SMALL, "--operations", "mincore"], /unknown host "zen9"/],
  ])("%j", (args, message) => {
    const run = measure(args);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/ at |NaN/);
    expect(run.code).toBe(2);
  });

  it("a machine without a compiler", () => {
    const empty = mkdtempSync(join(tmpdir(), "altmap-cache-"));
    const run = measure(SMALL, { PATH: "/nowhere", XDG_CACHE_HOME: empty });
    rmSync(empty, { recursive: true });
    expect(run.stderr).toMatch(/no C compiler[\s\S]*apt-get install gcc libc6-dev/);
    expect(run.code).toBe(2);
  });
});
