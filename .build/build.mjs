// The one build: node .build/build.mjs [wasm] [cli] [lib] [bench] [types] [live] [distributed] [record] [add] [pack] [readme]
// Without words: wasm, cli and lib, which is what runs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { build, buildSync } from "esbuild";

const NODE = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  logLevel: "warning",
};
const bundle = (outdir, ...entryPoints) =>
  build({ ...NODE, define: engine(), entryPoints, outdir, entryNames: "[name]" });

/** What counts: whoever keeps counts must not take those of other code for its own. */
const COUNTING = ["src/count/countJobs.ts", "src/count/hotplug/countHotplug.ts"];

/** All that a sweep's results follow from. */
const MODEL = ["src/report/sweep/sweepColumns.ts", "src/simulate.ts", "src/sweep/plan.ts"];

/** Digests of all code that counts and results follow from, comments and names apart. */
function engine() {
  const digest = (entryPoints) => {
    const { outputFiles } = buildSync({ ...NODE, entryPoints, outdir: "none", write: false, minify: true });
    const hash = createHash("sha256").update(readFileSync("package.json"));
    for (const { contents } of outputFiles) hash.update(contents);
    return JSON.stringify(hash.digest("hex"));
  };
  return { ALTMAP_ENGINE: digest(COUNTING), ALTMAP_MODEL: digest(MODEL) };
}

/** Node 20 runs no TypeScript: the build bundles its own half first. */
async function generated() {
  await build({ ...NODE, entryPoints: [".build/generated.ts"], outdir: "dist/build", entryNames: "[name]" });
  return import("../dist/build/generated.js");
}

const STEPS = {
  async wasm() {
    const { writeExports, writeLayoutVersion } = await generated();
    writeLayoutVersion();
    run("asc", "assembly/index.ts", "--target", "release", "--bindings", "raw");
    run("asc", "assembly/index.ts", "--target", "debug");
    writeExports("dist/altmap.d.ts");
  },
  cli() {
    rmSync("dist/cli", { recursive: true, force: true });
    return build({
      ...NODE,
      define: engine(),
      entryPoints: ["src/cli/altmap.ts", "src/node/countWorker.ts", "src/node/sweep/sweepWorker.ts"],
      outdir: "dist/cli",
      splitting: true,
      entryNames: "[name]",
      chunkNames: "chunk-[hash]",
    });
  },
  lib: () => bundle("dist/lib", "src/node/library.ts", "src/index.ts"),
  bench: () => bundle("dist/bench", "bench/main.ts", "bench/scenarioWorker.ts", "bench/nativeTimes.ts"),
  live: () => bundle("dist/live", "test/live/main.ts"),
  distributed: () => bundle("dist/distributed", "test/distributed/main.ts"),
  record: () => bundle("dist/record", "test/live/traffic/main.ts"),
  add: () => bundle("dist/add", "test/live/add/main.ts"),
  pack: () => bundle("dist/pack", "test/recorded/pack.ts"),
  readme: () => bundle("dist/readme", "test/readme.ts"),
  types() {
    // Those of the public API and what it names, no others.
    rmSync("dist/types", { recursive: true, force: true });
    run("tsc", "--project", ".build/types.json");
  },
};

function run(command, ...args) {
  const { status, error } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} failed${error ? `: ${error.message}` : ""}`);
}

const words = process.argv.slice(2);
for (const word of words.length > 0 ? words : ["wasm", "cli", "lib"]) {
  if (!Object.hasOwn(STEPS, word)) throw new Error(`no step "${word}": ${Object.keys(STEPS).join(", ")}`);
  await STEPS[word]();
}
