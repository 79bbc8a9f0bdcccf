import { InputError, nearestName } from "../../errors.ts";

/** A value with the ends of its interval, where the column has one. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface PlotSeries {
  readonly name: string;
  /** By x. */
  readonly points: readonly PlotPoint[];
}

/** What is drawn: columns of results against each other. */
export interface Plot {
  readonly x: string;
  readonly y: string;
  readonly by: string | undefined;
  readonly series: readonly PlotSeries[];
  /** Above it x is logarithmic: steps are ratios. */
  readonly isLogX: boolean;
}

export type PlotRow = Readonly<Record<string, unknown>>;

const MOST_SERIES = 12;
/** Ends of an axis further apart than this are drawn in ratios, if no value is 0 or below. */
const LOG_RATIO = 30;

/**
 * Numbers of two columns, a series for each value of a third. Rows of one x in one series: the middle one of y, the ends
 * of all intervals.
 *
 * @error InputError for columns that no row has, that hold no numbers, and for too many series
 */
export function plotOf(rows: readonly PlotRow[], x: string, y: string, by: string | undefined): Plot {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  for (const name of [x, y, ...(by === undefined ? [] : [by])]) checkColumn(name, names);
  const found = new Map<string, Map<number, PlotPoint[]>>();
  for (const row of rows) {
    const [at, value] = [row[x], row[y]];
    if (typeof at !== "number" || typeof value !== "number") continue;
    const series = found.get(String(row[by ?? ""] ?? "")) ?? new Map<number, PlotPoint[]>();
    found.set(String(row[by ?? ""] ?? ""), series);
    series.set(at, [
      ...(series.get(at) ?? []),
      { x: at, y: value, low: endOf(row, y, "low"), high: endOf(row, y, "high") },
    ]);
  }
  if (found.size === 0)
    throw new InputError({
      what: `no row has numbers in both "${x}" and "${y}"`,
      expected: "columns of numbers; columns.md lists them",
      example: "altmap plot results --x idle_read_ns --y slowdown_ratio --by name",
    });
  if (found.size > MOST_SERIES)
    throw new InputError({
      what: `"${by}" has ${found.size} values`,
      where: "--by",
      expected: `a column of at most ${MOST_SERIES}`,
    });
  const series = [...found].map(([name, points]) => ({
    name,
    points: [...points.values()].map(middleOf).sort((a, b) => a.x - b.x),
  }));
  const xs = series.flatMap(({ points }) => points.map((point) => point.x));
  return { x, y, by, series, isLogX: Math.min(...xs) > 0 && Math.max(...xs) / Math.min(...xs) > LOG_RATIO };
}

function checkColumn(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const near = nearestName(name, names);
  throw new InputError({
    what: `no column is named "${name.slice(0, 80)}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    expected: names.slice(0, 40).join(", "),
  });
}

/** `slowdown_low_ratio` of `slowdown_ratio`. */
function endOf(row: PlotRow, y: string, end: "low" | "high"): number | undefined {
  const value = row[y.replace(/_([a-z]+)$/, `_${end}_$1`)];
  return typeof value === "number" ? value : undefined;
}

function middleOf(points: readonly PlotPoint[]): PlotPoint {
  const sorted = [...points].sort((a, b) => a.y - b.y);
  const { x, y } = sorted[Math.floor((sorted.length - 1) / 2)]!;
  const [lows, highs] = [points.flatMap(({ low }) => low ?? []), points.flatMap(({ high }) => high ?? [])];
  return {
    x,
    y,
    low: lows.length > 0 ? Math.min(...lows) : undefined,
    high: highs.length > 0 ? Math.max(...highs) : undefined,
  };
}

/** The least and the largest of what is drawn, bands included. */
export function extentOf(plot: Plot, axis: "x" | "y"): readonly [number, number] {
  const values = plot.series.flatMap(({ points }) =>
    points.flatMap((point) => (axis === "x" ? [point.x] : [point.y, point.low ?? point.y, point.high ?? point.y])),
  );
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return low === high ? [low - Math.abs(low || 1) / 10, high + Math.abs(high || 1) / 10] : [low, high];
}
