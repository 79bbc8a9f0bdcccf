/** Operations of core-mm that users name: in scenarios, on the command line, in results. */
export interface NamedOperation {
  /** Of one unit, as tables say it. */
  readonly label: string;
  /** What is counted once. */
  readonly unit: "page" | "huge page" | "pair";
  /** What it does at a footprint, and what the caches have seen before. */
  readonly does: string;
}

export const OPERATIONS = {
  fault: {
    label: "fault an anonymous page",
    unit: "page",
    does: "touches all of its memory for the first time; no cache holds its struct pages",
  },
  exit: {
    label: "unmap and free it",
    unit: "page",
    does: "unmaps all of its memory, right after a child that shared it",
  },
  fork: { label: "fork, per mapped page", unit: "page", does: "forks, having faulted all of its memory" },
  child_exit: {
    label: "unmap a shared page",
    unit: "page",
    does: "the child unmaps all it shares, right after the fork",
  },
  cow: {
    label: "copy on write",
    unit: "page",
    does: "the child writes every page; the footprint is both their memory",
  },
  gup: { label: "get_user_pages and unpin", unit: "page", does: "pins all of its memory, then unpins it" },
  tmpfs_write: { label: "write a tmpfs page", unit: "page", does: "writes a file as large as the footprint" },
  tmpfs_read: { label: "read a tmpfs page", unit: "page", does: "reads it, after it was written" },
  tmpfs_truncate: { label: "truncate a tmpfs page", unit: "page", does: "truncates it, after it was read" },
  reclaim: {
    label: "reclaim a clean page-cache page",
    unit: "page",
    does: "reclaims a page cache as large as the footprint, oldest page first, after it was written",
  },
  offline: {
    label: "offline a busy page",
    unit: "page",
    does: "offlines all memory blocks of the footprint, every page in use; the new pages lie elsewhere",
  },
  thp_fault: {
    label: "fault a huge page",
    unit: "huge page",
    does: "faults all of its memory as huge pages; no cache holds its struct pages",
  },
  thp_exit: { label: "unmap a huge page", unit: "huge page", does: "unmaps its huge pages, after it faulted them" },
  churn: {
    label: "zap and fault a random page",
    unit: "pair",
    does: "zaps a random page and faults it again, steadily",
  },
} as const satisfies Readonly<Record<string, NamedOperation>>;

export type OperationName = keyof typeof OPERATIONS;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** What is shown when no operation is named: those that sweep struct pages, and the one that does not. */
export const DEFAULT_OPERATIONS: readonly OperationName[] = [
  "fault",
  "fork",
  "exit",
  "thp_fault",
  "reclaim",
  "offline",
  "churn",
];

/** Whether a name is one of `OPERATIONS`. */
export const isOperationName = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);
