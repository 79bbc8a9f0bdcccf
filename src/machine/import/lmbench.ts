import { InputError } from "../../errors.ts";
import { type ChaseCurve, emptyMeasurements, type Measurements, pathBetween } from "./measured.ts";
import { atLine, MAX_LATENCY_NS, positiveNumber, quote, type TextSource, whereOf } from "./text.ts";

/** lat_mem_rd prints sizes in MiB of 2^20 bytes; 16 TiB bounds them. */
const MAX_MIB = 16 * 1024 * 1024;

/**
 * Reads lmbench lat_mem_rd (it writes to stderr: `lat_mem_rd -t 512 64 2> lat.txt`): `"stride=64`, then lines of
 * MiB and ns per load, and a blank line. The last size of the random (-t) run is taken as memory's latency.
 *
 * @error InputError for a title without rows, rows that are not two numbers and sizes that do not grow
 */
export function parseLatMemRd(source: TextSource): Measurements {
  const into = emptyMeasurements("lat-mem-rd", source.file);
  let points: ChaseCurve["points"][number][] | undefined;
  let title: { readonly line: number; readonly text: string } | undefined;
  const requireRows = (): void => {
    if (title === undefined || (points?.length ?? 0) >= 2) return;
    throw new InputError({
      what: `${quote(title.text)} is followed by ${points?.length ?? 0} sizes`,
      where: `${source.file}:${title.line}`,
      expected: "at least two lines of MiB and ns",
      example: "0.00049 1.368",
    });
  };
  for (const line of source.lines) {
    const at = atLine(source, line);
    const stride = /^"stride=(\d{1,9})"?$/.exec(line.trimmed);
    if (stride) {
      requireRows();
      title = { line: line.number, text: line.trimmed };
      points = [];
      into.chaseCurves.push({ strideBytes: Number(stride[1]), at, points });
      continue;
    }
    if (line.trimmed === "" || points === undefined) continue;
    if (line.fields.length !== 2) {
      throw new InputError({
        what: `${quote(line.trimmed)} is not a size and a latency`,
        where: whereOf(at),
        expected: "MiB and ns per load",
        example: "64.00000 95.412",
      });
    }
    const bytes = Math.round(positiveNumber(line.fields[0] ?? "", at, "size", MAX_MIB) * 1048576);
    const ns = positiveNumber(line.fields[1] ?? "", at, "latency", MAX_LATENCY_NS);
    const before = points.at(-1);
    if (before !== undefined && bytes <= before.bytes) {
      throw new InputError({
        what: "the sizes do not grow",
        where: whereOf(at),
        expected: `more than ${before.bytes} bytes`,
      });
    }
    points.push({ bytes, ns, at });
  }
  requireRows();
  const curve = into.chaseCurves.at(-1);
  const last = curve?.points.at(-1);
  if (curve === undefined || last === undefined) {
    throw new InputError({
      what: "has no lat_mem_rd curve",
      where: source.file,
      expected: 'a line "stride=64',
      example: "lat_mem_rd -t 512 64 2> lat.txt",
    });
  }
  pathBetween(into).readLatencyNs = {
    value: last.ns,
    at: last.at,
    how: `lat_mem_rd, stride ${curve.strideBytes}, ${Math.round(last.bytes / 1048576)} MiB`,
  };
  into.notes.push("lat_mem_rd without -t walks a fixed stride, which prefetchers follow: use -t for memory latency");
  return into;
}

export function looksLikeLatMemRd(source: TextSource): boolean {
  return source.lines.some((line) => /^"stride=\d+"?$/.test(line.trimmed));
}
