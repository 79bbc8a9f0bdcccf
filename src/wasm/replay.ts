import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import {
  REPLAY_BITMAP,
  REPLAY_BYTES,
  REPLAY_FIRST_TOUCHES,
  REPLAY_INSTRUCTIONS,
  REPLAY_LLC_SHARE_Q31,
  REPLAY_OTHER_L2_FILLS,
  REPLAY_OTHER_TRAFFIC,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_WINDOWS,
} from "../../assembly/layout/replay.ts";
import { TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout/touch.ts";
import { WINDOWS_BYTES } from "../../assembly/layout/windows.ts";
import type { ReplayCounts } from "../counts/workload.ts";
import { type CacheGeometry, type PageRange, readTouchCounts, readWindows } from "../counts.ts";
import { InputError } from "../errors.ts";
import { hex } from "../units.ts";
import { cacheBytes, countersView, initCache } from "./cache.ts";
import { loadWasm, type WasmBuild, type WasmInstance } from "./instance.ts";
import { type MemoryRegions, planMemory, regionOf } from "./memory.ts";

/** Whole 12-byte touch records in batches of any size. */
export type RecordBatches = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface ReplayOptions {
  readonly geometry: CacheGeometry;
  /** The first hot-added pfn; pages below it are boot memory. */
  readonly pfnFrom: number;
  /** The machine's last pfn, inclusive; a record beyond it is an error. @default 2^30 - 1 (4 TiB) */
  readonly pfnLast?: number;
  /**
   * The share of `other_l2_fills` that also enters the LLC, 0 to 1; `undefined` leaves other traffic out.
   * @default undefined
   */
  readonly llcShare?: number | undefined;
  /** The trace, for errors. @default "the trace" */
  readonly name?: string;
  /** @default "release" */
  readonly build?: WasmBuild;
}

/** Records per call: 768 KiB of linear memory, and a crossing costs nothing beside them. */
const BATCH_RECORDS = 65536;
/** 4 TiB. */
export const DEFAULT_PFN_LAST = 2 ** 30 - 1;
const Q31 = 2 ** 31;

/**
 * Replays a trace cold, from caches empty of struct pages, and warm: from the state that a full run leaves which
 * itself started after the pages of `before` were touched.
 *
 * @param open gives the same records at each call: two runs, three with `before`
 * @param before pages in use before the recording, oldest first (`already_mapped_anon`)
 */
export async function replay(
  open: () => RecordBatches,
  options: ReplayOptions,
  before: readonly PageRange[] = [],
): Promise<{ readonly cold: ReplayCounts; readonly warm: ReplayCounts }> {
  const replayer = new Replayer(options);
  const cold = await replayer.run(open());
  if (before.length > 0) {
    replayer.empty();
    for (const range of before) replayer.touchBefore(range);
    await replayer.run(open());
  }
  return { cold, warm: await replayer.run(open()) };
}

type ReplayRegion = "cache" | "counters" | "windows" | "replay" | "records" | "bitmap";

/** One hierarchy through which runs pass one after the other; its caches keep their state in between. */
export class Replayer {
  readonly #kernels: WasmInstance;
  readonly #plan: MemoryRegions<ReplayRegion>;
  readonly #options: ReplayOptions;

  /** @error InputError on bad geometry, pfn or share; MemoryPlanTooLarge */
  constructor(options: ReplayOptions) {
    const pfnLast = options.pfnLast ?? DEFAULT_PFN_LAST;
    checkU32("pfnFrom", options.pfnFrom);
    checkU32("pfnLast", pfnLast);
    const share = options.llcShare;
    if (share !== undefined && !(share >= 0 && share <= 1)) {
      throw new InputError({ what: `a share of ${share} of other traffic enters the LLC`, expected: "0 to 1" });
    }
    this.#options = options;
    this.#plan = planMemory(
      {
        cache: cacheBytes(options.geometry),
        counters: COUNTERS_BYTES,
        replay: REPLAY_BYTES,
        windows: WINDOWS_BYTES,
        records: BATCH_RECORDS * TOUCH_BYTES,
        bitmap: Math.floor(pfnLast / 8) + 1,
      },
      `a replay over ${pfnLast + 1} pages`,
    );
    this.#kernels = loadWasm(options.build ?? "release", this.#plan);
    this.empty();
  }

  /** Empties the caches. */
  empty(): void {
    initCache(this.#kernels, regionOf(this.#plan, "cache"), this.#options.geometry);
  }

  /** Writes to every struct page of a range once, as mapping them did; what it counts is not reported. */
  touchBefore(range: PageRange): void {
    const attr = range.startPfn >= this.#options.pfnFrom ? 0b11 : 0b01;
    const { startPfn, nrPages } = range;
    this.#kernels.call("sweep", this.#region("cache"), this.#region("counters"), startPfn, nrPages, 1, attr);
  }

  /**
   * Replays all records in constant memory.
   *
   * @error InputError when a record's pfn is beyond the machine, when bytes remain that are no whole record, or
   * when there is no record
   */
  async run(batches: RecordBatches): Promise<ReplayCounts> {
    this.#begin();
    const room = new Uint8Array(this.#kernels.buffer, this.#region("records"), BATCH_RECORDS * TOUCH_BYTES);
    let filled = 0;
    let touches = 0;
    for await (const batch of batches) {
      for (let from = 0; from < batch.length; ) {
        const part = batch.subarray(from, from + room.length - filled);
        room.set(part, filled);
        filled += part.length;
        from += part.length;
        if (filled === room.length) {
          touches += this.#replayBatch(filled / TOUCH_BYTES, touches);
          filled = 0;
        }
      }
    }
    if (filled % TOUCH_BYTES !== 0) {
      throw new InputError({
        what: `the trace ends with ${filled % TOUCH_BYTES} bytes that are no whole record`,
        expected: `records of ${TOUCH_BYTES} bytes`,
      });
    }
    touches += this.#replayBatch(filled / TOUCH_BYTES, touches);
    if (touches === 0) throw new InputError({ what: "the trace is empty", expected: "at least one record" });
    return this.#counts(touches);
  }

  #begin(): void {
    const { kernels, plan, options } = { kernels: this.#kernels, plan: this.#plan, options: this.#options };
    countersView(kernels, regionOf(plan, "counters"), COUNTERS_BYTES).fill(0n);
    this.#windows().fill(0);
    const state = this.#state();
    for (let at = 0; at < REPLAY_BYTES; at += 4) state.setUint32(at, 0, true);
    state.setUint32(REPLAY_PFN_FROM, options.pfnFrom, true);
    state.setUint32(REPLAY_PFN_LAST, options.pfnLast ?? DEFAULT_PFN_LAST, true);
    state.setUint32(REPLAY_OTHER_TRAFFIC, options.llcShare === undefined ? 0 : 1, true);
    state.setUint32(REPLAY_LLC_SHARE_Q31, Math.round((options.llcShare ?? 0) * Q31), true);
    state.setUint32(REPLAY_BITMAP, regionOf(plan, "bitmap"), true);
    state.setUint32(REPLAY_WINDOWS, regionOf(plan, "windows"), true);
  }

  #replayBatch(nrRecords: number, touchesBefore: number): number {
    const records = this.#region("records");
    const done = this.#kernels.callU32(
      "replayBatch",
      this.#region("cache"),
      this.#region("counters"),
      this.#region("replay"),
      records,
      nrRecords,
    );
    if (done < nrRecords) {
      const at = records + done * TOUCH_BYTES + TOUCH_PFN;
      const pfn = new DataView(this.#kernels.buffer).getUint32(at, true);
      throw new InputError({
        what: `pfn ${hex(pfn)} is outside the machine`,
        where: `${this.#options.name ?? "the trace"}: record ${touchesBefore + done}`,
        expected: `at most ${hex(this.#options.pfnLast ?? DEFAULT_PFN_LAST)}`,
      });
    }
    return done;
  }

  #counts(touches: number): ReplayCounts {
    const state = this.#state();
    const u64 = (offset: number): number => Number(state.getBigUint64(offset, true));
    return {
      touches,
      instructions: u64(REPLAY_INSTRUCTIONS),
      otherL2Fills: u64(REPLAY_OTHER_L2_FILLS),
      firstTouches: { boot: u64(REPLAY_FIRST_TOUCHES), hotAdded: u64(REPLAY_FIRST_TOUCHES + 8) },
      counts: readTouchCounts(
        countersView(this.#kernels, this.#region("counters"), COUNTERS_BYTES),
        readWindows(this.#windows()),
      ),
    };
  }

  #windows(): Uint32Array {
    return new Uint32Array(this.#kernels.buffer, this.#region("windows"), WINDOWS_BYTES / 4);
  }

  #state(): DataView {
    return new DataView(this.#kernels.buffer, this.#region("replay"), REPLAY_BYTES);
  }

  #region(name: ReplayRegion): number {
    return regionOf(this.#plan, name);
  }
}

function checkU32(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new InputError({ what: `${name} is ${value}`, expected: "a pfn from 0 to 0xffffffff" });
  }
}
