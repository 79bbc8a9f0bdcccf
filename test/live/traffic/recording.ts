/** From what plugin and guest wrote to the files of a recording: traffic/NAME.json, traces/NAME.*. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { State } from "../fixture.ts";
import { countedJson } from "./countedJson.ts";
import type { SymbolTable } from "./symbols.ts";

export const PFN_FROM = 0x100000;
const FIRST_HOT_BLOCK = 32;

type FunctionRow = readonly [name: string, kind: "load" | "store", count: number];

export interface Captured {
  readonly name: string;
  readonly kernel: string;
  readonly command: string;
  readonly output: string;
  readonly seconds: number;
  readonly before: State;
  readonly after: State;
  readonly operations: readonly unknown[] | undefined;
  /** ftrace's text. */
  readonly events: Buffer;
  /** The plugin's recording-N, without suffix. */
  readonly plugin: string;
}

interface Totals {
  /** Rows `GROUP.NAME NUMBER...`. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
  /** Executed kernel instructions by function. */
  readonly executed: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, number>;
  readonly all: readonly FunctionRow[];
  readonly hot: readonly FunctionRow[];
}

function rows(counts: ReadonlyMap<string, number>): FunctionRow[] {
  return [...counts]
    .map(([key, count]): FunctionRow => {
      const [name = "", kind] = key.split(" ");
      return [name, kind === "load" ? "load" : "store", count];
    })
    .sort((a, b) => b[2] - a[2] || (a[0] < b[0] ? -1 : 1));
}

function readTotals(text: string, symbols: SymbolTable): Totals {
  const values = new Map<string, number>();
  const groups = new Map<string, readonly number[]>();
  const executed = new Map<string, number>();
  const all = new Map<string, number>();
  const hot = new Map<string, number>();
  const count = (into: Map<string, number>, key: string, more: number): void => {
    if (more > 0) into.set(key, (into.get(key) ?? 0) + more);
  };
  for (const line of text.split("\n")) {
    const [word = "", ...rest] = line.split(" ");
    const nameOf = (address = ""): string => symbols.nameOf(Number.parseInt(address.slice(8), 16));
    if (word === "site") {
      const name = nameOf(rest[0]);
      const [loads = 0, stores = 0, hotLoads = 0, hotStores = 0] = rest.slice(1).map(Number);
      count(all, `${name} load`, loads);
      count(all, `${name} store`, stores);
      count(hot, `${name} load`, hotLoads);
      count(hot, `${name} store`, hotStores);
    } else if (word === "block") {
      count(executed, nameOf(rest[0]), Number(rest[1]));
    } else if (word.includes(".")) {
      groups.set(word, rest.map(Number));
    } else if (word !== "") {
      values.set(word, Number(rest[0]));
    }
  }
  return { values, groups, executed, all: rows(all), hot: rows(hot) };
}

function hotBlocks(state: State): Record<string, { state: string; valid_zones: string }> {
  const hot = Object.entries(state.blocks).filter(([block]) => Number(block) >= FIRST_HOT_BLOCK);
  return Object.fromEntries(hot.map(([block, row]) => [block, { state: row.state, valid_zones: row.valid_zones }]));
}

/** @error Error when ftrace's buffer was too small */
function checkWhole(events: Buffer, name: string): void {
  const [, kept, written] = /entries-written: (\d+)\/(\d+)/.exec(events.toString("utf8", 0, 200)) ?? [];
  if (kept === undefined || kept !== written)
    throw new Error(`${name}: ${kept} of ${written} events; enlarge traceKib`);
}

export function writeRecording(directory: string, captured: Captured, symbols: SymbolTable): void {
  const { values, groups, executed, all, hot } = readTotals(readFileSync(`${captured.plugin}.txt`, "utf8"), symbols);
  checkWhole(captured.events, captured.name);
  const value = (name: string): number => {
    const found = values.get(name);
    if (found === undefined) throw new Error(`${captured.plugin}.txt has no ${name}`);
    return found;
  };
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, value(name)]));
  const llcs = [...values.keys()].filter((name) => name.startsWith("other_llc_fills_"));
  const json = {
    name: captured.name,
    kernel: captured.kernel,
    cmd: captured.command,
    ...named(["records", "loads", "stores", "all_loads", "all_stores", "other_l2_fills", ...llcs, "instructions"]),
    ...named(["distinct_pages", "page_switches"]),
    seconds_under_emulation: captured.seconds,
    output: captured.output,
    zones_before: captured.before.zones,
    zones_after: captured.after.zones,
    by_function: all,
    hot_blocks_before: hotBlocks(captured.before),
    hot_added: {
      pfn_from: PFN_FROM,
      touches: value("hot_touches"),
      loads: value("hot_loads"),
      stores: value("hot_stores"),
      distinct_pages: value("hot_distinct_pages"),
      by_function: hot,
    },
    counted: countedJson(groups, executed),
    ...(captured.operations && { operations: captured.operations }),
  };
  for (const folder of ["traffic", "traces"]) mkdirSync(join(directory, folder), { recursive: true });
  const trace = join(directory, "traces", captured.name);
  writeFileSync(`${trace}.touch.gz`, gzipSync(readFileSync(`${captured.plugin}.touch`)));
  writeFileSync(`${trace}.marks.gz`, gzipSync(readFileSync(`${captured.plugin}.marks`)));
  writeFileSync(`${trace}.kmem.txt.gz`, gzipSync(captured.events));
  writeFileSync(join(directory, "traffic", `${captured.name}.json`), `${JSON.stringify(json)}\n`);
}
