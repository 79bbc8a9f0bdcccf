import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";

/** One import or re-export: where to, under which names, and whether at run time. */
export interface ImportOf {
  /** Path from the project's root when it is a file of ours, else the module's name: `node:fs`, `valibot`. */
  readonly to: string;
  readonly names: readonly string[];
  readonly isType: boolean;
}

/** A declaration at the top of a file, or a method. Lines count from 1. */
export interface Declaration {
  readonly name: string;
  readonly line: number;
  readonly nrLines: number;
  readonly isExported: boolean;
  readonly isFunction: boolean;
  readonly isClass: boolean;
  /** An interface or a type, of which nothing is left at run time. */
  readonly isType: boolean;
  readonly hasDoc: boolean;
}

/** One source file as the tidy test sees it. */
export interface SourceFile {
  /** From the project's root: `src/cost/price.ts`. */
  readonly path: string;
  readonly nrLines: number;
  readonly text: string;
  readonly imports: readonly ImportOf[];
  /** Names that it declares and exports; re-exports are imports. */
  readonly exports: readonly string[];
  readonly declarations: readonly Declaration[];
}

const ROOT = new URL("../../", import.meta.url).pathname;

/** Reads and parses every TypeScript and AssemblyScript file below the folders. */
export function readSources(...folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) => filesBelow(folder)).map(readSource);
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(ROOT, path)).isDirectory()) return filesBelow(path);
    return path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
  });
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  // AssemblyScript's decorators on functions are no TypeScript: blanks keep every offset.
  const plain = text.replace(/^\s*@(inline|unmanaged|final)\b.*$/gm, (line) => " ".repeat(line.length));
  const parsed = parseSync(path, plain, { lang: "ts", sourceType: "module" });
  if (parsed.errors.length > 0) throw new Error(`${path}: ${parsed.errors[0]?.message}`);
  const docEnds = parsed.comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length;
  const hasDoc = (start: number): boolean =>
    docEnds.some(({ end }) => end <= start && /^(\s|\/\/.*\n|@\w+\s*\n)*$/.test(text.slice(end, start)));
  const program = parsed.program as unknown as { readonly body: readonly Node[] };
  return {
    path,
    text,
    nrLines: text.split("\n").length - 1,
    imports: importsOf(path, parsed.module, plain),
    exports: parsed.module.staticExports.flatMap(({ entries }) =>
      entries.filter(({ moduleRequest }) => moduleRequest === null).flatMap(({ exportName }) => exportName.name ?? []),
    ),
    declarations: program.body.flatMap((node) => declarationsOf(node, lineAt, hasDoc)),
  };
}

type Module = ReturnType<typeof parseSync>["module"];

function importsOf(path: string, module: Module, text: string): ImportOf[] {
  const fromImports = module.staticImports.map(({ moduleRequest, entries }) => ({
    to: resolved(path, moduleRequest.value),
    names: entries.map(({ importName }) => importName.name ?? "*"),
    isType: entries.length > 0 && entries.every(({ isType }) => isType),
  }));
  const fromExports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, importName, isType }) =>
      moduleRequest === null
        ? []
        : [{ to: resolved(path, moduleRequest.value), names: [importName.name ?? "*"], isType }],
    ),
  );
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest }) => {
    const name = /^["'](.*)["']$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1];
    return name === undefined ? [] : [{ to: resolved(path, name), names: ["*"], isType: false }];
  });
  return [...fromImports, ...fromExports, ...dynamic];
}

function resolved(from: string, to: string): string {
  if (!to.startsWith(".")) return to;
  const path = relative(".", join(dirname(from), to));
  return /\.(ts|json)$/.test(path) ? path : `${path}.ts`;
}

function declarationsOf(
  node: Node,
  lineAt: (offset: number) => number,
  hasDoc: (start: number) => boolean,
): Declaration[] {
  const isExported = node.type === "ExportNamedDeclaration";
  const inner = isExported ? (node["declaration"] as Node | null) : node;
  if (inner === null) return [];
  const declare = (name: string, of: Node, kind: "function" | "class" | "other", exported: boolean): Declaration => ({
    name,
    line: lineAt(of.start),
    nrLines: lineAt(of.end) - lineAt(of.start) + 1,
    isExported: exported,
    isFunction: kind === "function",
    isClass: kind === "class",
    isType: /^TS(Interface|TypeAlias)/.test(inner.type),
    hasDoc: hasDoc(node.start),
  });
  const nameOf = (of: Node): string => (of["id"] as { name?: string } | null)?.name ?? "";
  if (inner.type === "FunctionDeclaration") return [declare(nameOf(inner), inner, "function", isExported)];
  if (inner.type === "ClassDeclaration") {
    const methods = (inner["body"] as { body: readonly Node[] }).body
      .filter(({ type }) => type === "MethodDefinition")
      .map((method) => {
        const name = (method["key"] as { name?: string }).name ?? "";
        return { ...declare(`${nameOf(inner)}.${name}`, method, "function", false) };
      });
    return [declare(nameOf(inner), inner, "class", isExported), ...methods];
  }
  if (inner.type !== "VariableDeclaration") return [declare(nameOf(inner), inner, "other", isExported)];
  return (inner["declarations"] as readonly Node[]).map((one) => {
    const init = one["init"] as Node | null;
    const isFunction = init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression";
    return declare(nameOf(one), node, isFunction ? "function" : "other", isExported);
  });
}
