import * as v from "valibot";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { InputError, nearestName } from "../errors.ts";

/** Files above this size are no scenario or profile; it bounds what a mistaken path can allocate. */
export const MAX_YAML_BYTES = 4 * 1024 * 1024;

/**
 * Parses YAML (JSON is YAML) and validates it against a strict schema.
 *
 * @error InputError with file, line and column: syntax, unknown key (naming the nearest one), missing key,
 *        wrong type or value
 */
export function validateYaml<S extends v.GenericSchema>(text: string, file: string, schema: S): v.InferOutput<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const syntax = document.errors[0];
  if (syntax) {
    const at = lines.linePos(syntax.pos[0]);
    throw new InputError({
      what: `not valid YAML: ${syntax.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "")}`,
      where: `${file}:${at.line}:${at.col}`,
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError({ what: `not usable YAML: ${(error as Error).message}`, where: file });
  }
  const result = v.safeParse(schema, value ?? {});
  if (result.success) return result.output;
  throw inputErrorOf(result.issues[0], schema, { document, lines, file });
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly file: string;
}

function inputErrorOf(issue: v.BaseIssue<unknown>, schema: v.GenericSchema, source: Source): InputError {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const name = path.join(".") || "the file";
  const unknownKey = issue.type === "strict_object" && issue.expected === "never";
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
  if (issue.expected === null || issue.type === "check")
    return new InputError({ what: `"${name}": ${issue.message}`, where });
  return new InputError({
    what: `"${name}" is ${String(issue.received).slice(0, 80)}`,
    where,
    expected: issue.expected.replace(/^\((.*)\)$/, "$1").replaceAll(" | ", " or "),
  });
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
