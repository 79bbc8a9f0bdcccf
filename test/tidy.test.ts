// The house keeps its plan: the tree is the data flow, each word means one thing, and a stranger finds the way.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exportsText, layoutVersionText } from "../.build/generated.ts";
import { LAYOUT_VERSION } from "../assembly/layout/version.ts";
import { compileWasm } from "../src/wasm/instance.ts";
import * as rules from "./tidy/rules.ts";
import { readSources } from "./tidy/sources.ts";

/** What is started, or used from outside: nothing imports it. */
const ENTRIES = [
  "src/index.ts",
  "src/cli/altmap.ts",
  "src/node/countWorker.ts",
  "src/node/library.ts",
  "assembly/index.ts",
];
/** What a browser runs. */
const IN_BROWSER = ["src/index.ts", "src/simulate.ts"];

const everything = readSources("src", "assembly", "bench", "test");
const code = everything.filter(({ path }) => /^(src|assembly)\//.test(path));

describe("the tree", () => {
  it.each([
    ["imports go down the flow only", rules.upwardImports, code],
    ["folders that must not know each other do not", rules.forbiddenImports, code],
    ["no circle of imports", rules.circles, code],
    ["no name is exported by two files", rules.doubleNames, code],
    ["no file is longer than 250 lines", rules.longFiles, everything],
    ["no function is longer than 70 lines", rules.longFunctions, everything],
    ["no folder holds more than 32 files of its own", rules.fullFolders, code],
    ["no folder holds more than a fifth of the code", rules.heavyFolders, code],
    ["exported functions and classes are documented", rules.undocumented, code],
    ["every file is used", rules.unusedFiles(ENTRIES), everything],
    ["no export serves tests alone", rules.testOnlyExports(["src/index.ts"]), everything],
    ["what a browser runs reaches no module of Node", rules.nodeModulesReached(IN_BROWSER), code],
    ["only src/wasm says WebAssembly", rules.webAssemblyElsewhere, code],
  ] as const)("%s", (_, rule, files) => {
    expect(rule(files)).toEqual([]);
  });
});

describe("generated files follow what they are made from", () => {
  it("the version of the layout", () => {
    expect(readFileSync("assembly/layout/version.ts", "utf8")).toBe(layoutVersionText());
  });

  it("the types of the exports", () => {
    expect(readFileSync("src/wasm/exports.ts", "utf8")).toBe(exportsText(readFileSync("dist/altmap.d.ts", "utf8")));
    const names = WebAssembly.Module.exports(compileWasm("release")).filter(({ kind }) => kind === "function");
    const typed = readFileSync("src/wasm/exports.ts", "utf8").match(/^ {2}\w+(?=\()/gm) ?? [];
    expect(names.map(({ name }) => name).sort()).toEqual(typed.map((name) => name.trim()).sort());
  });

  it("a binary of another layout is refused", () => {
    expect(LAYOUT_VERSION).toBeGreaterThan(0);
  });
});
