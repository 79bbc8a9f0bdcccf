import type { PageOp } from "../../../assembly/layout/engine.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import type { PageSource } from "./pageSource.ts";

/** Memory that nobody but the operations uses: the allocator alone decides which pages come and go. */
export class FreshPages implements PageSource {
  readonly #engine: PageEngine;
  readonly isRecorded = false;
  readonly commit: (pfn: number) => void;
  readonly commitFreed: (pfn: number, order?: number) => void;
  heldByOperations = (): readonly number[] => [];

  constructor(engine: PageEngine) {
    this.#engine = engine;
    this.commit = (pfn) => {
      if (pfn !== NONE) engine.commit(pfn);
    };
    this.commitFreed = (pfn, order = 0) => engine.commit(pfn, order);
  }

  allocate(): number {
    return this.#engine.take(NONE);
  }

  allocateHuge(op: PageOp.thpFault | PageOp.takeHuge): number {
    return this.#engine.op(op, NONE);
  }

  allocateKernelPage(): number {
    return NONE;
  }

  nextFreed(): number {
    return NONE;
  }

  freesInBatches(): number[][] {
    return [];
  }

  hugePagesFreed(): readonly number[] {
    return [];
  }

  endChild(): readonly number[] {
    return [];
  }

  endProcess(): readonly number[] {
    return [];
  }

  // Nothing else happens in this memory.
  expect(): void {}
  pump(): void {}
  beforeKernelPages(): void {}
  beforeFree(): void {}
  skipFrees(): void {}
  followProcess(): void {}
  finish(): void {}
}
