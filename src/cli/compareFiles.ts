import { answer } from "../answer.ts";
import { compareDocuments, type DocumentComparison, type NumberDifference } from "../compare/compare.ts";
import { metBy, parseCondition } from "../compare/failIf.ts";
import { InputError } from "../errors.ts";
import { platform } from "../platform.ts";
import { writeOutput } from "../report/output.ts";
import { textTable } from "../report/table.ts";
import { readScenario } from "../scenario/scenario.ts";
import { threeDigits } from "../units.ts";

interface CompareOptions {
  readonly failIf?: readonly string[];
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap compare`: exit 1 where a condition holds. @error InputError for a bad file or condition */
export async function runCompare(before: string, after: string, options: CompareOptions): Promise<void> {
  const conditions = (options.failIf ?? []).map(parseCondition);
  const documents = [await documentAt(before), await documentAt(after)] as const;
  const comparison = compareDocuments(documents[0], documents[1]);
  const met = conditions.flatMap((condition) =>
    metBy(condition, comparison).map((difference) => ({ condition: condition.text, ...difference })),
  );
  const result = { schema: "altmap/compare-v1", before, after, ...comparison, met };
  writeOutput(options.output, options.json ? `${JSON.stringify(result, null, 2)}\n` : compareText(comparison, met));
  if (met.length > 0) process.exitCode = 1;
}

/** Results have tens of MiB at most; it bounds what a mistaken path can allocate. */
const MAX_RESULT_BYTES = 256 * 1024 ** 2;

/** A result of altmap as it is; anything else is a scenario, which is answered. */
async function documentAt(path: string): Promise<unknown> {
  if (path !== "-" && platform().isFile(path)) {
    const text = new TextDecoder().decode(platform().readRegular(path, MAX_RESULT_BYTES));
    if (/^\s*\{/.test(text) && /"schema"\s*:\s*"altmap\/(?!scenario)/.test(text)) return parsed(text, path);
  }
  return answer(readScenario(path));
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError({
      what: `is no JSON: ${(error as Error).message.slice(0, 120)}`,
      where: path,
      expected: "a whole result of altmap --json, or a scenario",
      example: "altmap answer --json -o after.json",
    });
  }
}

/** Rows that a terminal shows; --json has all. */
const MOST_ROWS = 40;

function compareText(
  { changed, equal, withinError }: DocumentComparison,
  met: readonly (NumberDifference & { condition: string })[],
): string {
  const number = (value: number | null): string => (value === null ? "-" : String(Number(value.toPrecision(4))));
  const change = ({ changeRatio }: NumberDifference): string =>
    changeRatio === null ? "-" : `${changeRatio > 0 ? "+" : ""}${threeDigits(100 * changeRatio)} %`;
  const rows = changed.slice(0, MOST_ROWS).map((one) => [one.path, number(one.before), number(one.after), change(one)]);
  const right = (title: string) => ({ title, align: "right" as const });
  const table =
    rows.length === 0
      ? ["Nothing changed beyond error."]
      : [
          textTable({
            columns: [
              { title: "changed beyond error", align: "left" },
              right("before"),
              right("after"),
              right("change"),
            ],
            rows,
          }),
        ];
  const rest = changed.length > MOST_ROWS ? [`... and ${changed.length - MOST_ROWS} more (--json has all)`] : [];
  const counts = `${changed.length} changed, ${withinError} within error, ${equal} equal`;
  const failed = met.map(
    ({ condition, path, before, after }) => `FAILS ${condition}: ${path} is ${number(after)}, was ${number(before)}`,
  );
  return `${[...table, ...rest, "", counts, ...failed].join("\n")}\n`;
}
