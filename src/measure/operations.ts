/** What an operation of the probe does to the struct page of each page. */
export interface ProbeOperation {
  /** As the probe, and `model.operation` of rows, know it. */
  readonly name: string;
  readonly does: string;
  /** First touches of a struct page that each page costs. */
  readonly structPage: "none" | "one read" | "one locked" | "several";
  /** First release that has the call; absent: every kernel that runs this. */
  readonly since?: string;
  /** Subtracted as a whole: the same without the pages. Of the others a scan of page tables is, where it is slower cold. */
  readonly without?: string;
  /** Page data that it cannot do without. */
  readonly data?: string;
}

/** A reader of page tables that knows no struct page: what it takes longer cold are page tables and noise. */
export const CONTROLS = ["pagemap-scan-control", "mincore"] as const;

export const PROBE_OPERATIONS: readonly ProbeOperation[] = [
  { name: "pagemap-scan-control", does: "PAGEMAP_SCAN of what is present", structPage: "none", since: "6.7" },
  { name: "mincore", does: "mincore() of mapped memory", structPage: "none" },
  { name: "mremap", does: "mremap(), entry by entry", structPage: "none" },
  { name: "pagemap-scan-file", does: "PAGEMAP_SCAN with PAGE_IS_FILE", structPage: "one read", since: "6.7" },
  { name: "pagemap-read", does: "read of /proc/self/pagemap", structPage: "one read" },
  { name: "move-pages-query", does: "move_pages() that asks where pages are", structPage: "one read" },
  { name: "gup-get-put", does: "vmsplice() and splice() to /dev/null", structPage: "one locked" },
  {
    name: "process-vm-readv",
    does: "process_vm_readv() of one byte a page",
    structPage: "one locked",
    data: "one line a page, in cache before",
  },
  { name: "uring-pin", does: "registration of an io_uring buffer", structPage: "one locked", since: "5.1" },
  { name: "uring-unpin", does: "its end", structPage: "one locked", since: "5.1" },
  { name: "madv-cold", does: "MADV_COLD of inactive pages", structPage: "several", since: "5.4" },
  { name: "madv-free", does: "MADV_FREE of pages already free to go", structPage: "one locked", since: "4.5" },
  { name: "fork", does: "fork() of these pages alone", structPage: "one locked", without: "fork-alone" },
  { name: "child-exit", does: "exit of such a child", structPage: "one locked", without: "child-exit-alone" },
  { name: "mincore-file", does: "mincore() of tmpfs that is not mapped", structPage: "one locked" },
  { name: "tmpfs-map", does: "MADV_POPULATE_READ of tmpfs", structPage: "one locked", since: "5.14" },
  { name: "tmpfs-unmap", does: "MADV_DONTNEED of tmpfs", structPage: "one locked", since: "5.14" },
  { name: "anon-unmap", does: "munmap() of anonymous memory", structPage: "several" },
  {
    name: "anon-fault",
    does: "fault of anonymous memory, without its clear",
    structPage: "several",
    without: "clear",
    data: "the clear of the page, measured apart",
  },
  {
    name: "zap-fault",
    does: "one page discarded and faulted, without its clear",
    structPage: "several",
    without: "clear",
    data: "the clear of the page, measured apart",
  },
];

/** Everything that the probe must time for `names`, what is subtracted included. */
export function probedFor(names: readonly string[]): string[] {
  const wanted = PROBE_OPERATIONS.filter(({ name }) => names.includes(name));
  const without = wanted.flatMap(({ without: other }) => (other === undefined ? [] : [other]));
  return [...new Set([...CONTROLS, ...without, ...wanted.map(({ name }) => name)])];
}
