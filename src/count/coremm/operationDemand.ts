import type { Operation } from "../../recording/operationsSchema.ts";

/** Operations that give pages back: what is allocated up to the next of them belongs together. */
export const FREEING: ReadonlySet<string> = new Set([
  "munmap_anon",
  "exit_anon",
  "zap_random_page",
  "child_exit",
  "shmem_truncate",
  "munmap_thp",
  "thp_split",
  "thp_split_deferred",
  "hugetlb_shrink",
  "reclaim",
  "offline_busy",
  "compact_all_zones",
]);

/** Pages that operations ask for: zeroed, and written by their user (copies, tmpfs). */
export interface Demand {
  zeroed: number;
  plain: number;
}

/** How many pages the operations from the first to the next that frees will allocate. */
export function pagesAskedFor(operations: readonly Operation[]): Demand {
  const demand = { zeroed: 0, plain: 0 };
  addDemand(operations, demand);
  return demand;
}

/** Adds up to the first operation that frees. @return whether there was one */
function addDemand(operations: readonly Operation[], demand: Demand): boolean {
  for (const operation of operations) {
    if (operation.op === "repeat") {
      if (operation.times > 0 && addDemand(operation.of, demand)) return true;
    } else if (FREEING.has(operation.op)) return true;
    else if (operation.op === "anon_fault") demand.zeroed += operation.pages;
    else if (operation.op === "anon_fault_same_page") demand.zeroed++;
    else if (operation.op === "cow_fault_in_child" || operation.op === "shmem_write") demand.plain += operation.pages;
  }
  return false;
}
