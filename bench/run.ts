import { Bench } from "tinybench";
import { buildNative, type NativeProgram, startNative } from "./native/build.ts";
import { ascending, type Interval, medianAbsoluteDeviation, medianInterval, quantile } from "./statistics.ts";
import type { Case, Row, Suite, SuiteOptions, TimedElsewhere } from "./suite.ts";

export interface RowReport {
  readonly name: string;
  readonly median_ms: number;
  readonly p99_ms: number;
  readonly mad_ms: number;
  /** Units of work per second, from the median. */
  readonly rate_per_s: number;
  /** Where time is wall time: the processor time of this process in it, all its threads together. */
  readonly processor_ms?: number;
  /** Speed over that row, paired round by round: median and its 95 % interval. */
  readonly ratios: Readonly<Record<string, Interval>>;
  readonly note?: string;
}

export interface CaseReport {
  readonly suite: string;
  readonly case: string;
  readonly work: number;
  readonly unit: string;
  readonly clock: "processor" | "wall";
  readonly rounds: number;
  readonly checksum: string;
  readonly rows: readonly RowReport[];
}

/** Runs a suite's cases one after the other and stops the native programs it started. */
export async function runSuite(
  suite: Suite,
  smoke: boolean,
  rounds: number,
  isWanted: (name: string) => boolean = () => true,
): Promise<CaseReport[]> {
  const programs: NativeProgram[] = [];
  const started = (program: NativeProgram): NativeProgram => {
    programs.push(program);
    return program;
  };
  const options: SuiteOptions = {
    smoke,
    started,
    native: async (source) => {
      const program = buildNative(source);
      return program === undefined ? undefined : started(startNative(program));
    },
  };
  try {
    const reports: CaseReport[] = [];
    for (const each of await suite.cases(options)) {
      if (isWanted(each.name)) reports.push(await runCase(suite.name, each, rounds));
    }
    return reports;
  } finally {
    for (const program of programs) program.stop();
  }
}

/**
 * Every round runs every row once, in an order that turns by one each round, after two rounds that do not count.
 *
 * @error when two rows, or two runs of one, disagree on the checksum
 */
async function runCase(suite: string, given: Case, asked: number): Promise<CaseReport> {
  const rounds = Math.min(asked, given.rounds ?? asked);
  const { clock = "processor" } = given;
  const timed = given.rows.map((row) => new TimedRow(row, clock));
  const warmUp = rounds < 2 ? 0 : rounds < asked ? 1 : 2;
  let checksum: string | undefined;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let i = 0; i < timed.length; i++) {
      const row = timed[(i + round) % timed.length] as TimedRow;
      const result = await row.sample(round >= warmUp);
      checksum ??= result;
      if (result !== checksum) {
        throw new Error(`${suite}/${given.name}: row ${row.name} has checksum ${result}, expected ${checksum}`);
      }
    }
  }
  const rows = timed.map((row) => reportRow(row, given, timed));
  const { name, work, unit } = given;
  return { suite, case: name, work, unit, clock, rounds, checksum: checksum ?? "", rows };
}

/** A row with its tinybench bench: one iteration per call, so that rows can take turns. */
class TimedRow {
  readonly name: string;
  readonly clock: "processor" | "wall";
  readonly samplesMs: number[] = [];
  /** Of every sample, whatever the clock. */
  readonly processorMs: number[] = [];
  readonly #bench: Bench;
  readonly #row: Row;
  #processorMs = 0;

  constructor(row: Row, clock: "processor" | "wall") {
    this.name = row.name;
    this.clock = clock;
    this.#row = row;
    this.#bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, retainSamples: true });
    const run = async () => {
      const before = process.cpuUsage();
      const start = performance.now();
      const result = row.run();
      const settled = (result instanceof Promise ? await result : result) as TimedElsewhere | undefined;
      const wallMs = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      this.#processorMs = (user + system) / 1000;
      return { overriddenDuration: settled?.elapsedMs ?? (clock === "wall" ? wallMs : this.#processorMs) };
    };
    this.#bench.add(row.name, run, { async: true, beforeEach: () => row.prepare?.() });
  }

  get note(): string | undefined {
    return this.#row.note?.();
  }

  /** @return the checksum */
  async sample(counts: boolean): Promise<string> {
    this.#bench.reset();
    await this.#bench.run();
    const result = this.#bench.tasks[0]?.result;
    if (result?.state !== "completed") throw new Error(`${this.name}: ${result?.state}`);
    if (counts) {
      this.samplesMs.push(result.latency.mean);
      this.processorMs.push(this.#processorMs);
    }
    return this.#row.checksum();
  }
}

function reportRow(row: TimedRow, given: Case, all: readonly TimedRow[]): RowReport {
  const sorted = ascending(row.samplesMs);
  const median = quantile(sorted, 0.5);
  const ratios: Record<string, Interval> = {};
  for (const name of given.against) {
    const other = all.find((each) => each.name === name);
    if (other === undefined || other === row) continue;
    ratios[name] = medianInterval(row.samplesMs.map((ms, round) => (other.samplesMs[round] ?? Number.NaN) / ms));
  }
  return {
    name: row.name,
    median_ms: median,
    p99_ms: quantile(sorted, 0.99),
    mad_ms: medianAbsoluteDeviation(row.samplesMs),
    rate_per_s: given.work / (median / 1000),
    ...(row.clock === "wall" ? { processor_ms: quantile(ascending(row.processorMs), 0.5) } : {}),
    ratios,
    ...(row.note === undefined ? {} : { note: row.note }),
  };
}
