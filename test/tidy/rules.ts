import type { SourceFile } from "./sources.ts";

/**
 * Folders of src in the order of the flow: an import goes down only, that is to a folder of an earlier row. Folders of
 * one row do not import each other. `*` are the files right in src.
 */
const ROWS: readonly (readonly string[])[] = [
  ["errors", "platform"],
  ["units"],
  ["linux"],
  // Scenario files are read, and refused, by the marks of every kind of file, which are recording's.
  ["recording"],
  ["scenario"],
  ["counts"],
  ["machine", "hotplug"],
  ["wasm"],
  ["count"],
  ["cost"],
  ["simulate", "explain", "try", "validate", "calibrate", "inspect"],
  // It times what validate predicts, and its results are rows of validate.
  ["measure"],
  ["advice", "sweep"],
  ["report"],
  ["answer", "compare"],
  ["index", "web"],
  ["node"],
  ["cli"],
];

/** What some folders import even less of than the order allows. */
const FORBIDDEN: readonly { readonly from: RegExp; readonly to: RegExp; readonly why: string }[] = [
  { from: /^src\/cost\//, to: /^src\/(wasm|count)\//, why: "cost prices counts, whoever counted them" },
  { from: /^src\/cost\//, to: /^src\/hotplug\/(?!plan\.ts$)/, why: "of hotplug, cost knows the plan" },
  { from: /^src\/wasm\//, to: /^src\/(scenario|machine|hotplug)\//, why: "wasm knows memory and numbers" },
  { from: /^src\/hotplug\//, to: /^src\/wasm\//, why: "policy decides before anything is counted" },
  { from: /^src\/count\/coremm\//, to: /^src\/count\/(follow|operations)\//, why: "operations ask a PageSource" },
  { from: /^src\/count\/follow\//, to: /^src\/count\/operations\//, why: "scripts need no recording, nor it them" },
  { from: /^assembly\/replay\//, to: /^assembly\/(memmap|engine)\//, why: "three users of the caches" },
  { from: /^assembly\/memmap\//, to: /^assembly\/(replay|engine)\//, why: "three users of the caches" },
  { from: /^assembly\/engine\//, to: /^assembly\/(replay|memmap)\//, why: "three users of the caches" },
  { from: /^assembly\/cache\//, to: /^assembly\/(?!cache\/|layout\/)/, why: "caches know lines" },
  { from: /^assembly\/layout\//, to: /^assembly\/(?!layout\/)/, why: "layout is numbers" },
];

/** Files and exports that only tests reach, and why they stay: path, or `path name` -> reason. */
const KEPT: Readonly<Record<string, string>> = {
  "src/recording/eventColumns.ts encodeEventColumns": "packs recordings (test/recorded); what it packs is read here",
  "src/recording/touchColumns.ts encodeTouchColumns": "packs recordings (test/recorded); what it packs is read here",
  "src/validate/fit.ts fitParameter": "the fit that gave FITTED_PARAMETERS, made anew by a test",
  "src/count/operations/runAtFootprints.ts runAtFootprints": "a script at footprints in one call, as its tests do",
  "src/cost/priceWorkload.ts priceWorkload": "a workload priced in one call, as the tests of cost do",
};

const rowOf = (path: string): number => {
  const name = /^src\/([^/.]+)/.exec(path)?.[1] ?? "";
  return ROWS.findIndex((row) => row.includes(name));
};
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
/** `src/counts.ts` and the files of `src/counts/` are one. */
const topOf = (path: string): string => path.split("/").slice(0, 2).join("/").replace(/\.ts$/, "");

/** Each rule finds faults as lines of text; none is what the test wants. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** Imports against the order of the flow, types included. */
export const upwardImports: Rule = (files) =>
  files.flatMap(({ path, imports }) =>
    imports.flatMap(({ to }) => {
      if (!path.startsWith("src/") || !to.startsWith("src/")) return [];
      if (rowOf(path) < 0) return [`${path} lies in no folder of the flow`];
      if (topOf(path) === topOf(to)) return [];
      return rowOf(to) < rowOf(path) ? [] : [`${path} -> ${to}`];
    }),
  );

/** Imports that a folder is denied beyond the order. */
export const forbiddenImports: Rule = (files) =>
  files.flatMap(({ path, imports }) =>
    imports.flatMap(({ to }) =>
      FORBIDDEN.filter((rule) => rule.from.test(path) && rule.to.test(to)).map(({ why }) => `${path} -> ${to}: ${why}`),
    ),
  );

/** Circles of imports; each is named once, from its first file in the alphabet. */
export const circles: Rule = (files) => {
  const next = new Map(files.map(({ path, imports }) => [path, imports.map(({ to }) => to)]));
  const state = new Map<string, "open" | "done">();
  const found = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "done" || !next.has(path)) return;
    if (state.get(path) === "open") {
      const circle = trail.slice(trail.indexOf(path));
      const first = circle.indexOf([...circle].sort()[0] ?? path);
      found.add([...circle.slice(first), ...circle.slice(0, first)].join(" -> "));
      return;
    }
    state.set(path, "open");
    for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
    state.set(path, "done");
  };
  for (const { path } of files) visit(path, []);
  return [...found];
};

/** A name that two files of src declare and export. */
export const doubleNames: Rule = (files) => {
  const places = new Map<string, string[]>();
  for (const { path, exports } of files.filter((file) => file.path.startsWith("src/")))
    for (const name of exports) places.set(name, [...(places.get(name) ?? []), path]);
  return [...places].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(", ")}`);
};

const MAX_FILE_LINES = 250;
const MAX_FUNCTION_LINES = 70;
const MAX_FOLDER_FILES = 32;
const MAX_FOLDER_SHARE = 0.2;

export const longFiles: Rule = (files) =>
  files.filter(({ nrLines }) => nrLines > MAX_FILE_LINES).map(({ path, nrLines }) => `${path}: ${nrLines} lines`);

export const longFunctions: Rule = (files) =>
  files.flatMap(({ path, declarations }) =>
    declarations
      .filter(({ isFunction, nrLines }) => isFunction && nrLines > MAX_FUNCTION_LINES)
      .map(({ name, line, nrLines }) => `${path}:${line} ${name}: ${nrLines} lines`),
  );

export const fullFolders: Rule = (files) => {
  const counts = new Map<string, number>();
  for (const { path } of files) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > MAX_FOLDER_FILES).map(([folder, count]) => `${folder}: ${count}`);
};

/** A folder, subfolders apart, that holds more than a fifth of the code. */
export const heavyFolders: Rule = (files) => {
  const lines = new Map<string, number>();
  for (const { path, nrLines } of files) lines.set(folderOf(path), (lines.get(folderOf(path)) ?? 0) + nrLines);
  const all = [...lines.values()].reduce((sum, count) => sum + count, 0);
  return [...lines]
    .filter(([, count]) => count > MAX_FOLDER_SHARE * all)
    .map(([folder, count]) => `${folder}: ${Math.round((100 * count) / all)} %`);
};

/** Exported functions and classes say what they do. */
export const undocumented: Rule = (files) =>
  files.flatMap(({ path, declarations }) =>
    declarations
      .filter(({ isExported, isFunction, isClass, hasDoc }) => isExported && (isFunction || isClass) && !hasDoc)
      .map(({ name, line }) => `${path}:${line} ${name}`),
  );

/** Files of src and assembly that nothing but a test imports, and nothing starts. */
export const unusedFiles =
  (entries: readonly string[]): Rule =>
  (files) => {
    const users = files.filter(({ path }) => !path.startsWith("test/"));
    const used = new Set([...entries, ...users.flatMap(({ imports }) => imports.map(({ to }) => to))]);
    return users.filter(({ path }) => !path.startsWith("bench/") && !used.has(path)).map(({ path }) => path);
  };

/**
 * Exported functions, classes and constants that nothing but a test reaches, and those that no other file imports. One
 * that its own file uses may be exported for a test to look at.
 */
export const testOnlyExports =
  (entries: readonly string[]): Rule =>
  (files) => {
    const [used, tested] = [importedBy(files, (path) => !path.startsWith("test/")), importedBy(files, () => true)];
    const isOf = (names: ReadonlySet<string>, path: string, name: string): boolean =>
      names.has(`${path} ${name}`) || names.has(`${path} *`);
    return files
      .filter(({ path }) => path.startsWith("src/") && !entries.includes(path) && !(path in KEPT))
      .flatMap(({ path, text, declarations }) =>
        declarations
          .filter(({ name, isExported, isType }) => isExported && !isType && !isOf(used, path, name))
          .filter(({ name }) => !(`${path} ${name}` in KEPT))
          .filter(({ name }) => !isOf(tested, path, name) || !isUsedIn(text, name))
          .map(({ name }) => `${path} ${name}`),
      );
  };

/** `path name` of every import of the files that `from` takes. */
function importedBy(files: readonly SourceFile[], from: (path: string) => boolean): ReadonlySet<string> {
  const users = files.filter(({ path }) => from(path));
  return new Set(users.flatMap(({ imports }) => imports.flatMap(({ to, names }) => names.map((n) => `${to} ${n}`))));
}

function isUsedIn(text: string, name: string): boolean {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return (code.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1;
}

/** Modules of Node that the files reach which a browser runs. */
export const nodeModulesReached =
  (starts: readonly string[]): Rule =>
  (files) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const seen = new Set<string>();
    const faults: string[] = [];
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { to, isType } of byPath.get(path)?.imports ?? []) {
        if (isType) continue;
        if (to.startsWith("node:")) faults.push(`${path} -> ${to}`);
        visit(to);
      }
    };
    for (const start of starts) visit(start);
    return faults;
  };

/** Only src/wasm and bench say WebAssembly. */
export const webAssemblyElsewhere: Rule = (files) =>
  files
    .filter(
      ({ path, text }) =>
        path.startsWith("src/") && !path.startsWith("src/wasm/") && /\bWebAssembly\.|"webassembly"/.test(text),
    )
    .map(({ path }) => path);
