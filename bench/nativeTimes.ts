// The packaged workloads run natively on this machine, beside what altmap says of them for it: is the baseline right?
//   npm run native [-- --rounds N] [--profiles FILE]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { buildNative } from "./native/build.ts";
import { median } from "./statistics.ts";

/** What bench/native/workloads.c runs, and the recording of the same. */
const WORKLOADS = [
  { command: "churn", recording: "wl_churn_3g_20k" },
  { command: "fault", recording: "wl_fault_64m_x2" },
  { command: "fork", recording: "wl_fork_cow_20x16m" },
  { command: "tmpfs", recording: "wl_tmpfs_write_read_rm_48m" },
] as const;

const CLI = new URL("../cli/altmap.js", import.meta.url).pathname; // beside dist/bench;

interface PredictedWorkload {
  readonly name: string;
  readonly baseline_ns: number | null;
  readonly baseline_interval_ns: readonly [number, number] | null;
  readonly metadata_ns: number;
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}

/** This machine's profile, and what `altmap answer` says of the workloads on it with all data in DRAM. */
function predict(folder: string, given: string | undefined): ReadonlyMap<string, PredictedWorkload> {
  const profiles = given ?? join(folder, "here.yaml");
  if (given === undefined) run(process.execPath, [CLI, "calibrate", "--quick", "-o", profiles]);
  const host = /^hosts:[\s\S]*?id:\s*(\S+)/m.exec(readFileSync(profiles, "utf8"))?.[1] ?? "this-machine";
  const scenario = join(folder, "scenario.yaml");
  const clears = `kernel: { init_on_alloc: ${clearsOnAlloc() ? "on" : "off"} }`;
  const lines = [
    clears,
    `profiles: ${profiles}`,
    `machine: { host: ${host} }`,
    "policy: { user_data_on_hot_added: 0 }",
  ];
  writeFileSync(scenario, `${[...lines, "devices: [{ id: cxl-samsung-mxp-genoa }]"].join("\n")}\n`);
  const answer = JSON.parse(run(process.execPath, [CLI, "answer", scenario, "--json"])) as {
    readonly results: readonly { readonly placement: string; readonly workloads: readonly PredictedWorkload[] }[];
  };
  const dram = answer.results.find(({ placement }) => placement === "dram");
  return new Map((dram?.workloads ?? []).map((workload) => [workload.name, workload]));
}

/** What the kernel that runs here does; as the recorded ones do where it does not say. */
function clearsOnAlloc(): boolean {
  const release = spawnSync("uname", ["-r"], { encoding: "utf8" }).stdout.trim();
  const config = contentOf("/proc/config.gz") ?? contentOf(`/boot/config-${release}`) ?? "";
  const stated = /\binit_on_alloc=(\w+)/.exec(contentOf("/proc/cmdline") ?? "")?.[1];
  if (stated !== undefined) return /^(1|y|on)/i.test(stated);
  return !config.includes("# CONFIG_INIT_ON_ALLOC_DEFAULT_ON is not set");
}

function contentOf(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch {
    return undefined;
  }
}

const ms = (ns: number): string => `${(ns / 1e6).toFixed(1)} ms`;

function main(): void {
  const options = { rounds: { type: "string" as const }, profiles: { type: "string" as const } };
  const { rounds = "7", profiles } = parseArgs({ options }).values;
  const folder = mkdtempSync(join(tmpdir(), "altmap-native-"));
  try {
    const program = buildNative("workloads.c");
    if (program === undefined) throw new Error("no C compiler: apt-get install gcc, or set CC");
    const predicted = predict(folder, profiles);
    const errors: number[] = [];
    process.stdout.write("CPU time, user and kernel      native [least, most]        altmap  altmap / native\n");
    for (const { command, recording } of WORKLOADS) {
      const times = Array.from({ length: Number(rounds) }, () => Number(run(program, [command])));
      const native = median(times);
      const { baseline_ns: baseline = null, metadata_ns = 0 } = predicted.get(recording) ?? {};
      const told = baseline === null ? undefined : baseline + metadata_ns;
      if (told !== undefined) errors.push(Math.abs(told / native - 1));
      const spread = `${ms(native)} [${ms(Math.min(...times))}, ${ms(Math.max(...times))}]`;
      const beside = told === undefined ? "not known" : `${ms(told).padStart(10)}  ${(told / native).toFixed(2)}`;
      process.stdout.write(`${recording.padEnd(28)} ${spread.padStart(30)}  ${beside}\n`);
    }
    const worst = Math.max(...errors);
    const summary =
      errors.length === 0 ? "no baseline is known" : `median error ${percent(median(errors))}, worst ${percent(worst)}`;
    process.stdout.write(`${summary}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

main();
