import * as E from "../../assembly/layout/engine.ts";
import type { EngineMemory } from "./engineMemory.ts";
import type { EngineTotals } from "./pageEngine.ts";

/** What an engine counted so far. */
export function readTotals(memory: EngineMemory): EngineTotals {
  return {
    touches: memory.getU64(E.ENGINE_TOUCHES),
    loads: memory.getU64(E.ENGINE_LOADS),
    stores: memory.getU64(E.ENGINE_STORES),
    distinctPages: memory.getU64(E.ENGINE_DISTINCT),
    surprises: memory.get(E.ENGINE_SURPRISES),
  };
}
