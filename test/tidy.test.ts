// The house keeps its plan: the tree is the data flow, each word means one thing, and a stranger finds the way.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exportsText, layoutVersionText } from "../.build/generated.ts";
import { LAYOUT_VERSION } from "../assembly/layout/version.ts";
import { compileWasm, instantiateWasm } from "../src/wasm/instance.ts";
import { planMemory } from "../src/wasm/memory.ts";
import * as rules from "./tidy/rules.ts";
import { readSources } from "./tidy/sources.ts";

/** What is started, or used from outside: nothing imports it. */
const ENTRIES = [
  "src/index.ts",
  "src/cli/altmap.ts",
  "src/node/countWorker.ts",
  "src/node/sweep/sweepWorker.ts",
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
    [
      "no export serves tests alone",
      rules.testOnlyExports(["src/index.ts", "src/node/sweep/sweepWorker.ts"]),
      everything,
    ],
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
    const bytes = new Uint8Array(readFileSync("dist/altmap.wasm"));
    const constant = leb128(LAYOUT_VERSION);
    const places = [...bytes.keys()].filter((at) => constant.every((byte, i) => bytes[at + i] === byte));
    expect(places).toHaveLength(1);
    const regions = planMemory({ one: 1 }, "test");
    expect(instantiateWasm(new WebAssembly.Module(bytes), "release", regions).build).toBe("release");
    bytes[places[0]!]! ^= 1;
    const other = () => instantiateWasm(new WebAssembly.Module(bytes), "release", regions);
    expect(other).toThrow(/compiled for another layout of memory/);
  });
});

/** A constant as the code section has it: seven bits a byte, low ones first, signed. */
function leb128(value: number): number[] {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...leb128(rest)];
}
