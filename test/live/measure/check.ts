/**
 * altmap measure's probe in a guest of two nodes: its memory is bound to the second one, and the recorder's plugin counts
 * what each timed call touches: struct pages of that memory, and the memory itself.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate } from "../../../src/measure/evaluate.ts";
import { structPagesOf } from "../../../src/measure/nodes.ts";
import { PROBE_OPERATIONS } from "../../../src/measure/operations.ts";
import { ProbeReader } from "../../../src/measure/probeOutput.ts";
import type { Difference } from "../compare.ts";
import { S_IFREG } from "../cpio.ts";
import type { KernelPackage } from "../kernels.ts";
import { Machine } from "../machine.ts";
import { runStep } from "../operations.ts";
import type { SequenceResult } from "../sequence.ts";
import { buildPlugin, buildWork } from "../traffic/build.ts";
import { PFN_FROM } from "../traffic/recording.ts";

const MIB = 1024 ** 2;
const DIMM_BYTES = 256 * MIB;

const CLOCK = "shift=4,sleep=off";
const TIMEOUT_MS = 600_000;
/** Of the probe: two slices of 128 pages, of every fourth page that is handed out. */
const WORDS = `footprint=${4 * MIB} slice=${MIB / 2} sweep=${MIB / 4} chase=65536 runs=1 node=1 cpu=0`;
const APPLETS = ["wc", "head"];

/** What one operation touches, a page; medians of its calls. */
export interface Touches {
  readonly name: string;
  readonly order: string;
  /** Struct pages of the pages, each once. */
  readonly structPages: number;
  readonly loads: number;
  readonly stores: number;
  readonly dataAccesses: number;
  readonly instructions: number;
}

/** Above this an operation touches page data. */
const MOST_DATA = 0.05;
/** Of the struct pages of its pages at least so many, and where it touches none at most so many. */
const [LEAST_TOUCHED, MOST_UNTOUCHED] = [0.95, 0.05];

function buildProbe(directory: string): Buffer {
  const output = join(directory, "probe");
  const folder = new URL("../../src/measure/probe/", import.meta.url).pathname;
  const own = new URL("../../test/live/measure/", import.meta.url).pathname;
  const sources = readdirSync(folder).filter((name) => name.endsWith(".c"));
  const inputs = [...sources.map((name) => join(folder, name)), join(own, "recordings.c")];
  execFileSync("gcc", ["-O2", "-std=gnu11", "-static", "-DRECORDED", `-I${own}`, "-o", output, ...inputs], {
    stdio: "inherit",
  });
  return readFileSync(output);
}

/** @returns what the probe printed, and where the kernel says that the struct pages of node 1 lie */
async function runGuest(kernel: KernelPackage, directory: string): Promise<{ said: string[]; where: string }> {
  const plugin = `${buildPlugin(directory)},dir=${directory},pfn_from=${PFN_FROM}`;
  const machine = await Machine.start(
    kernel,
    // Not movable: a long-term pin would move pages to the first node.
    { boot_memory: "1024M", cmdline: "memhp_default_state=online_kernel", cpuless_node1: true, cpus: 1 },
    {
      applets: APPLETS,
      files: [
        { path: "bin/work", mode: S_IFREG | 0o755, data: buildWork(directory) },
        { path: "bin/probe", mode: S_IFREG | 0o755, data: buildProbe(directory) },
      ],
      qemuArguments: ["-plugin", plugin, "-icount", CLOCK],
    },
  );
  try {
    const run = (command: string): Promise<string> => machine.shell.run(command, TIMEOUT_MS);
    await run("work mark follow");
    const { error } = await runStep(machine, { op: "add", size: DIMM_BYTES, dimm: 1, addr: [PFN_FROM * 4096] });
    if (error !== null) throw new Error(`no DIMM: ${error}`);
    const zoneinfo = await run("cat /proc/zoneinfo");
    const links = (await run("ls /sys/devices/system/node/node1")).split(/\s+/);
    await run("work mark watch");
    const said = (await run(`probe ${WORDS}`)).split("\n");
    return { said, where: structPagesOf(1, zoneinfo, links).where };
  } finally {
    await machine.stop();
  }
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** By operation and order, from the files of the plugin. */
export function touchesOf(said: readonly string[], directory: string): Touches[] {
  const calls = new Map<string, Map<string, number>[]>();
  for (const line of said) {
    const [word, name, order, , nrPages, index] = line.trim().split(" ");
    if (word !== "recorded") continue;
    const text = readFileSync(join(directory, `recording-${index}.txt`), "utf8");
    const totals = new Map(
      [...text.matchAll(/^(\w+) (\d+)$/gm)].map(([, key = "", value]) => [key, Number(value) / Number(nrPages)]),
    );
    calls.set(`${name} ${order}`, [...(calls.get(`${name} ${order}`) ?? []), totals]);
  }
  return [...calls].map(([key, recordings]) => {
    const of = (total: string): number => middle(recordings.map((totals) => totals.get(total) ?? Number.NaN));
    const [name = "", order = ""] = key.split(" ");
    return {
      name,
      order,
      structPages: of("hot_distinct_pages"),
      loads: of("hot_loads"),
      stores: of("hot_stores"),
      dataAccesses: of("hot_data_accesses"),
      instructions: of("instructions"),
    };
  });
}

/**
 * Calls of which the kernel's own arrays, a few words a page, lie on the second node too, so that page data cannot be told
 * from them: 22 accesses a page on 6.1, none on 6.12. That they are slabs of that node is inferred.
 */
const OWN_ARRAYS: Readonly<Record<string, readonly string[]>> = { "6.1": ["uring-pin"] };

/** What is not as `operations.ts` says. */
export function touchDifferences(all: readonly Touches[], kernel: string): Difference[] {
  return PROBE_OPERATIONS.flatMap(({ name, structPage, data }, step) =>
    all
      .filter((touches) => touches.name === name)
      .flatMap(({ order, structPages, dataAccesses }) => {
        const path = `${name} ${order}`;
        const found: Difference[] = [];
        const isRight = structPage === "none" ? structPages <= MOST_UNTOUCHED : structPages >= LEAST_TOUCHED;
        if (!isRight)
          found.push({ step, path: `${path}: struct pages a page`, expected: structPage, actual: structPages });
        const isJudged = data === undefined && !OWN_ARRAYS[kernel]?.includes(name);
        if (isJudged && dataAccesses > MOST_DATA)
          found.push({ step, path: `${path}: accesses to page data a page`, expected: 0, actual: dataAccesses });
        return found;
      }),
  );
}

const shown = ({ name, order, structPages, loads, stores, dataAccesses, instructions }: Touches): string =>
  `  ${name.padEnd(20)} ${order.padEnd(8)} struct pages ${structPages.toFixed(2)}, loads ${loads.toFixed(1)}, stores ${stores.toFixed(1)}, page data ${dataAccesses.toFixed(2)}, instructions ${instructions.toFixed(0)}\n`;

/** Operations that this kernel cannot do are skipped by the probe; the rest must be there. */
function missing(said: readonly string[], all: readonly Touches[]): Difference[] {
  const names = new Set(all.map(({ name }) => name));
  return PROBE_OPERATIONS.flatMap(({ name }, step) => {
    const isSkipped = said.some((line) => line.startsWith(`skip ${name} kernel`));
    return names.has(name) || isSkipped ? [] : [{ step, path: name, expected: "measured", actual: "not measured" }];
  });
}

/** What altmap measure makes of the same lines; figures of an emulator mean nothing. */
function evaluationDifferences(said: readonly string[], release: string): Difference[] {
  const reader = new ProbeReader();
  const lines = said.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("recorded "));
  for (const line of lines) reader.read(line);
  const output = reader.result();
  const names = PROBE_OPERATIONS.map(({ name }) => name);
  const { operations } = evaluate(output, names, release);
  const lost = operations.filter(({ random, refused }) => random === undefined && refused === undefined);
  return [
    ...(output.fault === undefined ? [] : [{ step: 0, path: "probe", expected: "its end", actual: output.fault }]),
    ...lost.map(({ operation }) => ({
      step: 0,
      path: operation.name,
      expected: "a figure or a reason",
      actual: "none",
    })),
  ];
}

/** As a step of the live kernel suite. */
export async function checkMeasure(kernel: KernelPackage): Promise<SequenceResult> {
  const directory = mkdtempSync(join(tmpdir(), "altmap-measure-"));
  const found: Difference[] = [];
  let failure: string | undefined;
  try {
    const { said, where } = await runGuest(kernel, directory);
    const all = touchesOf(said, directory);
    for (const touches of all) process.stdout.write(shown(touches));
    for (const line of said.filter((text) => /^(skip|fault)/.test(text))) process.stdout.write(`  ${line}\n`);
    found.push(
      ...missing(said, all),
      ...touchDifferences(all, kernel.line),
      ...evaluationDifferences(said, kernel.release),
    );
    if (where !== "on another node")
      found.push({ step: 0, path: "struct pages of node 1", expected: "on another node", actual: where });
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    name: `measure-${kernel.line}`,
    kernel: `Linux ${kernel.release}`,
    machine: "two nodes, the probe's memory bound to the second",
    steps: PROBE_OPERATIONS.length,
    conditioned: 0,
    differences: found,
    ...(failure !== undefined && { failure }),
    fixture: undefined,
  };
}
