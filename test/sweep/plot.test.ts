import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plotOf } from "../../src/report/plot/series.ts";
import { plotSvg } from "../../src/report/plot/svg.ts";
import { plotText } from "../../src/report/plot/terminal.ts";
import { altmap } from "../cli/run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-plot-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rows = ["6.1", "6.12"].flatMap((kernel, k) =>
  [100, 200, 300, 400].map((idle) => ({
    kernel,
    idle_read_ns: idle,
    slowdown_ratio: 1 + (idle * (k + 1)) / 1e4,
    slowdown_low_ratio: 1,
    slowdown_high_ratio: 1.1,
    name: "a<b",
  })),
);
const plot = plotOf(rows, "idle_read_ns", "slowdown_ratio", "kernel");

beforeAll(() =>
  writeFileSync(join(folder, "results.ndjson"), `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`),
);

describe("a chart of results", () => {
  it("has a series for each value, by x, with the ends of intervals", () => {
    expect(plot.series.map(({ name }) => name)).toEqual(["6.1", "6.12"]);
    expect(plot.series[1]?.points[2]).toEqual({ x: 300, y: 1.06, low: 1, high: 1.1 });
    expect(plot.isLogX).toBe(false);
  });

  it("takes the middle of rows of one x, and all that their intervals hold", () => {
    const [series] = plotOf(
      [...rows, { ...rows[0]!, slowdown_ratio: 2, slowdown_high_ratio: 3 }, { ...rows[0]!, slowdown_ratio: 1.5 }],
      "idle_read_ns",
      "slowdown_ratio",
      "kernel",
    ).series;
    expect(series?.points[0]).toEqual({ x: 100, y: 1.5, low: 1, high: 3 });
  });

  it("is logarithmic where x spans ratios", () => {
    const wide = rows.map((row, i) => ({ ...row, footprint_bytes: 2 ** (30 + i) }));
    const drawn = plotOf(wide, "footprint_bytes", "slowdown_ratio", undefined);
    expect(drawn.isLogX).toBe(true);
    expect(plotSvg(drawn)).toContain("GiB</text>");
  });

  it("is SVG with a line in a band for each series, axes in units and a title", () => {
    const svg = plotSvg(plot);
    expect(svg.match(/fill-opacity="0.15"/g)?.length).toBe(2);
    for (const text of [
      '<title id="title">slowdown_ratio against idle_read_ns by kernel</title>',
      ">400 ns</text>",
      ">6.12</text>",
    ])
      expect(svg).toContain(text);
    expect(plotSvg(plotOf(rows, "idle_read_ns", "slowdown_ratio", "name"))).toContain("a&lt;b");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("is the same in characters", () => {
    const text = plotText(plot);
    expect(text).toContain("o 6.1\n  + 6.12");
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(text.match(/o/g)!.length).toBeGreaterThanOrEqual(4);
  });

  it("is written by altmap plot", () => {
    const args = ["plot", folder, "--x", "idle_read_ns", "--y", "slowdown_ratio", "--by", "kernel"];
    expect(altmap(args).stdout).toBe(plotText(plot));
    expect(altmap([...args, "-o", join(folder, "plot.svg")]).status).toBe(0);
    expect(readFileSync(join(folder, "plot.svg"), "utf8")).toBe(plotSvg(plot));
    expect(altmap([...args, "--where", "kernel=6.1"]).stdout).not.toContain("6.12");
  });

  const cases: readonly (readonly [args: readonly string[], what: RegExp])[] = [
    [[".", "--x", "idle_ns", "--y", "slowdown_ratio"], /no column is named "idle_ns"/],
    [[".", "--x", "kernel", "--y", "slowdown_ratio"], /no row has numbers in both/],
    [[".", "--x", "idle_read_ns", "--y", "slowdown_ratio", "--where", "kernel"], /is no condition/],
    [["missing", "--x", "a", "--y", "b"], /no such file or folder/],
    [["bad.ndjson", "--x", "a", "--y", "b"], /bad.ndjson:2: is no JSON object/],
  ];
  it.each(cases)("refuses %j", (args, what) => {
    writeFileSync(join(folder, "bad.ndjson"), '{"a": 1}\n{"a"\n');
    const { status, stderr } = altmap(["plot", ...args], { cwd: folder });
    expect([status, stderr]).toEqual([2, expect.stringMatching(what)]);
  });
});
