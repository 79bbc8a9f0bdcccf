import type { CacheGeometry } from "../../src/counts.ts";
import { ReferenceCache } from "./cache.ts";
import { ReferenceWindows } from "./windows.ts";

export interface TouchRecord {
  readonly pfn: number;
  readonly loads: number;
  readonly stores: number;
  readonly otherL2Fills: number;
  readonly instructions: number;
}

export function encodeRecords(records: readonly TouchRecord[]): Uint8Array {
  const bytes = new Uint8Array(records.length * 12);
  const view = new DataView(bytes.buffer);
  records.forEach((record, i) => {
    view.setUint32(i * 12, record.pfn, true);
    view.setUint8(i * 12 + 4, record.loads);
    view.setUint8(i * 12 + 5, record.stores);
    view.setUint16(i * 12 + 6, record.otherL2Fills, true);
    view.setUint32(i * 12 + 8, record.instructions, true);
  });
  return bytes;
}

export interface ReferenceReplayOptions {
  readonly geometry: CacheGeometry;
  readonly pfnFrom: number;
  readonly llcShare?: number | undefined;
}

/** Replays records one object at a time; `run` may be called again, on warm caches. */
export class ReferenceReplayer {
  readonly #options: ReferenceReplayOptions;
  readonly #seen = new Set<number>();
  readonly #cache: ReferenceCache;

  constructor(options: ReferenceReplayOptions) {
    this.#options = options;
    this.#cache = new ReferenceCache(options.geometry);
  }

  run(records: readonly TouchRecord[]) {
    const { pfnFrom, llcShare } = this.#options;
    const cache = this.#cache;
    cache.demand.fill(0);
    cache.writeBacks.fill(0);
    const firstTouches = { boot: 0, hotAdded: 0 };
    const windows = new ReferenceWindows();
    let position = 0;
    let previous: number | undefined;
    for (const { pfn, stores, otherL2Fills, instructions } of records) {
      position += instructions;
      windows.fills(otherL2Fills, instructions);
      if (llcShare !== undefined) cache.fillClean(otherL2Fills, Math.round(llcShare * 2 ** 31));
      const isNeighbour = previous !== undefined && Math.abs(pfn - previous) === 1;
      const isHotAdded = pfn >= pfnFrom;
      const attr = (isNeighbour ? 0 : 3 << 2) | (isHotAdded ? 2 : 0) | (stores > 0 ? 1 : 0);
      const level = cache.touch(pfn, attr);
      if (level >= 2) windows.miss(pfn, attr, position, level === 2 ? "LLC" : "memory");
      if (!this.#seen.has(pfn)) firstTouches[isHotAdded ? "hotAdded" : "boot"]++;
      this.#seen.add(pfn);
      previous = pfn;
    }
    return {
      touches: records.length,
      instructions: records.reduce((sum, record) => sum + record.instructions, 0),
      otherL2Fills: records.reduce((sum, record) => sum + record.otherL2Fills, 0),
      firstTouches,
      counts: {
        demand: [...cache.demand],
        writeBacks: [...cache.writeBacks],
        memory: windows.memory,
        llc: windows.llc,
        other: windows.other,
      },
    };
  }
}
