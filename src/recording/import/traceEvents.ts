import * as L from "../../../assembly/layout/allocatorEvents.ts";

// Tracepoints that the importers understand, and the fields they take from them. Formats: include/trace/events/
// {kmem,pagemap,filemap,sched,migrate,compaction,vmscan,page_isolation}.h and arch/x86 exceptions.h, 3.3 to 6.18.

/** A value taken from `key=value`; several keys may lead to one slot, as names differ by event and version. */
export const enum Slot {
  Pfn,
  Order,
  Migratetype,
  Gfp,
  Refill,
  FallbackOrder,
  FallbackMigratetype,
  ChangeOwnership,
  Lru,
  Offset,
  Inode,
  Address,
  ErrorCode,
  Member,
  Size,
  MmId,
  ChildPid,
  Pid,
  Succeeded,
  Failed,
  Mode,
  Reason,
  Scanned,
  Taken,
  StartPfn,
  EndPfn,
  Reclaimed,
  ZoneStart,
  Ret,
  Cpu,
  Tid,
  /** gfp flags that are a decimal number. */
  GfpNumber,
  Count,
}

export const SLOT_BY_KEY: Readonly<Record<string, Slot>> = {
  pfn: Slot.Pfn,
  order: Slot.Order,
  alloc_order: Slot.Order,
  migratetype: Slot.Migratetype,
  alloc_migratetype: Slot.Migratetype,
  gfp_flags: Slot.Gfp,
  gfp: Slot.Gfp,
  percpu_refill: Slot.Refill,
  fallback_order: Slot.FallbackOrder,
  fallback_migratetype: Slot.FallbackMigratetype,
  change_ownership: Slot.ChangeOwnership,
  lru: Slot.Lru,
  ofs: Slot.Offset,
  ino: Slot.Inode,
  address: Slot.Address,
  error_code: Slot.ErrorCode,
  member: Slot.Member,
  type: Slot.Member,
  size: Slot.Size,
  mm_id: Slot.MmId,
  child_pid: Slot.ChildPid,
  pid: Slot.Pid,
  nr_succeeded: Slot.Succeeded,
  nr_migrated: Slot.Succeeded,
  nr_failed: Slot.Failed,
  mode: Slot.Mode,
  reason: Slot.Reason,
  nr_scanned: Slot.Scanned,
  nr_taken: Slot.Taken,
  range: Slot.StartPfn,
  start_pfn: Slot.StartPfn,
  migrate_pfn: Slot.StartPfn,
  zone_start: Slot.ZoneStart,
  end_pfn: Slot.EndPfn,
  zone_end: Slot.EndPfn,
  nr_reclaimed: Slot.Reclaimed,
  ret: Slot.Ret,
  cpu_id: Slot.Cpu,
  tid: Slot.Tid,
  vtid: Slot.Tid,
};

/** Words that stand for a number in some slots. */
export const WORD_VALUES: Readonly<Record<string, number>> = {
  // resident_page_types, rss_stat `type`
  MM_FILEPAGES: 0,
  MM_ANONPAGES: 1,
  MM_SWAPENTS: 2,
  MM_SHMEMPAGES: 3,
  // enum migrate_mode
  MIGRATE_ASYNC: 0,
  MIGRATE_SYNC_LIGHT: 1,
  MIGRATE_SYNC: 2,
  // enum migrate_reason
  compaction: 0,
  memory_failure: 1,
  memory_hotplug: 2,
  syscall_or_cpuset: 3,
  mempolicy_mbind: 4,
  numa_misplaced: 5,
  contig_range: 6,
  longterm_pin: 7,
  demotion: 8,
  damon: 9,
  // mm_compaction_begin `mode`, test_pages_isolated `ret`
  async: 0,
  sync: 1,
  fail: 0,
  success: 1,
};

export interface TraceEventKind {
  readonly op: number;
  /** Slots without which the line is malformed. */
  readonly required: readonly Slot[];
}

const pageEvent = (op: number, ...more: Slot[]): TraceEventKind => ({ op, required: [Slot.Pfn, ...more] });
const free: TraceEventKind = pageEvent(L.EVENT_FREE);
const batched: TraceEventKind = pageEvent(L.EVENT_FREE_BATCHED);
const isolate = (op: number): TraceEventKind => ({ op, required: [Slot.Scanned, Slot.Taken] });

/** Event name, without its system -> what becomes of it. */
export const EVENT_KINDS: Readonly<Record<string, TraceEventKind>> = {
  mm_page_alloc: pageEvent(L.EVENT_ALLOC, Slot.Order),
  mm_page_free: free,
  mm_page_free_direct: free, // before 3.3
  mm_page_free_batched: batched,
  mm_pagevec_free: batched, // before 3.3
  mm_page_alloc_zone_locked: pageEvent(L.EVENT_ZONE_LOCKED, Slot.Order),
  mm_page_pcpu_drain: pageEvent(L.EVENT_PCPU_DRAIN),
  mm_page_alloc_extfrag: pageEvent(L.EVENT_EXTFRAG, Slot.Order),
  mm_lru_insertion: pageEvent(L.EVENT_LRU_INSERT),
  mm_lru_activate: pageEvent(L.EVENT_LRU_ACTIVATE),
  mm_filemap_add_to_page_cache: pageEvent(L.EVENT_PAGE_CACHE_ADD),
  mm_filemap_delete_from_page_cache: pageEvent(L.EVENT_PAGE_CACHE_DELETE),
  page_fault_user: { op: L.EVENT_FAULT_USER, required: [Slot.Address] },
  rss_stat: { op: L.EVENT_RSS_STAT, required: [Slot.Member, Slot.Size] },
  sched_process_fork: { op: L.EVENT_FORK, required: [Slot.Pid, Slot.ChildPid] },
  sched_process_exec: { op: L.EVENT_EXEC, required: [Slot.Pid] },
  sched_process_exit: { op: L.EVENT_EXIT, required: [Slot.Pid] },
  mm_migrate_pages: { op: L.EVENT_MIGRATE, required: [Slot.Succeeded, Slot.Failed] },
  mm_compaction_begin: { op: L.EVENT_COMPACTION_BEGIN, required: [] },
  mm_compaction_end: { op: L.EVENT_COMPACTION_END, required: [] },
  mm_compaction_isolate_migratepages: isolate(L.EVENT_ISOLATE_MIGRATE),
  mm_compaction_isolate_freepages: isolate(L.EVENT_ISOLATE_FREE),
  mm_compaction_fast_isolate_freepages: isolate(L.EVENT_ISOLATE_FREE),
  mm_compaction_migratepages: { op: L.EVENT_COMPACTION_MIGRATE, required: [Slot.Succeeded] },
  mm_vmscan_lru_isolate: isolate(L.EVENT_LRU_ISOLATE),
  mm_vmscan_lru_shrink_inactive: { op: L.EVENT_LRU_SHRINK, required: [Slot.Scanned, Slot.Reclaimed] },
  mm_vmscan_direct_reclaim_begin: { op: L.EVENT_DIRECT_RECLAIM_BEGIN, required: [] },
  mm_vmscan_direct_reclaim_end: { op: L.EVENT_DIRECT_RECLAIM_END, required: [Slot.Reclaimed] },
  mm_vmscan_kswapd_wake: { op: L.EVENT_KSWAPD_WAKE, required: [] },
  test_pages_isolated: { op: L.EVENT_TEST_ISOLATED, required: [Slot.StartPfn] },
};
