import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const CLI = new URL("../../dist/cli/altmap.js", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "altmap-cost-"));
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync("node", [CLI, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
};
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe("altmap validate", () => {
  test("prints medians, the published A/B with its term, and what is not proven", () => {
    const { status, stdout } = run("validate");
    expect(status).toBe(0);
    expect(stdout).toMatch(/calibration +median error \d+\.\d %/);
    expect(stdout).toMatch(/memmap on Optane .* bound by optane100-1x moving lines/);
    expect(stdout).toMatch(/No row measures struct pages on CXL/);
    expect(stdout).toMatch(/fitted: \d+ parameters for \d+ rows/);
  });

  test("JSON is the same in two runs, and is written whole to a file", () => {
    const first = run("validate", "--json");
    const path = join(folder, "validate.json");
    expect(run("validate", "--json", "-o", path)).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(path, "utf8")).toBe(first.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ schema: "altmap/validate-v1" });
  });

  test("a row off by a factor of 33 fails the limits that are given, after its table is printed", () => {
    const row = { id: "far", source: "a mail", platform: "Intel Xeon E5-2699 v3", use: "check", operation: "x" };
    const timed = { ...row, pages: 1 << 24, threads: 1, time_ms: 10_000 };
    const model = { operation: "deferred-init", quantity: "whole-ns", bound: "none" };
    const path = file("far.json", JSON.stringify([{ ...timed, kernel: "5.7", medium: "dram", model }]));
    expect(run("validate", "--cases", path)).toMatchObject({ status: 0, stderr: "" });
    const { status, stdout, stderr } = run("validate", "--cases", path, "--max-error", "20%", "--max-factor", "2");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^far +check +deferred-init/m);
    expect(stderr).toMatch(
      /beyond the limits:\n {2}median error 9\d\.\d % .*\n {2}far: predicted a factor of .* too short/,
    );
    expect(run("validate", "--max-error", "20%").status).toBe(0);
  });

  test.each([
    ["--max-error", "20", /--max-error "20" is no percentage/],
    ["--max-factor", "0.5", /--max-factor "0\.5" is no number from 1/],
  ])("%s %s: exit 2 and an example", (option, value, message) => {
    const { status, stdout, stderr } = run("validate", option, value);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test.each([
    ["a file that is not there", join(folder, "absent.json"), /absent\.json: no such file/],
    ["an unknown field", file("field.json", '[{"id":"a","speed":1}]'), /field\.json: row 0 \(a\)/],
    ["not JSON", file("text.json", "hello"), /not JSON/],
  ])("%s: exit 2, one message, nothing on stdout", (_name, path, message) => {
    const { status, stdout, stderr } = run("validate", "--cases", path);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/at .*\.js:\d+/);
  });
});

describe("altmap explain --cost", () => {
  test("names the binding path of each price, lockups and CPUs", () => {
    const scenario = file(
      "one.yaml",
      "devices:\n  - {id: optane100-1x, capacity: 16GiB}\nworkloads: [{recording: wl_churn_3g_20k}]\n",
    );
    const { status, stdout, stderr } = run("explain", scenario, "--cost");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/online_movable, memmap on the memory/);
    expect(stdout).toMatch(/> hot-added medium +moving hot-added memory's struct pages/);
    expect(stdout).toMatch(/Linux 4\.13: .* soft lockup \(20 s\)/);
    expect(stdout).toMatch(/ 64 CPUs: | what else it did is not known: /);
  });
});

describe("altmap profiles", () => {
  test("list marks defaults, show gives sources, an unknown id is answered with the nearest", () => {
    expect(run("profiles", "list").stdout).toMatch(/^\* cxl-e3s-96g-spr/m);
    expect(run("profiles", "show", "optane100-1x").stdout).toMatch(/idleReadNs +305 .* V +nvsl/);
    expect(run("profiles", "show", "optane100-2x")).toMatchObject({ status: 2, stdout: "" });
  });

  test("what show --yaml prints can be read back", () => {
    const path = file(
      "mine.yaml",
      run("profiles", "show", "cxl-e3s-96g-spr", "--yaml").stdout.replace("250 ns", "300 ns"),
    );
    expect(run("profiles", "show", "cxl-e3s-96g-spr", "--profiles", path).stdout).toMatch(/idleReadNs +300/);
  });
});
