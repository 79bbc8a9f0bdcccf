import { PageOp } from "../../../assembly/layout/engine.ts";
import type { OperationHandlers } from "../../recording/operationsSchema.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import { defer, type HugePage, splitDeferred, splitHugePage, splitPmd, wholeHugePage, zapPart } from "./hugeSplit.ts";
import type { PageSource } from "./pageSource.ts";
import { releasePages } from "./releasePages.ts";
import { unmapPages } from "./unmapPages.ts";

/** Transparent huge pages of a process, by address. */
export class HugeMemory {
  readonly #engine: PageEngine;
  readonly #source: PageSource;
  readonly #huge: HugePage[] = [];
  /** Told the pages that a split leaves mapped. */
  readonly #adopt: (pfns: readonly number[]) => void;

  constructor(engine: PageEngine, source: PageSource, adopt: (pfns: readonly number[]) => void) {
    this.#engine = engine;
    this.#source = source;
    this.#adopt = adopt;
  }

  readonly handlers: OperationHandlers = {
    already_mapped_thp: ({ huge_pages, unmapped_pages }) => this.#hold(huge_pages, unmapped_pages),
    thp_fault: ({ huge_pages }) => {
      for (let i = 0; i < huge_pages; i++) this.#add(this.#source.allocateHuge(PageOp.thpFault));
    },
    munmap_thp: ({ huge_pages }) => this.#unmap(this.#huge.splice(Math.max(0, this.#huge.length - huge_pages))),
    thp_unmap_part: ({ huge_pages, pages }) => {
      this.#engine.lruAddDrain();
      for (const huge of this.#huge.slice(0, huge_pages)) zapPart(this.#engine, huge, pages);
    },
    thp_split_pmd: ({ huge_pages }) => {
      for (const huge of this.#huge.slice(0, huge_pages)) if (huge.hasPmd) splitPmd(this.#engine, huge);
    },
    thp_split: ({ huge_pages, zero_pages }) => {
      this.#source.beforeFree();
      for (const huge of this.#huge.splice(0, huge_pages))
        this.#adopt(
          splitHugePage(this.#engine, huge, zero_pages, "debugfs", (pfn) => this.#source.commitFreed(pfn, 0)),
        );
    },
    thp_split_deferred: ({ huge_pages, zero_pages }) => {
      this.#source.beforeFree();
      const huges = this.#huge.splice(0, huge_pages);
      this.#adopt(splitDeferred(this.#engine, huges, zero_pages, (pfn) => this.#source.commitFreed(pfn, 0)));
    },
  };

  #add(pfn: number): HugePage | undefined {
    if (pfn === NONE) return undefined;
    const huge = wholeHugePage(pfn);
    this.#huge.push(huge);
    return huge;
  }

  /** State before the recording: those that the events will name, then others. */
  #hold(hugePages: number, unmappedPages: number): void {
    this.#engine.quietly(() => {
      const named = this.#source.hugePagesFreed(hugePages);
      for (let i = 0; i < hugePages; i++) {
        const huge = this.#add(this.#engine.op(PageOp.thpFault, named[i] ?? NONE));
        if (huge === undefined) return;
        if (unmappedPages === 0) continue;
        huge.hasPmd = false;
        huge.mapped -= Math.min(huge.mapped - 1, unmappedPages);
        defer(this.#engine, huge.pfn);
      }
    });
  }

  #unmap(huges: readonly HugePage[]): void {
    unmapPages(
      this.#engine,
      this.#source,
      huges.filter(({ hasPmd }) => hasPmd).map(({ pfn }) => pfn),
    );
    for (const huge of huges) {
      if (huge.hasPmd) continue;
      zapPart(this.#engine, huge, huge.mapped);
      releasePages(this.#engine, [huge.pfn], this.#source.commit);
    }
  }
}
