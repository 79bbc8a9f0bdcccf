import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { parseRecordingSummary } from "../../src/recording/recordingSummary.ts";

const shipped = (file: string): URL => new URL(`../../src/recording/data/${file}`, import.meta.url);

describe("summary of a recording", () => {
  const good = JSON.parse(readFileSync(shipped("wl_churn_3g_20k.json"), "utf8")) as Record<string, unknown>;

  it("names the key that is wrong", () => {
    expect(() => parseRecordingSummary({ ...good, loads: -1 }, "a.json")).toThrow("a.json: loads: is not the summary");
    expect(() => parseRecordingSummary({ ...good, hot_added: { touches: 1 } }, "a.json")).toThrow("hot_added.pfn_from");
    expect(() => parseRecordingSummary({ ...good, other_llc_fills_8MiB: "x" }, "a.json")).toThrow(
      "other_llc_fills_8MiB",
    );
    expect(() => parseRecordingSummary([], "a.json")).toThrow(InputError);
    expect(() => parseRecordingSummary({ ...good, operations: [{ op: "forc" }] }, "a.json")).toThrow(
      'a.json: operations: [0].op: "forc" is not an operation; did you mean "fork"?',
    );
  });

  it("keeps other last-level cache sizes, by size", () => {
    const more = parseRecordingSummary({ ...good, other_llc_fills_1024MiB: 9, other_llc_fills_2MiB: 99 }, "a.json");
    expect(more.otherLlcFills.map((row) => row.llcBytes / 2 ** 20)).toEqual([2, 8, 32, 128, 1024]);
  });
});
