import * as v from "valibot";
import { InputError, nearestName } from "../errors.ts";
import { OPERATION_SCHEMAS, type Operation, type RepeatOperation } from "./operationsSchema.ts";

/** Lists may nest; bounded, so that a hostile file cannot exhaust the stack. */
const MAX_REPEAT_DEPTH = 16;
/** A minute or so of the engine, and what lists of the pages that a process holds can number. */
const MAX_PAGE_OPERATIONS = 100_000_000;
const EXAMPLE = '[{"op":"anon_fault","pages":4096},{"op":"repeat","times":20,"of":[{"op":"fork","anon_pages":4096}]}]';

/**
 * Checks a list of operations against the closed vocabulary.
 *
 * @param where file, and the path to the list in it if it is not the whole file: `traffic.json: operations`
 * @error InputError naming the entry (`[3].of[0].pages`), what is wrong with it and the nearest op or key
 */
export function parseOperations(input: unknown, where: string): readonly Operation[] {
  const operations = parseList(input, where, "", 0);
  const work = pageOperations(operations);
  if (work > MAX_PAGE_OPERATIONS) {
    fail(
      where,
      "",
      `asks for ${work} page operations`,
      `at most ${MAX_PAGE_OPERATIONS}: less memory, or fewer repeats`,
    );
  }
  return operations;
}

/** Pages that a script touches, each operation counted once more. */
function pageOperations(operations: readonly Operation[]): number {
  let sum = 0;
  for (const operation of operations) {
    if (operation.op === "repeat") {
      sum += operation.times * (1 + pageOperations(operation.of));
      continue;
    }
    sum++;
    for (const [key, value] of Object.entries(operation)) {
      if (PAGE_KEYS.has(key)) sum += Number(value);
      else if (key === "huge_pages") sum += 512 * Number(value);
    }
  }
  return sum;
}

const PAGE_KEYS: ReadonlySet<string> = new Set([
  "pages",
  "anon_pages",
  "busy_pages_about",
  "shared_anon_pages",
  "own_anon_pages",
]);

function parseList(input: unknown, where: string, path: string, depth: number): readonly Operation[] {
  if (!Array.isArray(input)) fail(where, path, `is ${describe(input)}, not a list of operations`, undefined);
  if (depth > MAX_REPEAT_DEPTH) fail(where, path, `repeats nest more than ${MAX_REPEAT_DEPTH} deep`, undefined);
  return input.map((entry: unknown, index) => parseOne(entry, where, `${path}[${index}]`, depth));
}

function parseOne(entry: unknown, where: string, path: string, depth: number): Operation {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    fail(where, path, `is ${describe(entry)}, not an operation`, 'an object with a key "op"');
  }
  const op: unknown = (entry as { op?: unknown }).op;
  const schema = typeof op === "string" ? OPERATION_SCHEMAS.get(op) : undefined;
  if (schema === undefined) {
    const names = [...OPERATION_SCHEMAS.keys()];
    const near = typeof op === "string" ? nearestName(op, names) : undefined;
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    fail(where, `${path}.op`, `${describe(op)} is not an operation${hint}`, `one of ${names.join(", ")}`);
  }
  const result = v.safeParse(schema, entry);
  if (!result.success) failIssue(result.issues[0], entry, where, path, String(op));
  const parsed = result.output as Operation;
  if (parsed.op !== "repeat") return parsed;
  return {
    op: "repeat",
    times: parsed.times,
    of: parseList(parsed.of, where, `${path}.of`, depth + 1),
  } satisfies RepeatOperation;
}

function failIssue(issue: v.BaseIssue<unknown>, entry: object, where: string, path: string, op: string): never {
  const schema = OPERATION_SCHEMAS.get(op) as unknown as { entries: Record<string, unknown> };
  const keys = Object.keys(schema.entries);
  const unknown = Object.keys(entry).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const near = nearestName(unknown, keys);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    fail(where, path, `"${op}" has no key ${describe(unknown)}${hint}`, `the keys ${keys.join(", ")}`);
  }
  const key = issue.path?.map((item) => `.${String(item.key)}`).join("") ?? "";
  const missing = keys.find((name) => !(name in entry));
  if (missing !== undefined) fail(where, path, `"${op}" lacks the key "${missing}"`, `the keys ${keys.join(", ")}`);
  fail(where, `${path}${key}`, `${describe(issue.input)} is not usable: ${issue.message}`, undefined);
}

function fail(where: string, path: string, what: string, expected: string | undefined): never {
  throw new InputError({
    where: path === "" ? where : `${where}: ${path}`,
    what,
    ...(expected === undefined ? {} : { expected }),
    example: EXAMPLE,
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = jsonOf(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "a value that nests too deep to show"; // a file may nest deeper than the stack
  }
}
