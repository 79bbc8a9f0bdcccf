import { PAGE_CACHE, PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { OperationHandlers } from "../../recording/operationsSchema.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import { readFile } from "./fileReads.ts";
import { reclaim } from "./migration.ts";
import type { PageSource } from "./pageSource.ts";
import { releasePages } from "./releasePages.ts";

/** Pages of one file, in tmpfs or in the page cache. */
export class FilePages {
  readonly #engine: PageEngine;
  readonly #source: PageSource;
  readonly #file: number[] = [];

  constructor(engine: PageEngine, source: PageSource) {
    this.#engine = engine;
    this.#source = source;
  }

  readonly handlers: OperationHandlers = {
    shmem_write: ({ pages }) => this.#write(pages),
    shmem_read: ({ pages }) => {
      for (const pfn of this.#file.slice(0, pages)) this.#engine.op(PageOp.shmemRead, pfn);
    },
    shmem_truncate: ({ pages }) => this.#truncate(this.#file.splice(0, pages)),
    file_read_cached: ({ pages }) => readFile(this.#engine, this.#file.slice(0, pages)),
    reclaim: ({ pages }) => this.#reclaim(pages),
  };

  #write(pages: number): void {
    for (let i = 0; i < pages; i++) {
      const pfn = this.#source.allocate(false);
      if (pfn === NONE) return;
      this.#engine.op(PageOp.shmemWrite, pfn);
      this.#file.push(pfn);
    }
  }

  #truncate(file: readonly number[]): void {
    const engine = this.#engine;
    const size = engine.recipes.sizes.folioBatch;
    this.#source.beforeFree(file.length);
    for (let from = 0; from < file.length; from += size) {
      const batch = file.slice(from, from + size);
      for (const pfn of batch) engine.run(Step.truncateFind, pfn);
      for (const pfn of batch) engine.op(PageOp.truncate, pfn);
      engine.lruAddDrain();
      releasePages(engine, batch, this.#source.commit);
    }
  }

  /** The pages that the events show next; without events the oldest of the file. */
  #reclaim(pages: number): void {
    const recorded = this.#source.freesInBatches(pages);
    const batches = recorded.length > 0 ? recorded : [this.#file.splice(0, pages)];
    for (const batch of batches) {
      for (const pfn of batch) this.#engine.mark(pfn, PAGE_CACHE);
      reclaim(this.#engine, batch, this.#source.commit);
    }
  }
}
