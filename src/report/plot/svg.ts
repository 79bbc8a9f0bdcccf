import { scaleLinear, scaleLog } from "d3-scale";
import { formatBytes, formatNs, upToDigits } from "../../units.ts";
import { extentOf, type Plot, type PlotSeries } from "./series.ts";

const WIDTH = 760;
const HEIGHT = 460;
const PLOT = { left: 90, right: 740, top: 40, bottom: 390 } as const;
const NR_TICKS = 7;
/** Beyond it a series is a cloud, not steps: dots with their intervals instead of a line in a band. */
const MOST_STEPS = 60;
/** Okabe and Ito's, told apart by all eyes; then the same with dashes. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const at = (value: number): string => String(Math.round(10 * value) / 10);

/** A tick in the unit that a column's name ends with. */
export function tickText(value: number, column: string): string {
  if (column.endsWith("_bytes")) return formatBytes(value);
  if (column.endsWith("_ns")) return formatNs(value);
  return upToDigits(value, 4);
}

/** One chart: a line in its band for each series, or dots with their intervals; a text says the same to who cannot see it. */
export function plotSvg(plot: Plot): string {
  const x = (plot.isLogX ? scaleLog() : scaleLinear()).domain(extentOf(plot, "x")).range([PLOT.left, PLOT.right]);
  const y = scaleLinear().domain(extentOf(plot, "y")).nice(NR_TICKS).range([PLOT.bottom, PLOT.top]);
  const title = `${plot.y} against ${plot.x}${plot.by === undefined ? "" : ` by ${plot.by}`}`;
  const xTicks = plot.isLogX
    ? x.ticks(NR_TICKS).filter((_tick, i, all) => i % Math.ceil(all.length / NR_TICKS) === 0)
    : x.ticks(NR_TICKS);
  const grid = [
    ...y
      .ticks(NR_TICKS)
      .map(
        (tick) =>
          `<path class="grid" d="M${PLOT.left} ${at(y(tick))}H${PLOT.right}"/><text x="${PLOT.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${escaped(tickText(tick, plot.y))}</text>`,
      ),
    ...xTicks.map(
      (tick) =>
        `<path class="grid" d="M${at(x(tick))} ${PLOT.bottom}v5"/><text x="${at(x(tick))}" y="${PLOT.bottom + 20}" text-anchor="middle">${escaped(tickText(tick, plot.x))}</text>`,
    ),
  ];
  const drawn = plot.series.map((series, i) => seriesSvg(series, i, x, y));
  const legend =
    plot.by === undefined
      ? []
      : plot.series.map(
          ({ name }, i) =>
            `<path d="M${PLOT.left + 12} ${PLOT.top + 14 + 18 * i}h22" stroke="${COLORS[i % COLORS.length]}" stroke-width="3"${dashes(i)}/><text x="${PLOT.left + 40}" y="${PLOT.top + 18 + 18 * i}">${escaped(name)}</text>`,
        );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    "<style>svg{background:#fff;font:13px system-ui,sans-serif;fill:#222}.grid{stroke:#ddd;fill:none}@media (prefers-color-scheme:dark){svg{background:#16181c;fill:#ddd}.grid{stroke:#3a3d44}}</style>",
    `<text x="${PLOT.left}" y="24" font-weight="600">${escaped(title)}</text>`,
    ...grid,
    ...drawn,
    ...legend,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 44}" text-anchor="middle">${escaped(plot.x)}${plot.isLogX ? " (log)" : ""}</text>`,
    `<text x="${PLOT.left}" y="${HEIGHT - 8}" font-size="11">Bands and bars: 90 % intervals, where the column has one.</text>`,
    "</svg>",
    "",
  ].join("\n");
}

const dashes = (i: number): string => (i < COLORS.length ? "" : ' stroke-dasharray="5 4"');

type Scale = (value: number) => number;

function seriesSvg({ name, points }: PlotSeries, i: number, x: Scale, y: Scale): string {
  const color = COLORS[i % COLORS.length];
  const places = points.map((point) => ({
    x: at(x(point.x)),
    y: at(y(point.y)),
    low: at(y(point.low ?? point.y)),
    high: at(y(point.high ?? point.y)),
  }));
  const isBand = points.some(({ low, high }) => low !== undefined && high !== undefined);
  const label = `<title>${escaped(name)}</title>`;
  if (points.length > MOST_STEPS || points.length === 1) {
    const bars = isBand ? places.map((place) => `M${place.x} ${place.low}V${place.high}`).join("") : "";
    const dots = places.map((place) => `<circle cx="${place.x}" cy="${place.y}" r="2"/>`).join("");
    return `<g fill="${color}">${label}<path d="${bars}" stroke="${color}" stroke-opacity="0.25"/>${dots}</g>`;
  }
  const band = isBand
    ? `<path d="M${places.map((place) => `${place.x} ${place.high}`).join("L")}L${[...places]
        .reverse()
        .map((place) => `${place.x} ${place.low}`)
        .join("L")}Z" fill="${color}" fill-opacity="0.15"/>`
    : "";
  return `<g>${label}${band}<path d="M${places.map((place) => `${place.x} ${place.y}`).join("L")}" fill="none" stroke="${color}" stroke-width="2"${dashes(i)}/></g>`;
}
