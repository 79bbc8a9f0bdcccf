import {
  type Operation,
  type OperationHandlers,
  type SimpleOperation,
  UNMODELLED,
} from "../../recording/operationsSchema.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { AnonMemory } from "./anonOperations.ts";
import { FilePages } from "./fileOperations.ts";
import type { HotLayout } from "./hotLayout.ts";
import { HugeMemory } from "./hugeOperations.ts";
import { HugetlbPool } from "./hugetlbPool.ts";
import { FREEING, pagesAskedFor } from "./operationDemand.ts";
import type { PageSource } from "./pageSource.ts";
import { zoneHandlers } from "./zoneOperations.ts";

/** What the operations of one kind touched. */
export interface OperationTotals {
  /** The op; `(other events)` is what the allocator events show beyond the operations. */
  readonly op: string;
  readonly times: number;
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
}

/** The process and files that a script of operations works on. */
export class OperationRunner {
  readonly #engine: PageEngine;
  readonly #source: PageSource;
  readonly #handlers: OperationHandlers;
  #isPhaseStart = true;
  /** Operations that the engine has no rule for, with how often they came. */
  readonly unmodelled = new Map<string, number>();
  readonly #totals = new Map<string, OperationTotals>();

  constructor(engine: PageEngine, source: PageSource, held: readonly number[], layout: HotLayout) {
    this.#engine = engine;
    this.#source = source;
    const anon = new AnonMemory(engine, source, held);
    source.heldByOperations = () => anon.forkedOtherwise;
    this.#handlers = {
      ...anon.handlers,
      ...new HugeMemory(engine, source, (pfns) => anon.adopt(pfns)).handlers,
      ...new FilePages(engine, source).handlers,
      ...new HugetlbPool(engine, source, layout).handlers,
      ...zoneHandlers(engine, source, layout),
      fork_exec_exit: () => source.followProcess(),
    };
  }

  run(operations: readonly Operation[]): void {
    operations.forEach((operation, i) => {
      if (operation.op === "repeat") {
        for (let round = 0; round < operation.times; round++) this.run(operation.of);
        return;
      }
      if (this.#isPhaseStart) this.#expect(operations.slice(i));
      this.#counted(operation.op, () => this.#one(operation));
      if (FREEING.has(operation.op)) this.#isPhaseStart = true;
    });
  }

  get totals(): readonly OperationTotals[] {
    return [...this.#totals.values()];
  }

  /** Does what the events show after the last operation. */
  finish(): void {
    this.#counted("(other events)", () => {
      this.#source.finish();
      this.#engine.flush();
    });
  }

  #counted(op: string, run: () => void): void {
    const before = this.#engine.totals();
    run();
    const after = this.#engine.totals();
    const total = this.#totals.get(op) ?? { op, times: 0, touches: 0, loads: 0, stores: 0 };
    this.#totals.set(op, {
      op,
      times: total.times + 1,
      touches: total.touches + after.touches - before.touches,
      loads: total.loads + after.loads - before.loads,
      stores: total.stores + after.stores - before.stores,
    });
  }

  #expect(operations: readonly Operation[]): void {
    const { zeroed, plain } = pagesAskedFor(operations);
    this.#source.expect(zeroed, plain);
    this.#isPhaseStart = false;
  }

  #one(operation: SimpleOperation): void {
    const handle = this.#handlers[operation.op] as ((operation: SimpleOperation) => unknown) | undefined;
    if (handle !== undefined && handle(operation) !== UNMODELLED) return;
    this.unmodelled.set(operation.op, (this.unmodelled.get(operation.op) ?? 0) + 1);
  }
}
