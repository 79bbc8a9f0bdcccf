import { InputError } from "../../errors.ts";
import { formatBytes } from "../../units.ts";
import { defaultHost } from "../hosts.ts";
import { SPREAD_BY_LEVEL } from "../provenance.ts";
import type { Measured, Measurements, MemoryPath } from "./measured.ts";
import { MEMORY_FLOOR_NS } from "./plausible.ts";
import { whereOf } from "./text.ts";

/** One of perhaps several results of one thing in one file. */
export interface Run extends Measured {
  /** Memory the run walked, when the tool says it. */
  readonly bufferBytes?: number | undefined;
  /** Runs of a lower rank are left aside unsaid: sequential access beside random access. @default 0 */
  readonly rank?: number;
}

type Runs = Map<string, Run[]>;

/**
 * Collects what a file measured more than once and settles each on one run: of latencies the one that memory's can
 * be, of the largest buffer, the median of runs that agree; of bandwidths the highest. What was taken, and why, is
 * noted.
 */
export class RunLog {
  readonly #latencies = new Map<MemoryPath, Run[]>();
  readonly #bandwidths = new Map<MemoryPath, Runs>();

  latency(path: MemoryPath, run: Run): void {
    this.#latencies.set(path, [...(this.#latencies.get(path) ?? []), run]);
  }

  /** @param mix `read`, or a mix of reads and writes */
  bandwidth(path: MemoryPath, mix: string, run: Run): void {
    const mixes: Runs = this.#bandwidths.get(path) ?? new Map<string, Run[]>();
    mixes.set(mix, [...(mixes.get(mix) ?? []), run]);
    this.#bandwidths.set(path, mixes);
  }

  /** @error InputError when latencies of one file differ and nothing tells which is memory's */
  settle(into: Measurements): void {
    const taken = new Set<string>();
    const note = (text: string): void => {
      if (!taken.has(text)) into.notes.push(text);
      taken.add(text);
    };
    for (const [path, runs] of this.#latencies) path.readLatencyNs = measuredOf(chooseLatency(runs, note));
    for (const [path, mixes] of this.#bandwidths) {
      for (const [mix, runs] of mixes) {
        const best = measuredOf(highest(runs, note));
        if (mix === "read") path.readBandwidth = best;
        else path.mixedBandwidth[mix] = best;
      }
    }
  }
}

function measuredOf({ value, at, how }: Run): Measured {
  return { value, at, how };
}

/** Runs of one machine that agree: within what repeats of a measurement differ. */
const AGREEMENT = 1 + SPREAD_BY_LEVEL.M;

function chooseLatency(all: readonly Run[], note: (text: string) => void): Run {
  const rank = Math.max(...all.map((run) => run.rank ?? 0));
  const ranked = all.filter((run) => (run.rank ?? 0) === rank);
  const largest = Math.max(...ranked.map((run) => run.bufferBytes ?? 0));
  const known = ranked.every((run) => run.bufferBytes !== undefined);
  // A buffer of another size by a tenth is the same buffer, aligned otherwise.
  const widest = known ? ranked.filter((run) => (run.bufferBytes ?? 0) * AGREEMENT >= largest) : ranked;
  const possible = widest.filter((run) => run.value >= MEMORY_FLOOR_NS);
  const runs = possible.length > 0 ? possible : widest;
  const sorted = [...runs].sort((a, b) => a.value - b.value);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  if (high.value > low.value * AGREEMENT) refuseDisagreement(sorted);
  const chosen = sorted[(sorted.length - 1) >> 1]!;
  noteSmallBuffer(chosen, note);
  if (ranked.length === 1) return chosen;
  const others = ranked.filter((run) => !runs.includes(run)).map(describe);
  const reasons = [
    ...(widest.length < ranked.length ? [`the largest buffer, ${formatBytes(largest)}`] : []),
    ...(runs.length < widest.length ? [`memory has no less than ${MEMORY_FLOOR_NS} ns`] : []),
    ...(runs.length > 1 ? [`the median of ${runs.length} runs of ${low.value} to ${high.value} ns`] : []),
  ];
  note(
    `several runs (${ranked.length}): ${chosen.value} ns of line ${chosen.at.line ?? 1} taken (${reasons.join("; ")})` +
      (others.length === 0 ? "" : `; not ${others.slice(0, 8).join(", ")}${others.length > 8 ? "..." : ""}`),
  );
  return chosen;
}

/** A buffer that caches of the default host hold twice over is memory's on few servers. */
function noteSmallBuffer({ bufferBytes, value, at }: Run, note: (text: string) => void): void {
  const llc = defaultHost.llcBytes.value;
  if (bufferBytes === undefined || bufferBytes >= 2 * llc) return;
  note(
    `line ${at.line ?? 1}: ${value} ns with a buffer of ${formatBytes(bufferBytes)}: last-level caches are as large (${defaultHost.id}: ${formatBytes(llc)}), so this may be a cache's latency`,
  );
}

function describe(run: Run): string {
  const buffer = run.bufferBytes === undefined ? "" : ` with ${formatBytes(run.bufferBytes)}`;
  return `${run.value} ns${buffer} (line ${run.at.line ?? 1})`;
}

function refuseDisagreement(sorted: readonly Run[]): never {
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  throw new InputError({
    what: `several runs of ${low.how} differ, from ${describe(low)} to ${describe(high)}: which is this memory's?`,
    where: whereOf(high.at),
    expected: "runs that agree within 10 %, or a buffer size with each; else a file with the one run",
    example: "mlc --idle_latency > idle.txt; altmap profiles import idle.txt bandwidth.txt",
  });
}

/** The peak is the highest of all runs, by its meaning. */
function highest(runs: readonly Run[], note: (text: string) => void): Run {
  const best = runs.reduce((a, b) => (b.value > a.value ? b : a));
  if (runs.length > 1) {
    note(
      `${runs.length} bandwidths of one kind: the highest taken, ${gbps(best.value)} GB/s of line ${best.at.line ?? 1}`,
    );
  }
  return best;
}

function gbps(bytesPerSecond: number): number {
  return Number((bytesPerSecond / 1e9).toPrecision(6));
}
