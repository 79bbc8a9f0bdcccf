import { MIGRATE_MOVABLE, PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from "../../../assembly/layout/hotplug.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** Free pages that compaction took off the free lists: cc->freepages. */
export interface IsolatedFree {
  /** cc->nr_freepages. */
  readonly count: number;
  /** A chunk that the free scanner found. */
  add(pfn: number, order: number): void;
  /** The free scanner stops for now. */
  ready(): void;
  take(): number | undefined;
  release(commit: (pfn: number, order: number) => void): void;
}

interface Chunk {
  readonly pfn: number;
  readonly order: number;
}

/** 6.1: chunks are split into pages at once (split_map_pages), which are then taken from the last one on. */
export class SplitChunks implements IsolatedFree {
  readonly #engine: PageEngine;
  #chunks: Chunk[] = [];
  /** In the order of the list. */
  #pages: number[] = [];
  count = 0;

  constructor(engine: PageEngine) {
    this.#engine = engine;
  }

  add(pfn: number, order: number): void {
    this.#engine.takeChunk(Step.compactTakeFree, pfn);
    this.#engine.run(Step.compactQueueFree, pfn, this.#chunks.at(-1)?.pfn);
    this.#chunks.push({ pfn, order });
    this.count += 2 ** order;
  }

  ready(): void {
    const engine = this.#engine;
    const split: number[] = [];
    this.#chunks.forEach(({ pfn, order }, i) => {
      engine.run(Step.compactSplitHead, pfn, undefined, this.#chunks[i + 1]?.pfn);
      for (let page = pfn + 1; page < pfn + 2 ** order; page++) engine.run(Step.compactSplit, page);
      if (order > 0) engine.run(Step.compactSplitDone, pfn);
      for (let page = pfn; page < pfn + 2 ** order; page++) {
        engine.run(Step.compactSplitLink, page, undefined, split.at(-1));
        split.push(page);
      }
    });
    this.#chunks = [];
    if (split.length === 0) return;
    engine.run(Step.compactSplice, split.at(-1) as number);
    engine.run(Step.compactSplice, split[0] as number);
    this.#pages = split.reverse();
  }

  take(): number | undefined {
    const pfn = this.#pages.shift();
    if (pfn === undefined) return undefined;
    this.count--;
    this.#engine.run(Step.compactTake, pfn, undefined, this.#pages[0]);
    return pfn;
  }

  release(commit: (pfn: number, order: number) => void): void {
    this.#pages.forEach((pfn, i) => {
      this.#engine.run(Step.compactRelease, pfn, undefined, this.#pages[i + 1]);
      commit(pfn, 0);
    });
  }
}

/** 6.12: chunks stay on lists by order; a page comes from the smallest, of which halves go back to the lists. */
export class ChunksByOrder implements IsolatedFree {
  readonly #engine: PageEngine;
  readonly #lists: number[][] = Array.from({ length: 11 }, () => []);
  count = 0;

  constructor(engine: PageEngine) {
    this.#engine = engine;
  }

  add(pfn: number, order: number): void {
    const list = this.#lists[order] as number[];
    this.#engine.takeChunk(Step.compactTakeFree, pfn);
    // __isolate_free_page(): at least half of a pageblock makes the rest of it movable, whatever it was.
    if (order >= PAGEBLOCK_ORDER - 1) this.#engine.moveBlock(pfn - (pfn % PAGEBLOCK_PAGES), MIGRATE_MOVABLE);
    this.#engine.run(Step.compactQueueFree, pfn, list.at(-1));
    list.push(pfn);
    this.count += 2 ** order;
  }

  ready(): void {
    // Nothing is split before it is used.
  }

  take(): number | undefined {
    let order = this.#lists.findIndex((list) => list.length > 0);
    if (order < 0) return undefined;
    const from = this.#lists[order] as number[];
    const pfn = from.shift() as number;
    this.#engine.run(Step.compactTake, pfn, undefined, from[0]);
    while (order > 0) {
      order--;
      this.#engine.run(Step.compactSplit, pfn + 2 ** order);
      this.#lists[order]?.unshift(pfn + 2 ** order);
    }
    this.count--;
    return pfn;
  }

  release(commit: (pfn: number, order: number) => void): void {
    this.#lists.forEach((list, order) => {
      list.forEach((pfn, i) => {
        this.#engine.run(Step.compactRelease, pfn, undefined, list[i + 1]);
        commit(pfn, order);
      });
    });
  }
}
