import { InputError } from "../errors.ts";
import { decimals, threeDigits } from "../units.ts";
import { type CaseResult, isFar, isTime, medianErrorPercent, type Validation } from "./validate.ts";

/** Limits that `altmap validate` fails beyond. */
export interface Limits {
  /** Median of |predicted / published - 1| over the predicted rows, in percent. */
  readonly maxErrorPercent?: number;
  /** Of any row, either way; of an upper bound only when it is exceeded. */
  readonly maxFactor?: number;
}

/** Reads `20%`. @error InputError when it is no percentage above 0 */
export function parseMaxError(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text.trim());
  const percent = Number(match?.[1]);
  if (match !== null && percent > 0 && percent <= 1e6) return percent;
  throw new InputError({
    what: `--max-error ${JSON.stringify(text.slice(0, 40))} is no percentage above 0`,
    expected: "the median error that is allowed, with its sign",
    example: "--max-error 20%",
  });
}

/** Reads `2` or `1.5`. @error InputError when it is no number from 1 */
export function parseMaxFactor(text: string): number {
  const factor = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (factor >= 1 && factor <= 1e6) return factor;
  throw new InputError({
    what: `--max-factor ${JSON.stringify(text.slice(0, 40))} is no number from 1`,
    expected: "how many times too long or too short any row may be predicted",
    example: "--max-factor 2",
  });
}

/** What lies beyond `limits`, a line each; empty when all is within. Nothing predicted is beyond any limit. */
export function beyond({ cases, skipped }: Validation, limits: Limits): string[] {
  const { maxErrorPercent, maxFactor } = limits;
  if (maxErrorPercent === undefined && maxFactor === undefined) return [];
  if (cases.length === 0) return [`no row was predicted of ${skipped.length}: there is nothing to compare`];
  const lines: string[] = [];
  const error = medianErrorPercent(cases);
  if (maxErrorPercent !== undefined && error !== undefined && error > maxErrorPercent) {
    lines.push(
      `median error ${decimals(error, 1)} % over ${cases.filter(isTime).length} rows, more than ${maxErrorPercent} %`,
    );
  }
  if (maxFactor !== undefined) {
    for (const row of cases.filter((row) => isFar(row, maxFactor))) lines.push(farLine(row, maxFactor));
  }
  return lines;
}

function farLine({ id, ratio }: CaseResult, maxFactor: number): string {
  const factor = threeDigits(Math.max(ratio, 1 / ratio));
  return `${id}: predicted a factor of ${factor} too ${ratio > 1 ? "long" : "short"}, more than ${maxFactor}`;
}
