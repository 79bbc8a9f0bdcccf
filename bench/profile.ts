// Where does the time go? A few jobs under V8's own profiler, as a table of functions by their own time.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { Profiler, Runtime } from "node:inspector";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { predictTraffic } from "../src/count/follow/predictTraffic.ts";
import { openRecording } from "../src/recording/recording.ts";
import { textTable } from "../src/report/table.ts";
import { wasmNames } from "./profileNames.ts";
import { importOnce } from "./suite/import.ts";

const CLI = fileURLToPath(new URL("../../dist/cli/altmap.js", import.meta.url));
const INTERVAL_US = 200;
const NR_ROWS = 20;
const REPEATS = 5;

export async function printProfiles(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "altmap-profile-"));
  try {
    const names = wasmNames(folder);
    profileProcess([CLI, "answer"], folder).forEach((profile, thread) => {
      printProfile(`altmap answer, cold, ${thread === 0 ? "main thread" : "second thread"}`, profile, names);
    });
    printProfile("import of perf script text", await profileHere(importOnce), names);
    const churn = await openRecording("wl_churn_3g_20k");
    const engine = await profileHere(() => predictTraffic(churn, false));
    printProfile("page engine on the events of wl_churn_3g_20k", engine, names);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new process under `node --cpu-prof`: one profile for each thread, the main one first. */
function profileProcess(args: readonly string[], folder: string): Profiler.Profile[] {
  const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL_US}`];
  execFileSync(process.execPath, [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 });
  // CPU.<date>.<time>.<pid>.<thread>.<sequence>.cpuprofile
  const thread = (file: string) => Number(file.split(".").at(-3));
  const files = readdirSync(folder).filter((file) => file.endsWith(".cpuprofile"));
  files.sort((a, b) => thread(a) - thread(b));
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Profiler.Profile);
}

async function profileHere(job: () => unknown): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await session.post("Profiler.start");
  for (let i = 0; i < REPEATS; i++) await job();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return profile;
}

function printProfile(title: string, profile: Profiler.Profile, names: ReadonlyMap<string, string>): void {
  const selfUs = selfTimes(profile, names);
  const totalUs = [...selfUs.values()].reduce((sum, us) => sum + us, 0);
  const columns = [
    { title: "function", align: "left" },
    { title: "self ms", align: "right" },
    { title: "self", align: "right" },
  ] as const;
  const rows = [...selfUs]
    .sort((a, b) => b[1] - a[1])
    .slice(0, NR_ROWS)
    .map(([name, us]) => [name, (us / 1000).toFixed(1), `${((100 * us) / totalUs).toFixed(1)} %`]);
  console.log(`\n${title}: ${(totalUs / 1000).toFixed(0)} ms\n${textTable({ columns, rows }, "  ")}`);
}

/** Microseconds by function, its own code only; idle time left out. */
function selfTimes(profile: Profiler.Profile, names: ReadonlyMap<string, string>): Map<string, number> {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const functions = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame, names)]));
  const selfUs = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = functions.get(id) ?? "";
    if (name !== "(idle)") selfUs.set(name, (selfUs.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  });
  return selfUs;
}

function nameOf({ functionName, url, lineNumber }: Runtime.CallFrame, names: ReadonlyMap<string, string>): string {
  if (functionName.startsWith("wasm-function[")) return `${names.get(functionName) ?? functionName}, WASM`;
  if (functionName !== "") return functionName;
  return `anonymous, ${url.split("/").at(-1)}:${lineNumber + 1}`;
}
