import { median } from "../cost/sample.ts";
import { type CaseResult, isInside, isTime } from "./validate.ts";

/** How often 90 % intervals hold the truth. Rows of one source, machine and operation err together: they count once. */
export interface Coverage {
  readonly groups: number;
  /** Groups of which more than half of the rows lie inside. */
  readonly inside: number;
  readonly insidePercent: number | undefined;
  readonly rows: number;
  readonly rowsInside: number;
  /** Upper over lower end, median over the groups (of each its rows' median). */
  readonly medianWidth: number | undefined;
  readonly verdict: "as stated" | "over-confident" | "under-confident" | "no rows";
}

/** Fewer groups than this cannot tell 80 from 97 %: then at most one may lie outside. */
const ENOUGH_GROUPS = 30;
const LEAST_PERCENT = 80;
const MOST_PERCENT = 97;

/** Coverage of figures, bounds left out. */
export function coverageOf(cases: readonly CaseResult[]): Coverage {
  const groups = new Map<string, CaseResult[]>();
  const timed = cases.filter(isTime);
  for (const row of timed) {
    const key = `${row.source}\n${row.machines.join(" ")}\n${row.model.operation}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const all = [...groups.values()];
  const inside = all.filter((rows) => 2 * rows.filter(isInside).length > rows.length).length;
  return {
    groups: all.length,
    inside,
    insidePercent: all.length === 0 ? undefined : (100 * inside) / all.length,
    rows: timed.length,
    rowsInside: timed.filter(isInside).length,
    medianWidth:
      all.length === 0 ? undefined : median(all.map((rows) => median(rows.map(({ interval: [a, b] }) => b / a)))),
    verdict: verdictOf(inside, all.length),
  };
}

function verdictOf(inside: number, of: number): Coverage["verdict"] {
  if (of === 0) return "no rows";
  if (of < ENOUGH_GROUPS) return of - inside <= 1 ? "as stated" : "over-confident";
  const percent = (100 * inside) / of;
  if (percent < LEAST_PERCENT) return "over-confident";
  return percent > MOST_PERCENT ? "under-confident" : "as stated";
}
