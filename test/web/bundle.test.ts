// The public API as a page would run it: bundled for a browser, in a context that has what a page has and nothing of
// Node. Files, gzip and the compiled module come from outside, as a page would fetch them before.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import type * as api from "../../src/index.ts";
import { altmap } from "../cli/run.ts";

const ROOT = new URL("../../", import.meta.url);
const DATA = new URL("src/recording/data/", ROOT);

/** What the language leaves to the page: of all other globals a context of node:vm has those of ECMAScript only. */
const PAGE = { TextDecoder, TextEncoder, WebAssembly, console };

/** A page has no files: all that the default scenario needs is there before. */
function pagePlatform(): api.Platform {
  const none = (): never => {
    throw Object.assign(new Error("a page has no files"), { code: "ENOENT" });
  };
  const nothing = async function* (): AsyncGenerator<Uint8Array, void> {
    yield none();
  };
  return {
    readWasm: () => readFileSync(new URL("dist/altmap.wasm", ROOT)),
    listPackaged: () => readdirSync(DATA),
    readPackaged: (file) => readFileSync(new URL(file, DATA)),
    gunzip: (bytes) => gunzipSync(bytes),
    gunzipMembers: nothing,
    readPieces: nothing,
    readWhole: none,
    readRegular: none,
    isFile: () => false,
    paths: {
      basename: String,
      dirname: () => "",
      join: (...parts) => parts.join("/"),
      resolve: (...parts) => parts.join("/"),
    },
  };
}

let code = "";
/** Modules that are not in the bundle. */
let outside: readonly string[] = [];
let altmapApi: typeof api;

beforeAll(async () => {
  // What a browser has no module for fails here: platform=browser knows none of Node's.
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(ROOT),
    entryPoints: ["src/index.ts"],
    bundle: true,
    platform: "browser",
    format: "iife",
    globalName: "altmap",
    target: "es2022",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  code = outputFiles[0]?.text ?? "";
  outside = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true).map(({ path }) => path),
  );
  const page = createContext({ ...PAGE });
  altmapApi = runInContext(`${code}; altmap`, page) as typeof api;
  altmapApi.usePlatform(pagePlatform());
});

describe("src/index.ts, bundled for a browser", () => {
  it("imports nothing of Node", () => {
    expect(code.length).toBeGreaterThan(100_000);
    expect(outside).toEqual([]);
    expect(code.match(/["']node:\w+["']/g) ?? []).toEqual([]);
  });

  it("runs where there is no process, Buffer or require", () => {
    const page = createContext({ ...PAGE });
    const names = ["process", "Buffer", "require", "module", "setImmediate", "fetch"];
    expect(names.map((name) => runInContext(`typeof ${name}`, page))).toEqual(names.map(() => "undefined"));
  });

  it("answers the default scenario with the bytes of the command line", { timeout: 240_000 }, async () => {
    const { stdout } = altmap(["answer", "--json"]);
    expect(stdout.length).toBeGreaterThan(10_000);
    expect(`${JSON.stringify(await altmapApi.answer(), null, 2)}\n`).toBe(stdout);
  });

  it("reads a scenario, and an explanation follows", () => {
    const scenario = altmapApi.parseScenario('kernel: {version: "6.1"}\ndevices: [{id: cxl-samsung-mxp-genoa}]\n');
    expect(altmapApi.explain(scenario).devices[0]?.plan.placement.outcome).toBe("dram");
    expect(() => altmapApi.parseScenario("kernel: {versoin: 6}")).toThrow(/1:10: unknown key "kernel.versoin"/);
  });

  it("imports what tools and traces say, as text", async () => {
    const text = readFileSync(new URL("test/machine/data/mlc.txt", ROOT), "utf8");
    const { devices } = altmapApi.importProfiles([{ where: "mlc.txt", text }], { node: 1, medium: "cxl" });
    const own = { devices: devices.map((device) => ({ ...device, id: "mine" })), hosts: [] };
    const scenario = altmapApi.parseScenario("devices: [{id: mine, capacity: 4GiB}]\nworkloads: []\n");
    expect((await altmapApi.answer(scenario, { own })).results.map(({ device }) => device)).toEqual(["mine", "mine"]);

    const line =
      "bash 12211 [000] 618.064733: kmem:mm_page_alloc: page=0x104b6b pfn=0x104b6b order=0 migratetype=0 gfp_flags=GFP_KERNEL\n";
    const trace = altmapApi.importTraceText(line);
    for await (const batch of trace.batches) expect(batch.length).toBeGreaterThan(0);
    expect(trace.report).toMatchObject({ lines: 1, events: 1, garbageLines: 0 });
    const bad = altmapApi.importTraceText("no trace\n", "paste");
    await expect(bad.batches.next()).rejects.toThrow(/paste: none of 1 lines is an event/);
  });
});
