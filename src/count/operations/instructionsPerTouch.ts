import type { OperationName } from "../../scenario/operationNames.ts";

/** Instructions from one touch of a struct page to the next, of an operation run by the page engine. */
export type InstructionsPerTouch = (operation: OperationName | "alloc_free") => number;

/**
 * Where no recording says: derived from the packaged recordings of 6.1 that do little else than core-mm, instructions by
 * touches, bytes of clears and copies left out: wl_fault_64m_x2 120, wl_fork_cow_20x16m 121, wl_tmpfs_write_read_rm_48m 118.
 * A mean over paths of the kernel and of the program: short loops (a scan, a batch that is freed) have fewer.
 */
export const INSTRUCTIONS_PER_TOUCH = 120;
