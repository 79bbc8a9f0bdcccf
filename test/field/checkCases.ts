import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type FieldCase, holds, NEVER, runCase, valueAt } from "./fieldCase.ts";

/** One test for each row. */
export function checkCases(cases: readonly FieldCase[]): void {
  const folder = mkdtempSync(join(tmpdir(), "altmap-field-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let nr = 0;
  test.each(cases.map((field) => [`${field.kind}: ${field.id}`, field] as const))("%s", (_name, field) => {
    nr++;
    const run = runCase(field, mkdtempSync(join(folder, `${nr}-`)));
    const text = `${run.stdout}${run.stderr}`;
    expect(run.status, text).toBe(field.exitCode);
    for (const pattern of field.prints) expect(holds(text, pattern), `${pattern} is missing in:\n${text}`).toBe(true);
    for (const pattern of [...(field.never ?? []), ...NEVER])
      expect(holds(text, pattern), `${pattern} stands in:\n${text}`).toBe(false);
    if (field.json === undefined) return;
    const document: unknown = JSON.parse(runCase(field, mkdtempSync(join(folder, `${nr}-`)), ["--json"]).stdout);
    const found = Object.fromEntries(Object.keys(field.json).map((path) => [path, valueAt(document, path)]));
    expect(found).toEqual(field.json);
  });
}
