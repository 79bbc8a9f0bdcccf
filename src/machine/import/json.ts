import { InputError } from "../../errors.ts";
import type { TextSource } from "./text.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** `cxl list` nests memdevs in endpoints in ports in buses: 64 is far beyond any of it. */
const MAX_DEPTH = 64;

/**
 * The JSON documents of a file: one, or several one after the other (a tool run twice, or two tools). Whole lines
 * before and between them that begin no document are what tools write to stderr and shells to the screen: skipped.
 *
 * @error InputError with the line where the JSON breaks off or is none
 */
export function parseDocuments(source: TextSource): unknown[] {
  const documents: unknown[] = [];
  const text = source.text.replace(/^\ufeff/, "");
  for (let at = startOfDocument(text, 0); at < text.length; ) {
    const { offset, cutShort, complete } = endOfDocument(text, at);
    try {
      if (!complete) throw new SyntaxError("incomplete");
      documents.push(JSON.parse(text.slice(at, offset)) as unknown);
    } catch {
      throw new InputError({
        what: cutShort ? "the JSON ends before it is complete: cut short?" : "is not JSON here",
        where: `${source.file}:${text.slice(0, offset).split("\n").length}`,
        expected: "the unchanged JSON of cxl list, daxctl list, ndctl list or lsmem -J",
      });
    }
    at = startOfDocument(text, offset);
  }
  return documents;
}

/** The first line at or after `from` that opens an object or a list. */
function startOfDocument(text: string, from: number): number {
  const opening = /^[ \t]*(?=[[{])/gm;
  opening.lastIndex = from;
  // `[][]` and `}{`: the next document may follow on the same line.
  if (/^\s*[[{]/.test(text.slice(from, from + 200))) return from + text.slice(from).search(/[[{]/);
  const found = opening.exec(text);
  return found === null ? text.length : found.index + found[0].length;
}

const JSON_TOKEN = /\s+|[[\]{},:]|"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

/** JSON.parse does not always say where it failed: the first byte that begins no token, or the end of the text. */
function endOfDocument(text: string, from: number): { offset: number; cutShort: boolean; complete: boolean } {
  let depth = 0;
  JSON_TOKEN.lastIndex = from;
  for (let offset = from; offset < text.length; offset = JSON_TOKEN.lastIndex) {
    const token = JSON_TOKEN.exec(text)?.[0];
    if (token === undefined) {
      return { offset, cutShort: /^"[^"\n]*$/.test(text.slice(offset)), complete: false };
    }
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (depth === 0) return { offset: JSON_TOKEN.lastIndex, cutShort: false, complete: true };
  }
  return { offset: text.trimEnd().length, cutShort: depth > 0, complete: false };
}

/**
 * Calls `visit` for every object, outer first: tools nest, wrap or unwrap one-element lists as they like.
 *
 * @param visit gets the object and those around it, outermost first
 */
export function visitObjects(
  value: unknown,
  visit: (object: JsonObject, around: readonly JsonObject[]) => void,
  around: readonly JsonObject[] = [],
  depth = 0,
): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) visitObjects(item, visit, around, depth + 1);
    return;
  }
  const object = value as JsonObject;
  visit(object, around);
  for (const inner of Object.values(object)) visitObjects(inner, visit, [...around, object], depth + 1);
}

/** Whether the text is JSON, or has a line that begins some. */
export function looksLikeJson(source: TextSource): boolean {
  return /^\s*[[{]/.test(source.text) || /^[ \t]*(\[\s*[{\]]|\{\s*["}])/m.test(source.text);
}
