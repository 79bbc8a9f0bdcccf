import { describe, expect, it } from "vitest";
import { renderAnswer } from "../../src/cli/answerScenario.ts";
import type { AnswerDocument } from "../../src/report/answerDocument.ts";

const overrides = { device: ["cxl-samsung-mxp-genoa", "optane100-1x"], capacity: "64GiB" };

describe("text and JSON", () => {
  it("call the same slowdowns no difference", async () => {
    const document = JSON.parse(await renderAnswer(undefined, overrides, "json")) as AnswerDocument;
    const text = await renderAnswer(undefined, overrides, "text");
    const lines = text.split("\n").filter((line) => /^ {2}wl_\w+ \((warm|cold)\) /.test(line));
    const rows = document.results.filter(({ placement }) => placement === "on-memory").flatMap((r) => r.workloads);
    expect(lines.length).toBe(rows.length);
    const flags = new Set<boolean | null>();
    rows.forEach((row, i) => {
      const cells = [row, ...row.many_cpus].map((cell) => cell.no_difference_within_error);
      for (const flag of cells) flags.add(flag);
      const said = lines[i]!.split(/ {2,}/).slice(-cells.length);
      expect(said.map((cell) => cell.startsWith("no difference"))).toEqual(cells.map(Boolean));
    });
    // Both kinds at least, of those that are known; null alone where no recording tells what is not about struct pages.
    flags.delete(null);
    if (rows.some(({ baseline_ns }) => baseline_ns !== null)) expect(flags.size).toBe(2);
    else expect(flags.size).toBe(0);
  }, 60_000);
});
