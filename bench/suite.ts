// What every file of bench/suite/ exports: one question, its cases, and the rows that answer it side by side.
import type { NativeProgram } from "./native/build.ts";

export interface Suite {
  readonly name: string;
  readonly question: string;
  readonly compares: string;
  readonly doesNotShow: string;
  /** Why it cannot run here; undefined when it can. */
  skipped?(): string | undefined;
  cases(options: SuiteOptions): Promise<readonly Case[]> | readonly Case[];
}

export interface SuiteOptions {
  /** Tiny parameters: every row runs and every checksum is compared, times mean nothing. */
  readonly smoke: boolean;
  /**
   * Builds `bench/native/<source>` and starts it; `undefined` when there is no C compiler. The harness stops it.
   */
  native(source: string): Promise<NativeProgram | undefined>;
  /** The harness stops this program too. */
  started(program: NativeProgram): NativeProgram;
}

/** One workload that all rows do; `rows` whose tool is missing are simply not in the list. */
export interface Case {
  readonly name: string;
  /** Work done by one run of a row, and its unit ("touches"): gives the rate. */
  readonly work: number;
  readonly unit: string;
  /** Names of the rows that the others are divided by: speed ratio > 1 means faster than it. */
  readonly against: readonly string[];
  readonly rows: readonly Row[];
  /** At most so many rounds, the first not counted, for a case that takes seconds. @default as many as asked for */
  readonly rounds?: number;
  /**
   * What a row's time is. Processor time of this process leaves out what neighbours on a shared machine take; wall time
   * is for rows that start processes, or threads that are to run at once. @default "processor"
   */
  readonly clock?: "processor" | "wall";
}

export interface Row {
  readonly name: string;
  /** Not timed; before every run. */
  prepare?(): void;
  /** One sample, of at least 50 us in a real run. */
  run(): unknown;
  /** Not timed; after every run. Rows of a case must agree. */
  checksum(): string;
  /** What else the last run found; printed with the row. */
  note?(): string;
}

/** What `run` gives (or a promise of it) when the time was taken elsewhere, such as in another process. */
export interface TimedElsewhere {
  readonly elapsedMs: number;
}
