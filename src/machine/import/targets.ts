import { InputError } from "../../errors.ts";
import { MEDIA, type Medium } from "../profiles.ts";
import type { Measured, Measurements, MemoryPath } from "./measured.ts";
import { whereOf } from "./text.ts";
import { filled, unnamedFilesOf } from "./unnamed.ts";

export interface SelectOptions {
  /** Memory node. @default every memory-only node; without one, every node */
  readonly node?: number;
  /** CPU node. @default the one with the lowest read latency */
  readonly from?: number;
  /** What the memory is, when the files do not say. */
  readonly medium?: Medium;
}

/** One memory of which a profile can be made, with all that the files say about its speed. */
export interface Target {
  readonly id: string;
  /** For messages: "node 2 from node 0". */
  readonly label: string;
  readonly node: number | undefined;
  readonly from: number | undefined;
  readonly path: MemoryPath;
  /** True when firmware claims the values and nobody measured them. */
  readonly rated: boolean;
  /** A node without CPUs. */
  readonly isMemoryOnly: boolean;
}

/**
 * The memories to import.
 *
 * @param notes gets a line for each speed that belongs to none of them
 * @error InputError when the files name no such node, or no speed at all
 */
export function targetsOf(files: readonly Measurements[], options: SelectOptions, notes: string[]): Target[] {
  const paths = files.flatMap((file) => file.paths.map((path) => ({ path, rated: file.format === "sysfs" })));
  const nodes = [...new Set(paths.flatMap(({ path }) => path.target ?? []))].sort((a, b) => a - b);
  const unnamed = paths.filter(({ path }) => path.target === undefined && path.label === undefined);
  const regions = paths.filter(({ path }) => path.label !== undefined);
  if (paths.length === 0) {
    throw new InputError({
      what: "no latency and no bandwidth in any of the files",
      where: files.map((file) => file.file).join(", "),
      expected: "beside them a measurement: Intel MLC, multichase and multiload, lat_mem_rd, or --sysfs",
      example: "altmap profiles import mlc.txt cxl.json numactl.txt",
    });
  }
  // Regions whose node nobody tells are more likely meant than a node with CPUs.
  const isOnlyCpuNodes = nodes.length > 0 && !nodes.some((node) => isMemoryOnly(node, files));
  if (nodes.length === 0 || (isOnlyCpuNodes && regions.length > 0 && options.node === undefined)) {
    const targets = regions.map(({ path, rated }) =>
      targetOf(path.label ?? "", undefined, undefined, path, rated, true),
    );
    const rest = unnamed.map(({ path }) => path);
    return rest.length === 0
      ? targets
      : [...targets, targetOf("imported", options.node, options.from, merged(rest), false, true)];
  }
  const memoryOnly = nodes.filter((node) => isMemoryOnly(node, files));
  const wanted = options.node === undefined ? (memoryOnly.length > 0 ? memoryOnly : nodes) : [options.node];
  return wanted.map((node) => {
    const candidates = paths.filter(({ path }) => path.target === node);
    const from = options.from ?? nearestInitiator(candidates.map(({ path }) => path));
    const chosen = candidates.filter(({ path }) => options.from === undefined || path.initiator === options.from);
    const own = chosen.filter(({ path }) => path.initiator === from);
    if (own.length === 0) {
      throw new InputError({
        what: `no file measured node ${node}${from === undefined ? "" : ` from node ${from}`}`,
        where: files.map((file) => file.file).join(", "),
        expected: `one of ${paths.flatMap(({ path }) => (path.target === undefined ? [] : [`node ${path.target} from node ${path.initiator ?? "?"}`])).join(", ")}`,
      });
    }
    const isLocal = from === node || nodes.length === 1;
    const whole = isLocal ? unnamed.map(({ path }) => shareOf(path, cpuNodesOf(files))) : [];
    const id = from === undefined ? `node${node}` : `node${node}-from-node${from}`;
    const named = merged([...own.map(({ path }) => path), ...whole]);
    const path = isLocal || wanted.length > 1 ? named : filled(named, unnamedFilesOf(files), `node ${node}`, notes);
    const isRated = own.every(({ rated }) => rated);
    return targetOf(id, node, from, path, isRated, isMemoryOnly(node, files));
  });
}

function targetOf(
  id: string,
  node: number | undefined,
  from: number | undefined,
  path: MemoryPath,
  rated: boolean,
  isMemoryOnly: boolean,
): Target {
  const label = node === undefined ? id : `node ${node}${from === undefined ? "" : ` from node ${from}`}`;
  return { id, label, node, from, path, rated, isMemoryOnly };
}

/**
 * What a table over the whole system says of one CPU node's own memory: all nodes run at once, each on its own
 * memory, so bandwidths are divided. The loaded curve is only ever used relative to its own ends.
 */
function shareOf(path: MemoryPath, nrCpuNodes: number): MemoryPath {
  if (nrCpuNodes <= 1) return path;
  const share = (measured: Measured): Measured => ({
    ...measured,
    value: measured.value / nrCpuNodes,
    how: `${measured.how}, divided by ${nrCpuNodes} CPU nodes`,
  });
  const { loaded } = path;
  const mixedBandwidth = Object.fromEntries(Object.entries(path.mixedBandwidth).map(([mix, m]) => [mix, share(m)]));
  return {
    ...(path.readBandwidth === undefined ? {} : { readBandwidth: share(path.readBandwidth) }),
    mixedBandwidth,
    ...(loaded === undefined ? {} : { loaded }),
  };
}

function cpuNodesOf(files: readonly Measurements[]): number {
  return new Set(files.flatMap((file) => file.paths.flatMap((path) => path.initiator ?? []))).size;
}

/** The first initiator of lowest read latency, if any path names one. */
function nearestInitiator(paths: readonly MemoryPath[]): number | undefined {
  const ns = (path: MemoryPath): number => path.readLatencyNs?.value ?? Number.POSITIVE_INFINITY;
  return [...paths].sort((a, b) => ns(a) - ns(b))[0]?.initiator;
}

/**
 * Several measurements of one path as one. A value that two files give is a question for the user: which?
 * The matrix of a file comes before its table over the whole system.
 */
function merged(paths: readonly MemoryPath[]): MemoryPath {
  const into: MemoryPath = { mixedBandwidth: {} };
  const take = (have: Measured | undefined, next: Measured | undefined, what: string): Measured | undefined => {
    if (have === undefined || next === undefined) return have ?? next;
    if (have.at.file === next.at.file) return have;
    throw new InputError({
      what: `${whereOf(have.at)} and ${whereOf(next.at)} both give the ${what} (${have.value} and ${next.value})`,
      expected: "one file for each value",
    });
  };
  for (const path of paths) {
    into.readLatencyNs = take(into.readLatencyNs, path.readLatencyNs, "read latency");
    into.writeLatencyNs = take(into.writeLatencyNs, path.writeLatencyNs, "write latency");
    into.readBandwidth = take(into.readBandwidth, path.readBandwidth, "read bandwidth");
    into.writeBandwidth = take(into.writeBandwidth, path.writeBandwidth, "write bandwidth");
    for (const [mix, measured] of Object.entries(path.mixedBandwidth)) into.mixedBandwidth[mix] ??= measured;
    if (path.loaded !== undefined) into.loaded = [...(into.loaded ?? []), ...path.loaded];
  }
  return into;
}

/** A node without CPUs: numactl says so, or it is only ever a column of MLC's matrix. */
function isMemoryOnly(node: number, files: readonly Measurements[]): boolean {
  const cpus = files.flatMap((file) => file.nodes.filter((facts) => facts.node === node).flatMap((f) => f.cpus ?? []));
  if (cpus.length > 0) return cpus.every(({ count }) => count === 0);
  const paths = files.flatMap((file) => file.paths);
  return paths.some((path) => path.target === node) && !paths.some((path) => path.initiator === node);
}

/** @error InputError when neither the files nor the user say what the memory is */
export function mediumOf(target: Target, files: readonly Measurements[], options: SelectOptions): Medium {
  if (options.medium !== undefined) return options.medium;
  if (target.path.label !== undefined || target.id.startsWith("region")) return "cxl";
  const { node, from } = target;
  if (node !== undefined && !isMemoryOnly(node, files)) {
    if (from === undefined || from === node) return "local-dram";
    return "remote-numa";
  }
  const memoryOnly = new Set(
    files.flatMap((file) => [...file.paths.flatMap((p) => p.target ?? []), ...file.nodes.map((f) => f.node)]),
  );
  const others = [...memoryOnly].filter((other) => other !== node && isMemoryOnly(other, files));
  const hasCxl = files.some((file) => file.devices.some((device) => device.kind !== "dax"));
  if (node !== undefined && hasCxl && others.length === 0) return "cxl";
  throw new InputError({
    what: `none of the files says what kind of memory ${target.label} is`,
    expected: `--medium ${MEDIA.join("|")}`,
    example: "altmap profiles import mlc.txt --medium cxl",
  });
}
