import type { ConformDocument } from "../hotplug/state/conform.ts";
import { textTable } from "./table.ts";

/** One line `fixture step path expected actual` for each difference, then the totals. */
export function conformText({ fixtures, passed, failed }: ConformDocument): string {
  const lines = fixtures.flatMap(({ name, diffs }) =>
    diffs.map(({ step, path, expected, actual }) => `${name} ${step} ${path} ${show(expected)} ${show(actual)}`),
  );
  const table = textTable({
    columns: [
      { title: "fixture", align: "left" },
      { title: "steps", align: "right" },
      { title: "checks", align: "right" },
      { title: "conditioned", align: "right" },
      { title: "differences", align: "right" },
    ],
    rows: fixtures.map((fixture) => [
      fixture.name,
      String(fixture.steps),
      String(fixture.checks),
      String(fixture.conditioned),
      String(fixture.diffs.length),
    ]),
  });
  const why = fixtures.flatMap(({ name, conditioned_steps: steps }) =>
    steps.map((step) => `conditioned: ${name} step ${step.step}, ${step.why}`),
  );
  const sum = (key: "steps" | "checks" | "conditioned") => fixtures.reduce((total, fixture) => total + fixture[key], 0);
  const totals =
    `${passed} of ${passed + failed} fixtures agree: ${sum("steps")} steps, ${sum("checks")} checks, ` +
    `${sum("conditioned")} conditioned, ${lines.length} differences`;
  return `${[...lines, ...(lines.length > 0 ? [""] : []), table, ...why, "", totals].join("\n")}\n`;
}

function show(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
