import { InputError } from "../errors.ts";
import { typedValue } from "./typed.ts";

/** Whether a point is asked for. */
export type Filter = (read: (key: string) => unknown) => boolean;

const COMPARE: Readonly<Record<string, (a: number | string, b: number | string) => boolean>> = {
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
};

/**
 * `KEY OP KEY` or `KEY OP VALUE`, with < <= > >= == !=. Sizes, latencies and bandwidths are compared as such, all else
 * that is no number as text.
 *
 * @param isKey whether a word is a key that points have
 * @error InputError that says what a filter looks like
 */
export function parseFilter(text: string, where: string, isKey: (word: string) => boolean): Filter {
  const [, left = "", operator = "", right = ""] = /^\s*(\S+)\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*$/.exec(text) ?? [];
  const compare = COMPARE[operator];
  if (compare === undefined || !isKey(left))
    throw new InputError({
      what:
        compare === undefined
          ? `the filter "${text.slice(0, 80)}" is no comparison`
          : `the filter "${text.slice(0, 80)}" begins with "${left.slice(0, 60)}", which is neither an axis nor a key of \`scenario\``,
      where,
      expected: "a key, one of < <= > >= == !=, and a key or a value",
      example: 'filters: ["footprints.0 <= devices.0.capacity"]',
    });
  return (read) => {
    const a = comparable(read(left));
    const b = comparable(isKey(right) ? read(right) : right);
    return typeof a === typeof b ? compare(a, b) : compare(String(a), String(b));
  };
}

function comparable(value: unknown): number | string {
  const { value: typed } = typedValue(value);
  return typeof typed === "number" ? typed : String(typed);
}
