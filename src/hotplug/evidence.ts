/**
 * How a rule is known. `read-*`: read in that kernel's source (6.1.192, 6.12.117, a 7.1-rc tree or its s390 driver);
 * `recorded`: seen in a recording of that kernel; `list`: mailing-list or patch text; `recalled`: general knowledge,
 * not re-read; `given`: stated by the user; `computed`: follows from the other rules; `inferred`: reasoned from code that was read.
 */
export type Evidence =
  | "read-6.1"
  | "read-6.12"
  | "read-7.x"
  | "recorded"
  | "list"
  | "recalled"
  | "computed"
  | "inferred"
  | "given";

export interface Fact<T> {
  readonly value: T;
  /** Path and function in the kernel tree, or a recording. */
  readonly source: string;
  readonly evidence: Evidence;
}

/** A fact that holds from kernel `since` on, until the next entry of the same rule. */
export interface DatedFact<T> extends Fact<T> {
  readonly since: string;
}

/** False for what nobody read in kernel source or saw a kernel do: `explain` marks such rows. */
export function isVerified(evidence: Evidence): boolean {
  return evidence.startsWith("read-") || ["recorded", "computed", "given"].includes(evidence);
}

/** The source and evidence of a rule that rests on several facts: those of the first unverified one, if any. */
export function weakest(first: Fact<unknown>, ...others: readonly Fact<unknown>[]): Fact<unknown> {
  return [first, ...others].find(({ evidence }) => !isVerified(evidence)) ?? first;
}
