import { type Document, LineCounter, parseDocument } from "yaml";
import { InputError } from "../errors.ts";

export interface YamlFile {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly value: unknown;
}

/** Scenarios and profiles nest five deep; beyond this the parser's own stack ends, after minutes. */
const MAX_NESTING = 64;

/**
 * Parses one YAML document (JSON is YAML) whose keys are words.
 *
 * @error InputError with file, line and column: syntax, nesting, aliases that multiply
 */
export function parseYaml(text: string, file: string): YamlFile {
  refuseDeepNesting(text, file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const syntax = document.errors[0];
  if (syntax) {
    const at = lines.linePos(syntax.pos[0]);
    if (syntax.message.includes("call stack")) throw tooDeep(`${file}:${at.line}:${at.col}`);
    const what =
      syntax.code === "MULTIPLE_DOCS"
        ? "a second document begins here (---)"
        : `not valid YAML: ${syntax.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "")}`;
    throw new InputError({ what, where: `${file}:${at.line}:${at.col}`, expected: "one YAML document" });
  }
  try {
    return { document, lines, value: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    throw new InputError({
      what: `not usable YAML: ${(error as Error).message}`,
      where: file,
      expected: "aliases that stand for a few values",
    });
  }
}

/** Counts brackets and dashes as they stand: no file that is meant has so many open at once. */
function refuseDeepNesting(text: string, file: string): void {
  let open = 0;
  const bracket = /[[\]{}\n]/g;
  for (let found = bracket.exec(text), line = 1, start = 0; found !== null; found = bracket.exec(text)) {
    if (found[0] === "\n") {
      line++;
      start = found.index + 1;
    } else open += found[0] === "[" || found[0] === "{" ? 1 : -1;
    if (open > MAX_NESTING) throw tooDeep(`${file}:${line}:${found.index - start + 1}`);
  }
  if (DEEP_LIST.test(text)) throw tooDeep(file);
}

/** One line that opens a list in a list in a list. */
const DEEP_LIST = new RegExp(`^ *(?:[-?] +){${MAX_NESTING}}`, "m");

function tooDeep(where: string): InputError {
  return new InputError({
    what: `nested deeper than ${MAX_NESTING} levels`,
    where,
    expected: "mappings and lists a few levels deep",
  });
}
