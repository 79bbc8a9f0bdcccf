import type { LoadedPoint, Measured, Measurements, MemoryPath } from "./measured.ts";
import { whereOf } from "./text.ts";

/** Speeds of files that name no node at all: they belong to the memory that the user ran the tool on. */
export function unnamedFilesOf(files: readonly Measurements[]): MemoryPath[] {
  return files
    .filter((file) => file.paths.every((path) => path.target === undefined && path.label === undefined))
    .flatMap((file) => file.paths);
}

/**
 * A memory's path, what it lacks taken from files that name no node; what it has already, and a loaded curve that
 * cannot be of this memory, is noted as not used.
 */
export function filled(path: MemoryPath, unnamed: readonly MemoryPath[], label: string, notes: string[]): MemoryPath {
  const into: MemoryPath = { ...path };
  const take = (have: Measured | undefined, given: Measured | undefined, what: string, unit: string, scale: number) => {
    if (given === undefined) return have;
    const value = `${Number((given.value / scale).toPrecision(6))} ${unit}`;
    if (have === undefined) {
      notes.push(`${whereOf(given.at)} names no node: its ${what} of ${value} taken for ${label}`);
      return given;
    }
    notes.push(
      `${whereOf(given.at)} names no node: its ${what} of ${value} not used, ${label} has one of ${whereOf(have.at)}`,
    );
    return have;
  };
  for (const other of unnamed) {
    into.readLatencyNs = take(into.readLatencyNs, other.readLatencyNs, "read latency", "ns", 1);
    into.readBandwidth = take(into.readBandwidth, other.readBandwidth, "read bandwidth", "GB/s", 1e9);
    if (other.loaded !== undefined) takeCurve(into, other.loaded, label, notes);
  }
  return into;
}

/** A memory is not faster under load than idle, nor moves more than its peak; 1.3 is far beyond what runs differ. */
const SLACK = 1.3;

function takeCurve(into: MemoryPath, points: readonly LoadedPoint[], label: string, notes: string[]): void {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return;
  const slowest = Math.min(...points.map((point) => point.ns));
  const fastest = Math.max(...points.map((point) => point.bytesPerSecond));
  const read = `${points.length} loaded points, ${pointText(first)} to ${pointText(last)}`;
  const idle = into.readLatencyNs?.value ?? slowest;
  const peak = into.readBandwidth?.value ?? fastest;
  const contradicts =
    slowest * SLACK < idle
      ? `${slowest} ns under load is less than its ${idle} ns idle`
      : fastest > peak * SLACK
        ? `${pointText({ ...first, bytesPerSecond: fastest })} is more than its peak`
        : undefined;
  if (contradicts !== undefined || into.loaded !== undefined) {
    notes.push(
      `${whereOf(first.at)}: ${read}: not used as the curve of ${label}: ${contradicts ?? "it has one"}; of another node: --node N`,
    );
    return;
  }
  notes.push(`${whereOf(first.at)}: ${read}: taken as the loaded curve of ${label}`);
  into.loaded = [...points];
}

function pointText({ ns, bytesPerSecond }: LoadedPoint): string {
  return `${ns} ns at ${Number((bytesPerSecond / 1e6).toPrecision(7))} MB/s`;
}
