import { execFileSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NR_DEMAND } from "../../assembly/layout/counters.ts";
import { LEVEL_MEMORY, NR_LEVELS, TOUCH_BYTES, TOUCH_PFN, TOUCH_STORES } from "../../assembly/layout/touch.ts";
import type { CacheGeometry } from "../../src/counts.ts";
import { loadRecording } from "../../src/recording/packagedRecording.ts";
import { levelSets } from "../../src/wasm/cache.ts";
import { Replayer } from "../../src/wasm/replay.ts";
import { type NativeProgram, startNative } from "../native/build.ts";
import type { Case, Row, Suite, SuiteOptions, TimedElsewhere } from "../suite.ts";
import { randomTrace, sequentialTrace } from "./traces.ts";

/** Powers of two throughout: pycachesim takes no other number of ways. */
const GEOMETRY: CacheGeometry = {
  l1: { bytes: 32 * 1024, ways: 8 },
  l2: { bytes: 1024 * 1024, ways: 16 },
  llc: { bytes: 32 * 1024 * 1024, ways: 16 },
};
const LEVELS = ["l1", "l2", "llc"] as const;
const PFN_LAST = 0x3fffff;
const LINE_BYTES = 64;
const WASM = "WASM";

/** Public simulators are used where the user names them; none is downloaded. */
export const SIMULATORS = {
  pycachesim: "ALTMAP_PYCACHESIM",
  dinero: "ALTMAP_DINERO",
  libCacheSim: "ALTMAP_LIBCACHESIM",
} as const;

const given = (name: keyof typeof SIMULATORS): string | undefined => process.env[SIMULATORS[name]] || undefined;

export const simulatorsSuite: Suite = {
  name: "simulators",
  question: "How fast is the replay beside public cache simulators (32 KiB 8-way, 1 MiB 16-way, 32 MiB 16-way, LRU)?",
  compares:
    "WASM, copying the records in; pycachesim, one loadstore() over lists made before; Dinero IV, wall time with reading " +
    'its text; libCacheSim, by its own clock, one fully associative LRU cache of the LLC\'s size. "as loads" makes every ' +
    "touch a load: there misses of L1, L2 and LLC must agree between those that have three levels. With stores they " +
    "differ: a store that hits leaves pycachesim's LRU order as it was, and its written-back lines that miss are read " +
    "from the level below and counted as misses; here they refresh the order and are not fetched.",
  doesNotShow: "counting by class and owner, which only WASM does, or other traffic.",
  skipped() {
    const names = Object.keys(SIMULATORS) as (keyof typeof SIMULATORS)[];
    if (names.some((name) => given(name) !== undefined)) return undefined;
    return `no public simulator was given: set ${Object.values(SIMULATORS).join(", ")} (--help says to what)`;
  },
  cases(options) {
    const bench = new SimulatorBench(options);
    const nrLines = options.smoke ? 20_000 : 1024 * 1024;
    const recorded = (name: string) => new Uint8Array(Buffer.concat([...copies(name, options.smoke)]));
    const traces: [string, Uint8Array][] = [
      ["wl_fault_64m_x2", recorded("wl_fault_64m_x2")],
      ["wl_redis_set_30k_1k", recorded("wl_redis_set_30k_1k")],
      ["sequential", sequentialTrace(nrLines)],
      ["uniform random", randomTrace(nrLines, nrLines)],
    ];
    return traces.flatMap(([name, records]) => [
      bench.replayCase(name, records, "touches"),
      bench.replayCase(`${name}, as loads`, asLoads(records), "loads"),
    ]);
  },
};

function* copies(name: string, smoke: boolean): Generator<Uint8Array> {
  for (const batch of loadRecording(name).touchBatches(smoke ? 3000 : undefined)) {
    yield batch.slice();
    if (smoke) return;
  }
}

function asLoads(records: Uint8Array): Uint8Array {
  const copy = records.slice();
  for (let at = TOUCH_STORES; at < copy.length; at += TOUCH_BYTES) copy[at] = 0;
  return copy;
}

class SimulatorBench {
  readonly #options: SuiteOptions;
  readonly #replayer = new Replayer({ geometry: GEOMETRY, pfnFrom: 0, pfnLast: PFN_LAST });
  readonly #folder = mkdtempSync(join(tmpdir(), "altmap-bench-"));
  #python: NativeProgram | undefined;

  constructor(options: SuiteOptions) {
    this.#options = options;
    process.once("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /** @param kind "loads" when nothing is stored: then misses are compared, else only shown */
  replayCase(name: string, records: Uint8Array, kind: "touches" | "loads"): Case {
    const nrRecords = records.length / TOUCH_BYTES;
    const row = (rowName: string, run: () => Promise<Ran> | Ran, prepare = (): void => {}): Row => {
      let misses = "";
      return {
        name: rowName,
        prepare,
        run: async () => {
          const ran = await run();
          misses = ran.misses;
          return ran;
        },
        checksum: () => (kind === "loads" && rowName !== "libCacheSim" ? misses : String(nrRecords)),
        note: () => `misses ${misses}`,
      };
    };
    const rows = [
      row(
        WASM,
        () => this.#replayed(records),
        () => this.#replayer.empty(),
      ),
    ];
    const [python, dinero, libCacheSim] = [given("pycachesim"), given("dinero"), given("libCacheSim")];
    if (python) rows.push(row("pycachesim", this.#pycachesim(python, records, kind)));
    if (dinero) rows.push(row("Dinero IV", this.#dinero(dinero, records)));
    // One level of full associativity misses as often as it does: never compared.
    if (libCacheSim) rows.push(row("libCacheSim", this.#libCacheSim(libCacheSim, records)));
    const against = rows.slice(1).map((each) => each.name);
    return { name, work: nrRecords, unit: "touches", against, rows, rounds: 5 };
  }

  async #replayed(records: Uint8Array): Promise<Ran> {
    const { demand } = (await this.#replayer.run([records])).counts;
    const misses = new Array<number>(LEVEL_MEMORY).fill(0);
    for (let i = 0; i < NR_DEMAND; i++) {
      for (let level = 0; level < i % NR_LEVELS; level++) misses[level]! += demand[i]!;
    }
    return { misses: misses.join("/") };
  }

  #pycachesim(python: string, records: Uint8Array, kind: string): () => Promise<Ran> {
    const driver = fileURLToPath(new URL("../../bench/native/pycachesim.py", import.meta.url));
    const geometry = LEVELS.flatMap((level) => [levelSets(level, GEOMETRY[level]), GEOMETRY[level].ways]).join(" ");
    let loaded: Promise<unknown> | undefined;
    return async () => {
      this.#python ??= this.#options.started(startNative(python, [driver]));
      const program = this.#python;
      loaded ??= program.run(`load ${this.#file("records", records)} ${kind}`);
      await loaded;
      const { elapsedMs, checksum } = await program.run(`replay ${geometry}`);
      return { elapsedMs, misses: checksum };
    };
  }

  #dinero(program: string, records: Uint8Array): () => Ran {
    const args = LEVELS.flatMap((level, i) => {
      const flag = `-l${i + 1}-u`;
      const { bytes, ways } = GEOMETRY[level];
      return [`${flag}size`, String(bytes), `${flag}bsize`, String(LINE_BYTES), `${flag}assoc`, String(ways)];
    });
    let text: string | undefined;
    return () => {
      text ??= this.#file("din", dinText(records));
      const started = performance.now();
      const output = execFileSync(program, [...args, "-informat", "d"], {
        stdio: [openSync(text, "r"), "pipe", "pipe"],
      });
      const elapsedMs = performance.now() - started;
      const misses = [...output.toString().matchAll(/Demand Misses\s+(\d+)/g)].map((match) => match[1]);
      if (misses.length !== LEVELS.length)
        throw new Error(`${program}: no "Demand Misses" of three levels in its output`);
      return { elapsedMs, misses: misses.join("/") };
    };
  }

  #libCacheSim(program: string, records: Uint8Array): () => Ran {
    const nrLines = GEOMETRY.llc.bytes / LINE_BYTES;
    let text: string | undefined;
    return () => {
      text ??= this.#file("txt", [...pagesOf(records)].join("\n"));
      const args = [text, "txt", "lru", String(nrLines), "--ignore-obj-size", "1"];
      const output = execFileSync(program, args, { stdio: "pipe", cwd: this.#folder }).toString();
      const found = /(\d+) req, miss ratio ([\d.]+).*throughput ([\d.]+) MQPS/.exec(output);
      if (found === null) throw new Error(`${program}: no "throughput ... MQPS" in its output`);
      const [requests, missRatio, rate] = found.slice(1).map(Number) as [number, number, number];
      return { elapsedMs: requests / rate / 1000, misses: `${missRatio} of ${requests}` };
    };
  }

  #file(suffix: string, content: string | Uint8Array): string {
    const path = join(this.#folder, `trace.${suffix}`);
    writeFileSync(path, content);
    return path;
  }
}

/** Without a time of its own the harness times the row. */
interface Ran extends Partial<TimedElsewhere> {
  readonly misses: string;
}

function* pagesOf(records: Uint8Array): Generator<number> {
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  for (let at = TOUCH_PFN; at < records.length; at += TOUCH_BYTES) yield view.getUint32(at, true);
}

/** Dinero's "din": 0 for a read, 1 for a write, and the address in hexadecimal. */
function dinText(records: Uint8Array): string {
  let at = TOUCH_STORES - TOUCH_BYTES;
  const lines = Array.from(pagesOf(records), (page) => {
    at += TOUCH_BYTES;
    return `${records[at] === 0 ? 0 : 1} ${(page * LINE_BYTES).toString(16)}\n`;
  });
  return lines.join("");
}
