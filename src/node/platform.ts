import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isMainThread, Worker } from "node:worker_threads";
import { constants, gunzipSync } from "node:zlib";
import { InputError } from "../errors.ts";
import { type Platform, platform } from "../platform.ts";
import { isFile, readPieces, readRegular, readWhole } from "./files.ts";
import { gunzipMembers } from "./gunzipMembers.ts";

// The same from src/node and from the bundles in dist/cli, dist/lib and dist/bench.
const PACKAGED = new URL("../../src/recording/data/", import.meta.url);
const DIST = new URL("../../dist/", import.meta.url);
const WORKER = new URL("cli/countWorker.js", DIST);

/** Folder of the packaged recordings. */
export const packagedFolder = (): URL => PACKAGED;
/** The compiled module, built or not. */
export const wasmFile = (build: "release" | "debug"): URL =>
  new URL(build === "debug" ? "altmap.debug.wasm" : "altmap.wasm", DIST);

function readWasm(build: "release" | "debug"): Uint8Array<ArrayBuffer> {
  const file = wasmFile(build);
  try {
    return readFileSync(file);
  } catch {
    throw new InputError({ what: `the kernels are not built: ${file.pathname} is missing`, example: "npm run build" });
  }
}

/** A caller that is a worker itself has other workers beside it: it counts alone. */
function startThread(task: unknown): Promise<unknown> | undefined {
  if (!isMainThread || !existsSync(WORKER)) return undefined;
  return new Promise((done, reject) => {
    const worker = new Worker(WORKER, { workerData: { task, kept: platform().keptCounts?.folder } });
    worker.once("message", done);
    worker.once("error", reject);
  });
}

/** Files, zlib and worker threads of Node. */
export const nodePlatform: Platform = {
  readWasm,
  listPackaged: () => readdirSync(PACKAGED),
  readPackaged: (file) => readFileSync(new URL(file, PACKAGED)),
  gunzip: (bytes) => gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
  gunzipMembers,
  readPieces,
  readWhole,
  readRegular,
  isFile,
  paths: { basename, dirname, join, resolve },
  startThread,
};
