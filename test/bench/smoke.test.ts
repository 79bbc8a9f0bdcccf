import { describe, expect, it } from "vitest";
import { runSuite } from "../../bench/run.ts";
import { SUITES } from "../../bench/suites.ts";

// Times mean nothing here: every row of every suite runs once with tiny parameters, and checksums must agree.
describe.each(SUITES.filter((suite) => suite.skipped?.() === undefined))("bench suite $name", (suite) => {
  it("runs every row once, with agreeing checksums", async () => {
    const reports = await runSuite(suite, true, 1);
    expect(reports.length).toBeGreaterThan(0);
    for (const report of reports) {
      expect(report.rows.length, report.case).toBeGreaterThan(0);
      expect(report.checksum, report.case).not.toBe("");
    }
  });
});
