import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COUNTERS_BYTES, NR_DEMAND } from "../../assembly/layout/counters.ts";
import {
  REPLAY_BITMAP,
  REPLAY_BYTES,
  REPLAY_LLC_SHARE_Q31,
  REPLAY_OTHER_TRAFFIC,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_WINDOWS,
} from "../../assembly/layout/replay.ts";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { WINDOWS_BYTES } from "../../assembly/layout/windows.ts";
import { type CacheGeometry, readTouchCounts, type TouchCounts } from "../../src/counts.ts";
import { listRecordings, loadRecording } from "../../src/recording/packagedRecording.ts";
import { cacheBytes, countersView, initCache } from "../../src/wasm/cache.ts";
import { loadWasm } from "../../src/wasm/instance.ts";
import { planMemory, regionOf } from "../../src/wasm/memory.ts";
import type { NativeProgram, NativeResult } from "../native/build.ts";
import type { Case, Row, Suite, SuiteOptions } from "../suite.ts";
import { TypescriptCache } from "./cacheTypescript.ts";

/** Hot-added pages of the recordings have at least this pfn. */
const PFN_FROM = 0x100000;
const PFN_LAST = 0x3fffff;

const GEOMETRY: CacheGeometry = {
  l1: { bytes: 32 * 1024, ways: 8 },
  l2: { bytes: 1024 * 1024, ways: 16 },
  llc: { bytes: 32 * 1024 * 1024, ways: 16 },
};

const WASM = "WASM";
const TYPESCRIPT = "TypeScript";
const NATIVE = "native C";

export const cacheSuite: Suite = {
  name: "cache",
  question: "How many touches a second pass through L1, L2 and LLC (32 KiB 8-way, 1 MiB 16-way, 32 MiB 16-way, LRU)?",
  compares:
    "WASM (any geometry), plain TypeScript and scalar native C (geometry compiled in) count by class, owner, direction " +
    'and level; "native C, bare" only counts misses and write-backs. Caches start empty. With other traffic, the workload\'s ' +
    "recorded cache fills pass between its touches.",
  doesNotShow: "reading and decoding traces, or how right the hierarchy is.",
  async cases(options) {
    const bench = await CacheBench.start(options);
    const cases: Case[] = [];
    for (const { name, records, llcShare } of traces(options.smoke)) {
      cases.push(bench.replayCase(name, records), bench.replayCase(`${name}, other traffic`, records, llcShare));
    }
    const nrLines = options.smoke ? 20_000 : 4 * 1024 * 1024;
    cases.push(bench.sweepCase("sequential, reads", nrLines, 0), bench.sweepCase("sequential, writes", nrLines, 1));
    // The contiguity walk of a zone: the first page of every pageblock. Stepped by C, fast-forwarded here.
    const nrPageblocks = options.smoke ? 4096 : 2 ** 40 / 2 ** 21;
    cases.push(bench.sweepCase("zone-contiguous walk of 1 TiB", nrPageblocks, 0, 512));
    cases.push(bench.replayCase("uniform random", randomTrace(options.smoke ? 20_000 : 4 * 1024 * 1024, nrLines)));
    return cases;
  },
};

/**
 * The packaged recordings, whole, and the share of their other traffic that also missed this LLC; the first records of each in
 * a smoke run.
 */
function* traces(smoke: boolean): Generator<{ name: string; records: Uint8Array; llcShare: number }> {
  for (const name of listRecordings()) {
    const batches: Uint8Array[] = [];
    const { summary, touchBatches } = loadRecording(name);
    for (const batch of touchBatches(smoke ? 3000 : undefined)) {
      batches.push(batch.slice());
      if (smoke) break;
    }
    const toLlc = summary.otherLlcFills.find(({ llcBytes }) => llcBytes === GEOMETRY.llc.bytes)?.fills ?? 0;
    const llcShare = toLlc / summary.otherL2Fills;
    yield { name, records: new Uint8Array(Buffer.concat(batches)), llcShare };
  }
}

/** Touches of lines drawn uniformly, half of them stores, by a fixed linear congruential generator. */
function randomTrace(nrRecords: number, nrLines: number): Uint8Array {
  const bytes = new Uint8Array(nrRecords * TOUCH_BYTES);
  const words = new Uint32Array(bytes.buffer);
  let state = 20_261_121;
  for (let i = 0; i < nrRecords; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i * 3] = Math.floor((state / 2 ** 32) * nrLines);
    words[i * 3 + 1] = state & 0x100 ? 1 << 8 : 1;
  }
  return bytes;
}

/** One instance of each implementation, shared by all cases. */
class CacheBench {
  readonly #plan = planMemory(
    {
      cache: cacheBytes(GEOMETRY),
      counters: COUNTERS_BYTES,
      replay: REPLAY_BYTES,
      windows: WINDOWS_BYTES,
      bitmap: (PFN_LAST + 1) / 8,
      records: 64 * 1024 * 1024,
    },
    "the cache bench",
  );
  readonly #kernels = loadWasm("release", this.#plan);
  readonly #typescript = new TypescriptCache();
  readonly #native: NativeProgram | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), "altmap-bench-"));

  static async start(options: SuiteOptions): Promise<CacheBench> {
    return new CacheBench(await options.native("cache.c"));
  }

  private constructor(native: NativeProgram | undefined) {
    this.#native = native;
    process.once("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /** @param llcShare undefined leaves other traffic out */
  replayCase(name: string, records: Uint8Array, llcShare?: number): Case {
    const share = llcShare === undefined ? undefined : Math.round(llcShare * 2 ** 31);
    const path = join(this.#folder, "records");
    let loaded = false;
    const prepareWasm = (): void => {
      this.#empty(share);
      if (loaded) return;
      // The first row of the first round: every later one finds its records in place.
      new Uint8Array(this.#kernels.buffer, regionOf(this.#plan, "records"), records.length).set(records);
      writeFileSync(path, records);
      loaded = true;
    };
    const nrRecords = records.length / TOUCH_BYTES;
    const wasm = (): void => {
      const at = this.#plan.regions;
      const done = this.#kernels.callU32("replayBatch", at.cache, at.counters, at.replay, at.records, nrRecords);
      if (done !== nrRecords) throw new RangeError(`${name}: record ${done} is outside the machine`);
    };
    let isNativeLoaded = false;
    const native = (command: string) => async (program: NativeProgram) => {
      if (!isNativeLoaded) await program.run(`load ${path}`);
      isNativeLoaded = true;
      return program.run(command);
    };
    const rows: Row[] = [
      { name: WASM, prepare: prepareWasm, run: wasm, checksum: () => this.#checksum() },
      this.#typescriptRow((cache) => cache.replay(records, PFN_FROM, share)),
      ...this.#nativeRow(NATIVE, native(share === undefined ? `replay ${PFN_FROM}` : `other ${PFN_FROM} ${share}`)),
      ...(share === undefined ? this.#nativeRow(`${NATIVE}, bare`, native("bare")) : []),
    ];
    return { name, work: nrRecords, unit: "touches", against: [NATIVE, `${NATIVE}, bare`, TYPESCRIPT], rows };
  }

  sweepCase(name: string, nrLines: number, store: number, stride = 1): Case {
    const { cache, counters } = this.#plan.regions;
    const wasm = () => this.#kernels.call("sweep", cache, counters, 0, nrLines, stride, store);
    const rows: Row[] = [
      { name: WASM, prepare: () => this.#empty(), run: wasm, checksum: () => this.#checksum() },
      this.#typescriptRow((cache) => cache.sweep(nrLines, store, stride)),
      ...this.#nativeRow(NATIVE, (program) => program.run(`sweep ${nrLines} ${store} ${stride}`)),
    ];
    return { name, work: nrLines, unit: "touches", against: [NATIVE, TYPESCRIPT], rows };
  }

  #typescriptRow(run: (cache: TypescriptCache) => void): Row {
    const cache = this.#typescript;
    return {
      name: TYPESCRIPT,
      prepare: () => cache.empty(),
      run: () => run(cache),
      checksum: () => checksumOf(cache),
    };
  }

  #nativeRow(name: string, run: (program: NativeProgram) => Promise<NativeResult>): Row[] {
    const program = this.#native;
    if (program === undefined) return [];
    let checksum = "";
    const timed = async (): Promise<NativeResult> => {
      const result = await run(program);
      checksum = result.checksum;
      return result;
    };
    return [{ name, run: timed, checksum: () => checksum }];
  }

  #empty(share?: number): void {
    const { cache, counters, replay, bitmap } = this.#plan.regions;
    initCache(this.#kernels, cache, GEOMETRY);
    countersView(this.#kernels, counters, COUNTERS_BYTES).fill(0n);
    new Uint8Array(this.#kernels.buffer, replay, REPLAY_BYTES).fill(0);
    const { windows } = this.#plan.regions;
    new Uint8Array(this.#kernels.buffer, windows, WINDOWS_BYTES).fill(0);
    new Uint8Array(this.#kernels.buffer, bitmap, (PFN_LAST + 1) / 8).fill(0);
    const state = new DataView(this.#kernels.buffer, replay, REPLAY_BYTES);
    state.setUint32(REPLAY_PFN_FROM, PFN_FROM, true);
    state.setUint32(REPLAY_PFN_LAST, PFN_LAST, true);
    state.setUint32(REPLAY_BITMAP, bitmap, true);
    state.setUint32(REPLAY_WINDOWS, windows, true);
    state.setUint32(REPLAY_OTHER_TRAFFIC, share === undefined ? 0 : 1, true);
    state.setUint32(REPLAY_LLC_SHARE_Q31, share ?? 0, true);
  }

  #checksum(): string {
    const { counters } = this.#plan.regions;
    return checksumOf(readTouchCounts(countersView(this.#kernels, counters, COUNTERS_BYTES)));
  }
}

/** "misses L1/L2/LLC write-backs L1/L2/LLC", which the native program prints too. */
function checksumOf({ demand, writeBacks }: Pick<TouchCounts, "demand" | "writeBacks">): string {
  const misses = [0, 0, 0];
  for (let i = 0; i < NR_DEMAND; i++) {
    for (let level = 0; level < i % 4; level++) misses[level] = (misses[level] ?? 0) + (demand[i] ?? 0);
  }
  const back = [0, 2, 4].map((at) => (writeBacks[at] ?? 0) + (writeBacks[at + 1] ?? 0));
  return `${misses.join("/")} ${back.join("/")}`;
}
