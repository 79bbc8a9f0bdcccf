import { type CaseRow, parseCases } from "./caseFile.ts";
import rows from "./cases.json" with { type: "json" };

/** Published timings that ship with altmap, in the form that `--cases` reads. */
export function publishedCases(): CaseRow[] {
  return parseCases(JSON.stringify(rows), "published cases");
}
