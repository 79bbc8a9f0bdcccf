import * as E from "../../assembly/layout/engine.ts";
import { type CacheGeometry, type OrderedCounts, readOrderedCounts } from "../counts.ts";
import { compileRecipes } from "../linux/recipes/compile.ts";
import type { KernelRecipes } from "../linux/recipes/table.ts";
import { EngineMemory } from "./engineMemory.ts";
import { readTotals } from "./engineTotals.ts";
import { offlineAtOnce } from "./offlineParts.ts";
import { instructionsQ8 } from "./touchRuns.ts";

/** How the blocks of a range are used: folios of one order, evenly spread. */
export interface BlockFilling {
  /** Of a memory block: a power of two. */
  readonly blockPages: number;
  readonly folioOrder: number;
  /** 0 to 1. */
  readonly usedShare: number;
  /** Folios lie on the LRU list in the order of their pfns, or scattered over their block. */
  readonly lru: "in order" | "scattered";
}

/** What offlining a range did to its struct pages. */
export interface BusyRangeCounts {
  readonly folios: number;
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  readonly counts: OrderedCounts;
}

const SCATTERED = 0x9e3779b1;
/** Blocks in memory: the one that goes, and the one behind it, whose pages are beside its on the lists. */
const KEPT_BLOCKS = 2;
/** next, prev, list and order, mapcount of a page that nothing touched. */
const FRESH_ENTRY = [0, 0, 0x0000_ffff, 0];

/** A range of memory blocks in use that go offline one after the other, of which two are held in memory. */
export class BusyRange {
  readonly #memory: EngineMemory;
  readonly #filling: BlockFilling;
  readonly #nrPages: number;
  #nrFilled = 0;

  /**
   * @param nrPages of the zone: the walks after each block go to its end
   * @error MemoryPlanTooLarge
   */
  constructor(recipes: KernelRecipes, nrPages: number, filling: BlockFilling, caches: CacheGeometry | undefined) {
    const poolBlocks = (KEPT_BLOCKS * filling.blockPages) / E.ENGINE_BLOCK_PAGES;
    this.#filling = filling;
    this.#nrPages = nrPages;
    const options = { poolBlocks, ...(caches === undefined ? {} : { caches }) };
    this.#memory = new EngineMemory(compileRecipes(recipes), { basePfn: 0, nrPages }, undefined, options);
    this.#memory.set(E.ENGINE_IS_LEAN, 1);
  }

  /** A mean, from one touch to the next, for the windows of misses. @error RangeError outside 0 to 65,536 */
  setInstructionsPerTouch(instructions: number): void {
    this.#memory.set(E.ENGINE_INSTRUCTIONS_Q8, instructionsQ8(instructions));
  }

  /** Takes the first blocks offline, one call each; `told` after each. */
  offline(nrBlocks: number, told: (block: number) => void = () => undefined): BusyRangeCounts {
    const { blockPages } = this.#filling;
    let folios = 0;
    for (let block = 0; block < nrBlocks; block++) {
      while (this.#nrFilled < Math.min(nrBlocks, block + KEPT_BLOCKS)) this.#fill(this.#nrFilled++);
      const first = block * blockPages;
      // The blocks before are gone from the zone.
      folios += offlineAtOnce(this.#memory, { first, end: first + blockPages }, { first, end: this.#nrPages });
      told(block);
    }
    this.#memory.call("engineFlush");
    const { touches, loads, stores } = readTotals(this.#memory);
    const counts = readOrderedCounts(this.#memory.counters(), this.#memory.windows());
    return { folios, touches, loads, stores, counts };
  }

  #fill(block: number): void {
    const { blockPages, folioOrder, usedShare, lru } = this.#filling;
    if (block >= KEPT_BLOCKS) this.#reuse((block - KEPT_BLOCKS) * blockPages, block * blockPages);
    const stride = lru === "scattered" ? SCATTERED : 1;
    const usedQ16 = Math.round(usedShare * 65_536);
    this.#memory.call("engineFillBlock", block * blockPages, blockPages, folioOrder, usedQ16, stride);
  }

  /** The entries of a block that is gone become those of another. */
  #reuse(from: number, to: number): void {
    const table = this.#memory.u32s("blockTable", Math.ceil(this.#nrPages / E.ENGINE_BLOCK_PAGES));
    const words = E.ENTRY_BYTES / 4;
    for (let page = 0; page < this.#filling.blockPages; page += E.ENGINE_BLOCK_PAGES) {
      const old = (from + page) / E.ENGINE_BLOCK_PAGES;
      const entries = table[old] as number;
      const view = this.#memory.u32s(
        "pages",
        entries / 4 + E.ENGINE_BLOCK_PAGES * words - this.#memory.region("pages") / 4,
      );
      const start = (entries - this.#memory.region("pages")) / 4;
      view.set(FRESH_ENTRY, start);
      for (let done = words; done < E.ENGINE_BLOCK_PAGES * words; done *= 2)
        view.copyWithin(start + done, start, start + done);
      table[(to + page) / E.ENGINE_BLOCK_PAGES] = entries;
      table[old] = 0;
    }
  }
}
