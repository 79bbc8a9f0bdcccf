import { InputError, namesLike } from "../errors.ts";
import { formatBytes } from "../units.ts";
import { compileProbe } from "./compile.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import {
  allowedCpus,
  availableBytes,
  type MachineState,
  machineState,
  type QuietCpu,
  quietCpu,
} from "./machineState.ts";
import { type MemoryNode, memoryNode } from "./nodes.ts";
import { PROBE_OPERATIONS, probedFor } from "./operations.ts";
import type { ProbeOutput } from "./probeOutput.ts";
import { type ProbePlan, runProbe } from "./runProbe.ts";

/** What a user asks for. */
export interface MeasureRequest {
  readonly operations?: readonly string[];
  readonly node?: number;
  readonly cpu?: number;
  readonly footprintBytes?: number;
  readonly quick: boolean;
  readonly seconds?: number;
  readonly onProgress: (line: string) => void;
}

/** A measurement and under what circumstances it was made. */
export interface Measurement {
  readonly machine: MachineState;
  readonly cpu: QuietCpu;
  readonly node: MemoryNode | undefined;
  readonly plan: ProbePlan;
  readonly quick: boolean;
  readonly output: ProbeOutput;
  readonly evaluation: Evaluation;
}

const MIB = 1024 ** 2;
const QUICK_SECONDS = 10;
const SECONDS = 60;
const MOST_SECONDS = 3600;
const QUICK_FOOTPRINT = 256 * MIB;
const FOOTPRINT = 512 * MIB;
/** Of the pages that are handed out one in four is measured, in at least two slices of a MiB. */
const LEAST_FOOTPRINT = 16 * MIB;
/** The probe's tables are as long. */
const MOST_FOOTPRINT = 64 * 1024 * MIB;
const SWEPT_OVER_LLC = 4;
/** Struct pages of a slice take an eighth of L2: the rest is for page tables, LRU batches and the kernel's own. */
const L2_OVER_SLICE = 8;
const STRUCT_PAGE_BYTES = 64;
const PAGE_BYTES = 4096;
const MOST_SLICE_PAGES = 1024;
const OTHER_BYTES = 160 * MIB;
const BUSY_RATIO = 0.2;

/**
 * Compiles the probe, runs it and makes sense of it.
 *
 * @error InputError for a request that this machine cannot meet
 */
export async function measure(request: MeasureRequest): Promise<Measurement> {
  const { quick, onProgress } = request;
  const names = request.operations ?? PROBE_OPERATIONS.map(({ name }) => name);
  names.forEach(checkName);
  const machine = machineState();
  const node = request.node === undefined ? undefined : memoryNode(request.node);
  const cpu = await quietCpu(request.cpu, allowedCpus(node?.cpus));
  if (cpu.busyRatio > BUSY_RATIO)
    onProgress(`CPU ${cpu.cpu}, the quietest, is ${Math.round(100 * cpu.busyRatio)} % busy: spreads will be wide`);
  const plan = planOf(request, machine, cpu.cpu, names);
  checkMemory(plan, node);
  const probe = compileProbe(onProgress);
  try {
    onProgress(`about ${plan.seconds} s on CPU ${cpu.cpu}`);
    const output = await runProbe(probe.path, plan, (runs) => onProgress(`run ${runs} complete`));
    return { machine, cpu, node, plan, quick, output, evaluation: evaluate(output, names, machine.kernel) };
  } finally {
    probe.remove();
  }
}

function planOf(request: MeasureRequest, machine: MachineState, cpu: number, names: readonly string[]): ProbePlan {
  const { quick, node } = request;
  const slicePages = Math.min(MOST_SLICE_PAGES, machine.l2Bytes / STRUCT_PAGE_BYTES / L2_OVER_SLICE);
  const footprintBytes = request.footprintBytes ?? (quick ? QUICK_FOOTPRINT : FOOTPRINT);
  checkFootprint(footprintBytes);
  return {
    operations: probedFor(names),
    footprintBytes,
    sliceBytes: Math.min(2 ** Math.floor(Math.log2(slicePages)) * PAGE_BYTES, footprintBytes / SLICES_OF_LEAST),
    sweepBytes: SWEPT_OVER_LLC * machine.llcBytes,
    seconds: Math.min(MOST_SECONDS, request.seconds ?? (quick ? QUICK_SECONDS : SECONDS)),
    cpu,
    ...(node === undefined ? {} : { node }),
  };
}

/** A quarter of the footprint in eight slices. */
const SLICES_OF_LEAST = 32;

function checkFootprint(bytes: number): void {
  if (bytes >= LEAST_FOOTPRINT && bytes <= MOST_FOOTPRINT && bytes % LEAST_FOOTPRINT === 0) return;
  throw new InputError({
    what: `${formatBytes(bytes)} of memory`,
    where: "--footprint",
    expected: `${formatBytes(LEAST_FOOTPRINT)} to ${formatBytes(MOST_FOOTPRINT)}, a multiple of ${formatBytes(LEAST_FOOTPRINT)}`,
    example: "altmap measure --footprint 256MiB",
  });
}

function checkName(name: string): void {
  const known = PROBE_OPERATIONS.map((operation) => operation.name);
  if (known.includes(name)) return;
  const { names } = namesLike(name, known);
  throw new InputError({
    what: `unknown operation "${name.slice(0, 60)}"${names.length === 0 ? "" : `; did you mean ${names.join(", ")}?`}`,
    where: "--operations",
    expected: `names of ${known.join(", ")}`,
    example: "altmap measure --operations pagemap-read,fork",
  });
}

/** @error InputError before anything is allocated, when it would not fit */
function checkMemory(plan: ProbePlan, node: MemoryNode | undefined): void {
  const bound = plan.footprintBytes + OTHER_BYTES / 2;
  const needed = plan.footprintBytes + plan.sweepBytes + OTHER_BYTES;
  const { bytes, by } = availableBytes();
  const free = node?.freeBytes ?? Number.POSITIVE_INFINITY;
  const [short, has] = free < bound ? [`node ${node?.id}`, free] : [by, bytes];
  if (free >= bound && bytes >= needed) return;
  throw new InputError({
    what: `the measurement needs ${formatBytes(free < bound ? bound : needed)}, and ${short} has ${formatBytes(has)} left`,
    where: "--footprint",
    expected: "a smaller footprint, or more free memory",
    example: `altmap measure --footprint ${formatBytes(LEAST_FOOTPRINT).replace(" ", "")}`,
  });
}
