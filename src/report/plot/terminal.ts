import { scaleLinear, scaleLog } from "d3-scale";
import { extentOf, type Plot } from "./series.ts";
import { tickText } from "./svg.ts";

const COLUMNS = 64;
const LINES = 18;
const MARKS = "o+x*#@%&=$~^";
const IN_INTERVAL = ".";

/** The same chart in characters: a mark a series, dots where its interval reaches. */
export function plotText(plot: Plot): string {
  const x = (plot.isLogX ? scaleLog() : scaleLinear()).domain(extentOf(plot, "x")).range([0, COLUMNS - 1]);
  const y = scaleLinear()
    .domain(extentOf(plot, "y"))
    .nice()
    .range([LINES - 1, 0]);
  const cells = Array.from({ length: LINES }, () => Array.from({ length: COLUMNS }, () => " "));
  for (const { points } of plot.series)
    for (const point of points)
      for (let line = Math.round(y(point.high ?? point.y)); line <= Math.round(y(point.low ?? point.y)); line++)
        if (cells[line]![Math.round(x(point.x))] === " ") cells[line]![Math.round(x(point.x))] = IN_INTERVAL;
  plot.series.forEach(({ points }, i) => {
    for (const point of points) cells[Math.round(y(point.y))]![Math.round(x(point.x))] = MARKS[i]!;
  });
  const [low, high] = y.domain() as [number, number];
  const labels = new Map([
    [0, tickText(high, plot.y)],
    [Math.floor((LINES - 1) / 2), tickText((low + high) / 2, plot.y)],
    [LINES - 1, tickText(low, plot.y)],
  ]);
  const width = Math.max(...[...labels.values()].map(({ length }) => length));
  const [from, to] = x.domain().map((end) => tickText(end, plot.x)) as [string, string];
  const lines = cells.map((line, i) => `${(labels.get(i) ?? "").padStart(width)} |${line.join("").trimEnd()}`);
  const legend = plot.by === undefined ? [] : plot.series.map(({ name }, i) => `  ${MARKS[i]} ${name}`);
  return [
    `${plot.y} against ${plot.x}${plot.isLogX ? " (log)" : ""}; dots: 90 % intervals`,
    ...lines,
    `${" ".repeat(width)} +${"-".repeat(COLUMNS)}`,
    `${" ".repeat(width + 2)}${from}${to.padStart(COLUMNS - from.length)}`,
    ...legend,
    "",
  ].join("\n");
}
