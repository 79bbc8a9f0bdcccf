import type { Quantity } from "../machine/provenance.ts";
import type { OperationName } from "../scenario/operationNames.ts";

/** Operations that only measurements name, beside those of `operationNames.ts`. */
export const MEASURED_OPERATIONS = [
  "alloc_free",
  "pagemap_scan",
  "pagemap_read",
  "move_pages_query",
  "madv_cold",
  "tmpfs_map",
  "tmpfs_unmap",
  "migrate",
] as const;
export type WorkName = OperationName | (typeof MEASURED_OPERATIONS)[number];

/** What one unit of an operation does beside waiting for struct pages. */
export interface OperationWork {
  /** Genuine instructions, kernel and the user's part of the loop; a `rep`-prefixed one counts once. */
  readonly instructions: Quantity;
  readonly bytesSet: number;
  readonly bytesCopied: number;
  /** Share of its first touches that come behind a locked operation on the page before. */
  readonly lockedShare: number;
  /** Instructions for each further struct page of a large folio. */
  readonly perTail: Quantity;
}

const PAGE = 4096;
const HUGE = 512 * PAGE;
/** Two recordings of one program differ by 0.96 to 1.11. */
const RECORDED: readonly [number, number] = [0.94, 1.11];
/** Read in the source of the kernel, not recorded. */
const READ: readonly [number, number] = [0.6, 1.6];

function instructions(value: number, [low, high] = READ, note = "counted by reading the kernel; assumed"): Quantity {
  const recorded = low === RECORDED[0];
  return {
    value,
    range: [low * value, high * value],
    level: recorded ? "C" : "R",
    source: recorded ? "recordings" : "assumed",
    note,
  };
}
const recorded = (value: number, note: string) => instructions(value, RECORDED, note);

/** prep_compound_tail, its rmap and its check when it is freed; assumed. */
const PER_TAIL: Quantity = { value: 15, range: [8, 30], level: "R", source: "assumed" };

const work = (of: Quantity, more: Partial<OperationWork> = {}): OperationWork => ({
  instructions: of,
  bytesSet: 0,
  bytesCopied: 0,
  lockedShare: 1,
  perTail: PER_TAIL,
  ...more,
});

/**
 * By kernel version, per unit. Recorded: instructions from one page clear or copy to the next, or between the touches of
 * neighbouring pages, less the bytes that QEMU 7.2 counts as instructions of `rep`.
 */
const WORK: Readonly<Record<"6.1" | "6.12", Readonly<Record<WorkName, OperationWork>>>> = {
  "6.1": {
    ...common(),
    fault: work(recorded(3040, "wl_fault_64m_x2: 7,136 from clear to clear less 4,096"), { bytesSet: PAGE }),
    exit: work(instructions(2250, [0.5, 1.2], "wl_fault_64m_x2: 36.8 million of 16,384 pages, other programs in it")),
    fork: work(recorded(113, "wl_fork_cow_20x16m: from page to page, 54,540 times")),
    child_exit: work(recorded(269, "wl_fork_cow_20x16m: 225 from page to page, 44 when their references go")),
    tmpfs_write: work(instructions(3300, [0.7, 1.2], "wl_tmpfs_write_read_rm_48m less a set and a copy"), {
      bytesCopied: PAGE,
    }),
    tmpfs_read: work(recorded(613, "wl_tmpfs_write_read_rm_48m: 4,709 from copy to copy less 4,096"), {
      bytesCopied: PAGE,
    }),
    tmpfs_truncate: work(recorded(1649, "wl_tmpfs_write_read_rm_48m: 20.3 million of 12,288 pages")),
  },
  "6.12": {
    ...common(),
    fault: work(recorded(3471, "wl_fault_64m_x2: 7,567 from clear to clear less 4,096"), { bytesSet: PAGE }),
    exit: work(instructions(2250, [0.5, 1.2], "as 6.1")),
    fork: work(instructions(113, [0.8, 1.5], "as 6.1")),
    child_exit: work(instructions(269, [0.8, 1.5], "as 6.1")),
    tmpfs_write: work(instructions(4650, [0.6, 1.2], "wl_tmpfs_write_read_rm_48m less a set and a copy"), {
      bytesCopied: PAGE,
    }),
    tmpfs_read: work(recorded(506, "wl_tmpfs_write_read_rm_48m: 4,602 from copy to copy less 4,096"), {
      bytesCopied: PAGE,
    }),
    tmpfs_truncate: work(instructions(1649, [0.7, 1.4], "as 6.1")),
  },
};

/** Not recorded yet in either version. */
function common() {
  return {
    alloc_free: work(instructions(600)),
    cow: work(instructions(3800), { bytesCopied: PAGE }),
    gup: work(instructions(250)),
    reclaim: work(instructions(2500)),
    offline: work(instructions(5000), { bytesCopied: PAGE }),
    migrate: work(instructions(3500), { bytesCopied: PAGE }),
    thp_fault: work(instructions(14_000), { bytesSet: HUGE }),
    thp_exit: work(instructions(12_000)),
    churn: work(instructions(6000), { bytesSet: PAGE }),
    pagemap_scan: work(instructions(130), { lockedShare: 0 }),
    pagemap_read: work(instructions(100), { lockedShare: 0 }),
    move_pages_query: work(instructions(500), { lockedShare: 0 }),
    madv_cold: work(instructions(150)),
    tmpfs_map: work(instructions(700)),
    tmpfs_unmap: work(instructions(450)),
  } satisfies Partial<Record<WorkName, OperationWork>>;
}

/** @param kernel the recorded one that stands for the release: `hotplugKernelOf` */
export function workOfOperation(name: WorkName, kernel: "6.1" | "6.12"): OperationWork {
  return WORK[kernel][name];
}
