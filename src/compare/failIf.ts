import { InputError, namesLike } from "../errors.ts";
import type { DocumentComparison, NumberDifference } from "./compare.ts";

/** `KEY OP NUMBER[%]`, read. */
export interface FailCondition {
  readonly text: string;
  readonly key: string;
  readonly holds: (value: number) => boolean;
  /** The number is a change in per cent, not a value. */
  readonly isChange: boolean;
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

const EXAMPLE = "--fail-if 'online_ns > 10%'";

/** @error InputError for what is no condition */
export function parseCondition(text: string): FailCondition {
  const [, key, operator, number, percent] =
    /^\s*([\w.[\], #/-]{1,200}?)\s*(>=|<=|==|!=|>|<)\s*([+-]?\d{1,15}(?:\.\d{1,9})?(?:e[+-]?\d{1,2})?)\s*(%?)\s*$/i.exec(
      text,
    ) ?? [];
  const compare = OPERATORS[operator ?? ""];
  if (key === undefined || compare === undefined) {
    throw new InputError({
      where: "--fail-if",
      what: `"${text.slice(0, 60)}" is no condition`,
      expected: "KEY OP NUMBER, or NUMBER% for a change: OP one of > >= < <= == !=",
      example: EXAMPLE,
    });
  }
  const isChange = percent === "%";
  const limit = isChange ? Number(number) / 100 : Number(number);
  return { text: text.trim(), key, holds: (value) => compare(value, limit), isChange };
}

/**
 * The numbers on which a condition holds: of a change those of both documents, of a value those of the second.
 *
 * @error InputError for a key that neither document has
 */
export function metBy(condition: FailCondition, { all }: DocumentComparison): NumberDifference[] {
  const named = all.filter(
    ({ key, path }) => key === condition.key || path === condition.key || path.endsWith(`.${condition.key}`),
  );
  if (named.length === 0) {
    const near = namesLike(condition.key, [...new Set(all.map(({ key }) => key))]).names[0];
    throw new InputError({
      where: "--fail-if",
      what: `no number is called "${condition.key}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      expected: "a key of the documents that are compared (altmap compare A B --json)",
      example: EXAMPLE,
    });
  }
  return named.filter(({ before, after, changeRatio }) => {
    if (!condition.isChange) return after !== null && condition.holds(after);
    // From nothing to something is a change without bound.
    const change =
      changeRatio ?? (before === 0 && after !== null && after !== 0 ? Math.sign(after) * Infinity : undefined);
    return change !== undefined && condition.holds(change);
  });
}
