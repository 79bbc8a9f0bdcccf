import { InputError } from "../../errors.ts";
import { formatProfiles, risingCurve } from "../emit.ts";
import type { DeviceProfile, LoadedCurve, Medium } from "../profiles.ts";
import type { EvidenceLevel, Quantity } from "../provenance.ts";
import { parseProfiles } from "../schema.ts";
import { pluggedSizeOf } from "./capacity.ts";
import { descriptionOf } from "./describe.ts";
import type { Measured, Measurements, MemoryPath } from "./measured.ts";
import { noteSlow, possiblePath, setAsideImpossible } from "./plausible.ts";
import { mediumOf, type SelectOptions, type Target, targetsOf } from "./targets.ts";
import { whereOf } from "./text.ts";

export interface ImportOptions extends SelectOptions {
  /** Name of the profile; only when one device is imported. @default from the node, or "imported" */
  readonly id?: string;
  /** Unit in which the medium reads and writes. @default 64, except for pmem, where it must be given */
  readonly mediaLineBytes?: number;
}

/** What was imported: profiles, and what a reader should know about them. */
export interface Imported {
  readonly devices: readonly DeviceProfile[];
  readonly notes: readonly string[];
}

/**
 * Makes device profiles of everything the files say together. A profile needs a read latency and a read bandwidth;
 * neither is ever made up.
 *
 * @error InputError naming the value that no file gives and the tool that measures it, or two files that disagree
 */
export function importedProfiles(given: readonly Measurements[], options: ImportOptions = {}): Imported {
  const files = setAsideImpossible(given);
  const notes = files.flatMap((file) => file.notes.map((note) => located(file.file, note)));
  const all = targetsOf(files, options, notes).map((target) => {
    const path = possiblePath(target.path, target.rated, notes);
    noteSlow(path, notes);
    return { ...target, path };
  });
  const targets = withSpeed(all, options, notes);
  if (options.id !== undefined && targets.length > 1) {
    throw new InputError({
      what: `one name for ${targets.length} memories (${targets.map((target) => target.id).join(", ")})`,
      expected: "--node N beside --id",
    });
  }
  const devices = targets.map((target) => {
    const isOnly = targets.length === 1 && !hasOtherNode(files, target.node);
    return deviceOf(target, files, { ...options, isOnly }, notes);
  });
  // What is written must be what `--profiles` reads: the one schema judges imported values too.
  parseProfiles(formatProfiles({ devices, hosts: [] }), `the profile made of ${files.map((f) => f.file).join(", ")}`);
  return { devices, notes: [...new Set(notes)] };
}

/** A dax device of another node: regions and memory devices may be that node's. */
function hasOtherNode(files: readonly Measurements[], node: number | undefined): boolean {
  if (node === undefined) return false;
  const dax = files.flatMap((file) => file.devices).filter((device) => device.kind === "dax");
  return dax.some((device) => device.node !== undefined && device.node !== node);
}

/** A note with its file, where it does not begin with it. */
function located(file: string, note: string): string {
  return note.startsWith(file) ? note : `${file}: ${note}`;
}

/** Of several memories, those whose latency and bandwidth are known: one that is not does not stop the others. */
function withSpeed(targets: readonly Target[], options: ImportOptions, notes: string[]): readonly Target[] {
  const known = targets.filter(({ path }) => path.readLatencyNs !== undefined && path.readBandwidth !== undefined);
  if (options.node !== undefined || known.length === 0) return targets;
  for (const { label, path } of targets) {
    if (path.readLatencyNs !== undefined && path.readBandwidth !== undefined) continue;
    notes.push(`${label}: no read ${path.readLatencyNs === undefined ? "latency" : "bandwidth"} in any file: left out`);
  }
  return known;
}

function deviceOf(
  target: Target,
  files: readonly Measurements[],
  options: ImportOptions & { readonly isOnly: boolean },
  notes: string[],
): DeviceProfile {
  const medium = mediumOf(target, files, options);
  const { path } = target;
  const needed = (have: Measured | undefined, what: string, tool: string): Measured =>
    have ?? missing(target, files, notes, what, tool);
  const latency = needed(path.readLatencyNs, "read latency", "mlc --latency_matrix, or multichase");
  const read = needed(path.readBandwidth, "read bandwidth", "mlc --bandwidth_matrix, or multiload");
  const level: EvidenceLevel = target.rated ? "S" : "M";
  const mixed = path.mixedBandwidth["r1w1"];
  const curve = curveOf(path, files, level);
  if (path.writeLatencyNs !== undefined && path.writeLatencyNs.value !== latency.value) {
    notes.push(`${whereOf(path.writeLatencyNs.at)}: write latency ${path.writeLatencyNs.value} ns: read, not used`);
  }
  return {
    id: options.id ?? target.id,
    description: descriptionOf(target, files, options.isOnly),
    medium,
    ...pluggedSizeOf(target, files, options.isOnly, notes),
    idleReadNs: quantity(latency, 1, level),
    readGBps: quantity(read, 1e9, level),
    ...(path.writeBandwidth === undefined ? {} : { writeGBps: quantity(path.writeBandwidth, 1e9, level) }),
    ...(mixed === undefined ? {} : { mixedGBps: quantity(mixed, 1e9, level) }),
    mediaLineBytes: mediaLine(medium, options),
    ...(curve === undefined ? {} : { loadedCurve: curve }),
  };
}

/** DDR and CXL.mem move 64-byte lines by standard; only persistent media have longer ones. */
function mediaLine(medium: Medium, options: ImportOptions): Quantity {
  const given = options.mediaLineBytes;
  if (given !== undefined) return { value: given, range: [given, given], level: "M", source: "--media-line" };
  if (medium === "pmem") {
    throw new InputError({
      what: "the unit in which persistent memory writes is in none of the files",
      expected: "--media-line SIZE",
      example: "--media-line 256B   (Optane)",
    });
  }
  return { value: 64, range: [64, 64], level: "V", source: "64-byte lines of DDR and CXL.mem, by standard" };
}

function quantity(measured: Measured, unit: number, level: EvidenceLevel): Quantity {
  // 9 digits: enough for what tools print, and free of binary fractions.
  const value = Number((measured.value / unit).toPrecision(9));
  return { value, level, source: `${whereOf(measured.at)}: ${measured.how}`.slice(0, 400) };
}

function curveOf(path: MemoryPath, files: readonly Measurements[], level: EvidenceLevel): LoadedCurve | undefined {
  const points = (path.loaded ?? []).map((point) => ({
    GBps: Number((point.bytesPerSecond / 1e9).toPrecision(9)),
    ns: point.ns,
  }));
  const rising = risingCurve(points.sort((a, b) => a.GBps - b.GBps));
  const first = path.loaded?.[0];
  if (first === undefined || rising.length < 2) return undefined;
  const nodes = new Set(files.flatMap((file) => file.paths.flatMap((p) => p.initiator ?? [])));
  const scope = nodes.size > 1 ? `${nodes.size} CPU nodes together, each to its own memory` : "all CPUs of the run";
  return { points: rising, scope, level, source: `${whereOf(first.at)}: loaded latencies` };
}

function missing(
  target: Target,
  files: readonly Measurements[],
  notes: readonly string[],
  what: string,
  tool: string,
): never {
  // What was read and could not be taken is the reason, where there is one.
  const read = notes
    .filter((note) => /Not taken|loaded latency|loaded point|unknown$|not created yet/.test(note))
    .slice(0, 3);
  throw new InputError({
    what: `no file gives the ${what} of ${target.label}${read.length === 0 ? "" : ` (${read.join("; ")})`}`,
    where: files.map((file) => file.file).join(", "),
    expected: `a file with it as well (${tool}); nothing is assumed in its place`,
    example: "altmap profiles import latency.txt bandwidth.txt",
  });
}
