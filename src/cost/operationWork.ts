import { entryOf, type KernelTable, type RecordedKernel } from "../linux/recordedKernels.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { OperationName } from "../scenario/operationNames.ts";

/** Operations that only measurements name, beside those of `operationNames.ts`. */
const MEASURED_OPERATIONS = [
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
  /** Entries into the kernel; none where one call works on many pages. */
  readonly syscalls: number;
  readonly faults: number;
  readonly bytesSet: number;
  readonly bytesCopied: number;
  /** Further bytes that are cleared where allocated pages are (`init_on_alloc`): the targets of copies. */
  readonly bytesSetOnAlloc: number;
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

const of = (value: number, low: number, high: number, level: "C" | "R", note: string): Quantity => ({
  value,
  range: [low * value, high * value],
  level,
  source: level === "C" ? "recordings" : "assumed",
  note,
});

/** prep_compound_tail, its rmap and its check when it is freed; assumed. */
const PER_TAIL: Quantity = { value: 15, range: [8, 30], level: "R", source: "assumed" };

const work = (instructions: Quantity, more: Partial<OperationWork> = {}): OperationWork => ({
  instructions,
  syscalls: 0,
  faults: 0,
  bytesSet: 0,
  bytesCopied: 0,
  bytesSetOnAlloc: 0,
  lockedShare: 1,
  perTail: PER_TAIL,
  ...more,
});

/**
 * By kernel version, per unit, batches of the LRU and pcp lists shared out. Recorded with QEMU 10: genuine instructions from
 * one page clear or copy to the next, between touches of neighbouring pages, or of the workload's tasks less what is
 * known of its other operations; event tracing left out.
 */
const WORK: KernelTable<Readonly<Record<WorkName, OperationWork>>> = {
  "6.1": {
    ...notRecorded(),
    ...recordedOn61((value, note, [low, high] = RECORDED) => of(value, low, high, "C", note)),
  },
  // Faults and tmpfs of 6.12, recorded with QEMU 7.2, take 0.83 to 1.4 times the instructions of 6.1's.
  "6.12": {
    ...notRecorded(),
    ...recordedOn61((value, note, [low, high] = RECORDED) =>
      of(value, 0.88 * low, 1.25 * high, "C", `as 6.1: ${note}`),
    ),
  },
};

type Recorded = (value: number, note: string, range?: readonly [number, number]) => Quantity;

function recordedOn61(recorded: Recorded) {
  return {
    fault: work(recorded(2767, "wl_fault_64m_x2: 2,411 from clear to clear, 356 in the batches of 15"), {
      faults: 1,
      bytesSet: PAGE,
    }),
    exit: work(recorded(1450, "wl_fault_64m_x2: 4,247 a page less its fault", [0.8, 1.1])),
    fork: work(recorded(113, "wl_fork_cow_20x16m: from page to page, 54,540 times")),
    child_exit: work(recorded(269, "wl_fork_cow_20x16m: 225 from page to page, 44 when their references go")),
    cow: work(recorded(3463, "wl_fork_cow_20x16m: 3,107 from copy to copy, 356 in the batches of 15"), {
      faults: 1,
      bytesCopied: PAGE,
      bytesSetOnAlloc: PAGE,
    }),
    tmpfs_write: work(recorded(2914, "wl_tmpfs_write_read_rm_48m: 2,630 from copy to copy, 284 in batches"), {
      bytesCopied: PAGE,
      bytesSetOnAlloc: PAGE,
    }),
    tmpfs_read: work(
      recorded(1031, "wl_tmpfs_write_read_rm_48m: 612 from copy to copy, the rest in batches", [0.7, 1.3]),
      {
        bytesCopied: PAGE,
      },
    ),
    tmpfs_truncate: work(recorded(2300, "wl_tmpfs_write_read_rm_48m: 6,478 a page less write and read", [0.85, 1.15])),
    churn: work(recorded(6476, "wl_churn_3g_20k: of its tasks, a pair"), {
      syscalls: 1,
      faults: 1,
      bytesSet: PAGE,
    }),
    alloc_free: work(
      recorded(
        970,
        "wl_fault_64m_x2, by function: __alloc_pages to rmqueue_bulk, free_unref_page_list to __free_one_page",
        [0.85, 1.15],
      ),
    ),
  };
}

/** Counted by reading the kernel, in neither version recorded. */
function notRecorded() {
  const read = (value: number) => of(value, ...READ, "R", "counted by reading the kernel; assumed");
  return {
    gup: work(read(250)),
    reclaim: work(read(2500)),
    offline: work(read(5000), { bytesCopied: PAGE, bytesSetOnAlloc: PAGE }),
    migrate: work(read(3500), { bytesCopied: PAGE, bytesSetOnAlloc: PAGE }),
    thp_fault: work(read(14_000), { faults: 1, bytesSet: HUGE }),
    thp_exit: work(read(12_000)),
    pagemap_scan: work(read(130), { lockedShare: 0 }),
    pagemap_read: work(read(100), { lockedShare: 0 }),
    move_pages_query: work(read(500), { lockedShare: 0 }),
    madv_cold: work(read(150)),
    tmpfs_map: work(read(700)),
    tmpfs_unmap: work(read(450)),
  };
}

/** Whose code runs, and whether it clears what it allocates. */
export interface KernelWork {
  /** The recorded one that stands for the release: `recordedKernelOf`. */
  readonly kernel: RecordedKernel;
  readonly initOnAlloc: boolean;
}

/** What one unit of an operation does beside its struct pages. */
export function workOfOperation(name: WorkName, { kernel, initOnAlloc }: KernelWork): OperationWork {
  const work = entryOf(WORK, kernel)[name];
  return initOnAlloc ? { ...work, bytesSet: work.bytesSet + work.bytesSetOnAlloc } : work;
}
