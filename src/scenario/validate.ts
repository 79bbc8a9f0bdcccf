import * as v from "valibot";
import { type Document, isMap, isNode, isScalar, type LineCounter } from "yaml";
import { InputError, nearestName } from "../errors.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Parses YAML (JSON is YAML) and validates it against a strict schema.
 *
 * @error InputError with file, line and column: syntax, unknown key (naming the nearest one), missing key,
 *        wrong type or value
 */
export function validateYaml<S extends v.GenericSchema>(text: string, file: string, schema: S): v.InferOutput<S> {
  const { document, lines, value } = parseYaml(text, file);
  if (Array.isArray(value) || (typeof value !== "object" && value !== undefined)) {
    throw new InputError({
      what: `the file is ${Array.isArray(value) ? "a list" : `plain text or a number: ${String(value).slice(0, 60)}`}`,
      where: file,
      expected: `a mapping of ${keysAt(schema, []).join(", ")}`,
      example: "kernel: {version: '6.12'}",
    });
  }
  const result = v.safeParse(schema, value ?? {});
  if (result.success) return result.output;
  // A key of no meaning is often the slip of one that is then missing: it is what to say first.
  throw inputErrorOf(result.issues.find(isUnknownKey) ?? result.issues[0], schema, { document, lines, file });
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly file: string;
}

function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function inputErrorOf(issue: v.BaseIssue<unknown>, schema: v.GenericSchema, source: Source): InputError {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const name = path.join(".") || "the file";
  const unknownKey = isUnknownKey(issue);
  const where = `${source.file}${positionOf(source, path, unknownKey)}`;
  if (unknownKey) {
    const known = keysAt(schema, path.slice(0, -1));
    const nearest = nearestName(String(path[path.length - 1]), known);
    return new InputError({
      what: `unknown key "${name}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`,
      where,
      expected: `one of ${known.join(", ")}`,
    });
  }
  if (issue.type === "strict_object" && issue.received === "undefined") {
    return new InputError({ what: `the key "${name}" is missing`, where });
  }
  return new InputError({ ...problemOf(issue, name, typedAt(source, path)), where });
}

/** A number as it stands in the file: 6.10 and 6.1 are the same only to YAML. */
function typedAt({ document }: Source, path: readonly (string | number)[]): string | undefined {
  const node = path.length === 0 ? undefined : document.getIn(path, true);
  return isScalar(node) && typeof node.value === "number" ? node.source : undefined;
}

function problemOf(
  issue: v.BaseIssue<unknown>,
  name: string,
  typed: string | undefined,
): { what: string; expected?: string; example?: string } {
  const { type, input } = issue;
  const read = String(issue.received).slice(0, 80);
  const given = typed === undefined ? read : typed.slice(0, 80);
  if (type === "min_length") return { what: `"${name}" is empty`, expected: "at least one item" };
  if (type === "max_length") return { what: `"${name}" has ${given} items`, expected: `${issue.expected} items` };
  if (issue.expected === null) {
    const whole = type === "integer" || type === "safe_integer";
    return { what: `"${name}" is ${given}`, expected: whole ? "a whole number" : issue.message };
  }
  const expected = issue.expected.replace(/^\((.*)\)$/, "$1").replaceAll(" | ", " or ");
  if (expected !== "string" || typeof input !== "number") return { what: `"${name}" is ${given}`, expected };
  const misread = given === read ? "" : `, which YAML reads as the number ${read}`;
  return { what: `"${name}" is ${given}${misread}`, expected, example: `"${given}", in quotes` };
}

/** `:line:column` of the node at `path`, or of the key itself when the key is what is wrong. */
function positionOf({ document, lines }: Source, path: readonly (string | number)[], ofKey: boolean): string {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = nodeAt(document, path.slice(0, depth), ofKey && depth === path.length);
    if (isNode(node) && node.range) {
      const at = lines.linePos(node.range[0]);
      return `:${at.line}:${at.col}`;
    }
  }
  return "";
}

function nodeAt(document: Document, path: readonly (string | number)[], ofKey: boolean): unknown {
  if (path.length === 0) return document.contents;
  if (!ofKey) return document.getIn(path, true);
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  return parent.items.find((item) => isScalar(item.key) && item.key.value === path[path.length - 1])?.key;
}

interface Walkable {
  readonly entries?: Readonly<Record<string, Walkable>>;
  readonly item?: Walkable;
  readonly wrapped?: Walkable;
  readonly options?: readonly unknown[];
}

/** The keys that `schema` allows in the object at `path`. */
function keysAt(schema: v.GenericSchema, path: readonly (string | number)[]): string[] {
  let level: Walkable[] = [schema as unknown as Walkable];
  for (const key of path) {
    level = level.flatMap(unwrap).flatMap((node) => {
      const next = typeof key === "number" ? node.item : node.entries?.[key];
      return next ? [next] : [];
    });
  }
  return [...new Set(level.flatMap(unwrap).flatMap((node) => Object.keys(node.entries ?? {})))];
}

/** Looks through optional() and union() to the schemas that hold keys or items. */
function unwrap(node: Walkable): Walkable[] {
  if (node.wrapped) return unwrap(node.wrapped);
  if (node.options && !node.entries) {
    return node.options
      .filter((option): option is Walkable => typeof option === "object" && option !== null)
      .flatMap(unwrap);
  }
  return [node];
}
