import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compareDocuments } from "../../src/compare/compare.ts";
import { metBy, parseCondition } from "../../src/compare/failIf.ts";
import { altmap } from "../cli/run.ts";

const result = (online: number, width: number, dram = 100) => ({
  schema: "altmap/answer-v1",
  results: [
    {
      device: "a",
      placement: "dram",
      online_ns: online,
      online_interval_ns: [online - width, online + width],
      dram_used_bytes: dram,
    },
    { device: "a", placement: "on-memory", online_ns: 5, online_interval_ns: [4, 6], dram_used_bytes: 0 },
  ],
});

describe("two documents", () => {
  it("differ beyond error where intervals have nothing in common, or without one where numbers differ", () => {
    const { changed, withinError, equal } = compareDocuments(result(100, 5), result(120, 5, 101));
    expect(changed.map(({ path }) => path)).toEqual(["results[a, dram].online_ns", "results[a, dram].dram_used_bytes"]);
    expect([withinError, equal]).toEqual([0, 2]);
    expect(compareDocuments(result(100, 10), result(115, 10)).withinError).toBe(1);
    expect(compareDocuments(result(100, 5), result(100, 5)).changed).toEqual([]);
  });

  it("name what only one has, and do not mind the order of lists", () => {
    const { results, ...rest } = result(100, 5);
    const turned = { ...rest, results: [...results].reverse() };
    expect(compareDocuments({ ...rest, results }, turned).changed).toEqual([]);
    expect(compareDocuments({}, { x_ns: 1 }).changed).toMatchObject([{ path: "x_ns", before: null, after: 1 }]);
  });

  it("tell items of one name apart", () => {
    const twice = {
      list: [
        { name: "a", n: 1 },
        { name: "a", n: 2 },
      ],
    };
    expect(
      compareDocuments(twice, {
        list: [
          { name: "a", n: 1 },
          { name: "a", n: 3 },
        ],
      }).changed,
    ).toHaveLength(1);
  });
});

describe("--fail-if", () => {
  const comparison = compareDocuments(result(100, 5), result(120, 5));
  const met = (text: string) => metBy(parseCondition(text), comparison).map(({ path }) => path);
  it("takes the value after, or with % the change", () => {
    expect(met("online_ns > 110")).toEqual(["results[a, dram].online_ns"]);
    expect(met("online_ns > 19%")).toEqual(["results[a, dram].online_ns"]);
    expect(met("online_ns > 21%")).toEqual([]);
    expect(met("online_ns <= 0%")).toEqual(["results[a, on-memory].online_ns"]);
    expect(met("results[a, dram].online_ns == 120")).toHaveLength(1);
    expect(met("dram_used_bytes != 0%")).toEqual([]);
  });

  it("from nothing to something is a change without bound", () => {
    const grown = compareDocuments({ a_ns: 0 }, { a_ns: 1 });
    expect(metBy(parseCondition("a_ns > 1000%"), grown)).toHaveLength(1);
  });

  it.each([
    "online_ns",
    "online_ns > ",
    "> 5",
    "online_ns > process.exit(1)",
    "online_ns => 5",
    "",
  ])("refuses %j", (text) => {
    expect(() => parseCondition(text)).toThrow("is no condition");
  });

  it("refuses a key that nothing has, naming the nearest", () => {
    expect(() => met("onlin_ns > 5")).toThrow('did you mean "online_ns"');
  });
});

describe("altmap compare", () => {
  const folder = mkdtempSync(join(tmpdir(), "altmap-compare-"));
  const file = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const [before, after] = [file("before.json", result(100, 5)), file("after.json", result(120, 5))];
  it("exits 1 where a condition holds, else 0, 2 for what is no document", () => {
    const failing = altmap(["compare", before, after, "--fail-if", "online_ns > 10%"]);
    expect(failing.status).toBe(1);
    expect(failing.stdout).toContain("FAILS online_ns > 10%: results[a, dram].online_ns is 120, was 100");
    expect(altmap(["compare", before, after, "--fail-if", "online_ns > 30%"]).status).toBe(0);
    writeFileSync(join(folder, "cut.json"), '{"schema": "altmap/answer-v1", "results": [');
    const cut = altmap(["compare", before, join(folder, "cut.json")]);
    expect([cut.status, cut.stderr]).toEqual([2, expect.stringContaining("is no JSON")]);
  });

  it("has an action whose script gives the inputs as words, never as code", () => {
    const action = parse(readFileSync(new URL("../../.github/actions/compare/action.yml", import.meta.url), "utf8"));
    expect(action.runs.using).toBe("composite");
    expect(action.runs.steps[0].run).not.toContain("${{");
  });
});
