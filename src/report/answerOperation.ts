import type { OperationPrice } from "../cost/devicePrices.ts";
import type { OperationEstimates } from "../cost/operationPrice.ts";
import { type Interval, slowdownKeys, timeKeys } from "./estimateKeys.ts";
import { roundRatio } from "./numbers.ts";

/**
 * One page's worth of an operation, or one folio's. hot and cold are its struct pages alone, in this placement: no ratio
 * of them is one of operations. whole is all it costs, in both.
 */
export interface AnswerOperation {
  readonly name: string;
  /** Pages of 4 KiB that one operation works on. */
  readonly folio_bytes: number;
  readonly struct_pages_per_operation: number;
  readonly touches_per_operation: number;
  readonly hot_ns: number;
  readonly hot_interval_ns: Interval;
  /** At random, as cold_random_ns. */
  readonly cold_ns: number;
  readonly cold_interval_ns: Interval;
  readonly cold_random_ns: number;
  readonly cold_random_interval_ns: Interval;
  readonly cold_in_order_ns: number;
  readonly cold_in_order_interval_ns: Interval;
  /** At the share in order that `policy.pfn_order` states; whole_* are at it too. */
  readonly cold_mixed_ns: number;
  readonly cold_mixed_interval_ns: Interval;
  /** Genuine instructions of one operation, as stated. */
  readonly instructions_per_operation: number;
  readonly whole_dram_ns: number;
  readonly whole_dram_interval_ns: Interval;
  /** null where the memmap cannot lie on the memory. */
  readonly whole_on_memory_ns: number | null;
  readonly whole_on_memory_interval_ns: Interval | null;
  readonly whole_slowdown_ratio: number | null;
  readonly whole_slowdown_interval_ratio: Interval | null;
}

/** @param isAllowed the memmap can lie on the memory */
export function operationOf(
  { count, folio, instructions, ns }: OperationPrice,
  inDram: boolean,
  isAllowed: boolean,
): AnswerOperation {
  const random = inDram ? ns.randomDram : ns.randomOnMemory;
  return {
    name: count.name,
    folio_bytes: folio.nrPages * 4096,
    struct_pages_per_operation: roundRatio(folio.structPages ?? count.linesPerPage),
    touches_per_operation: roundRatio(folio.structPages ?? count.touchesPerPage),
    ...timeKeys("hot", ns.hot),
    ...timeKeys("cold", random),
    ...timeKeys("cold_random", random),
    ...timeKeys("cold_in_order", inDram ? ns.inOrderDram : ns.inOrderOnMemory),
    ...timeKeys("cold_mixed", inDram ? ns.mixedDram : ns.mixedOnMemory),
    instructions_per_operation: Math.round(instructions),
    ...timeKeys("whole_dram", ns.wholeDram),
    ...wholeOnMemory(ns, isAllowed),
  };
}

function wholeOnMemory({ wholeOnMemory, wholeRatio }: OperationEstimates, isAllowed: boolean) {
  if (!isAllowed)
    return {
      whole_on_memory_ns: null,
      whole_on_memory_interval_ns: null,
      whole_slowdown_ratio: null,
      whole_slowdown_interval_ratio: null,
    };
  const { slowdown_ratio, slowdown_interval_ratio } = slowdownKeys(wholeRatio);
  return {
    ...timeKeys("whole_on_memory", wholeOnMemory),
    whole_slowdown_ratio: slowdown_ratio,
    whole_slowdown_interval_ratio: slowdown_interval_ratio,
  };
}
