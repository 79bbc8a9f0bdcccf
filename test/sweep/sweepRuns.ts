// Sweeps as a user starts them, for tests that kill, shard and compare.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ALTMAP } from "../cli/run.ts";

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Starts `altmap` with a cache folder of its own. */
export function start(args: readonly string[], cache: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [ALTMAP, ...args], {
    env: { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: cache, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (piece) => {
    stderr += String(piece);
  });
  const ended = new Promise<Ended>((done) => child.on("close", (status, signal) => done({ status, signal, stderr })));
  return { child: child as ChildProcess, ended };
}

const RESULTS = ["results.ndjson", "results.csv", "results.parquet", "columns.md"] as const;

/** The bytes of all results of a folder. */
export const resultsOf = (folder: string): readonly string[] =>
  RESULTS.map((name) => readFileSync(join(folder, name), "latin1"));
