import * as L from "../../assembly/layout/allocatorEvents.ts";
import { importNotes } from "../recording/import/importNotes.ts";
import { type ImportReport, recordedNs } from "../recording/import/importReport.ts";
import { formatBytes, formatNs, grouped } from "../units.ts";
import { textTable } from "./table.ts";

/** Kernel names of the EVENT_* ops, in their order. */
const EVENT_NAMES: readonly (readonly [number, string])[] = [
  [L.EVENT_ALLOC, "mm_page_alloc"],
  [L.EVENT_FREE, "mm_page_free"],
  [L.EVENT_FREE_BATCHED, "mm_page_free_batched"],
  [L.EVENT_ZONE_LOCKED, "mm_page_alloc_zone_locked"],
  [L.EVENT_PCPU_DRAIN, "mm_page_pcpu_drain"],
  [L.EVENT_EXTFRAG, "mm_page_alloc_extfrag"],
  [L.EVENT_LRU_INSERT, "mm_lru_insertion"],
  [L.EVENT_LRU_ACTIVATE, "mm_lru_activate"],
  [L.EVENT_PAGE_CACHE_ADD, "mm_filemap_add_to_page_cache"],
  [L.EVENT_PAGE_CACHE_DELETE, "mm_filemap_delete_from_page_cache"],
  [L.EVENT_FAULT_USER, "page_fault_user"],
  [L.EVENT_RSS_STAT, "rss_stat"],
  [L.EVENT_FORK, "sched_process_fork"],
  [L.EVENT_EXEC, "sched_process_exec"],
  [L.EVENT_EXIT, "sched_process_exit"],
  [L.EVENT_MIGRATE, "mm_migrate_pages"],
  [L.EVENT_COMPACTION_BEGIN, "mm_compaction_begin"],
  [L.EVENT_COMPACTION_END, "mm_compaction_end"],
  [L.EVENT_ISOLATE_MIGRATE, "mm_compaction_isolate_migratepages"],
  [L.EVENT_ISOLATE_FREE, "mm_compaction_isolate_freepages"],
  [L.EVENT_COMPACTION_MIGRATE, "mm_compaction_migratepages"],
  [L.EVENT_LRU_ISOLATE, "mm_vmscan_lru_isolate"],
  [L.EVENT_LRU_SHRINK, "mm_vmscan_lru_shrink_inactive"],
  [L.EVENT_DIRECT_RECLAIM_BEGIN, "mm_vmscan_direct_reclaim_begin"],
  [L.EVENT_DIRECT_RECLAIM_END, "mm_vmscan_direct_reclaim_end"],
  [L.EVENT_KSWAPD_WAKE, "mm_vmscan_kswapd_wake"],
  [L.EVENT_TEST_ISOLATED, "test_pages_isolated"],
];

/** JSON of `altmap import`. */
export interface ImportDocument {
  readonly schema: "altmap/import-v1";
  readonly trace: string;
  readonly format: string | null;
  readonly text_bytes: number;
  readonly lines: number;
  readonly events: number;
  readonly by_event: Readonly<Record<string, number>>;
  /** Span of the time stamps; null when no event has one in nanoseconds. */
  readonly recorded_ns: number | null;
  /** Events without a time, or with one in a form that is not read. */
  readonly events_without_time: number;
  /** Events whose time has no unit. */
  readonly events_in_ticks: number;
  readonly pfn_end: number;
  readonly repeated_frees: number;
  readonly failed_allocations: number;
  readonly frees_without_allocation: number;
  readonly double_allocations: number;
  readonly double_frees: number;
  readonly other_events: number;
  readonly other_lines: number;
  readonly garbage_lines: number;
  readonly first_garbage: { readonly line: number; readonly text: string } | null;
  readonly lost_events: number;
  readonly loss_notices: number;
  readonly truncated: string | null;
  /** What a reader should know of the above, in words. */
  readonly notes: readonly string[];
}

/** `altmap/import-v1`: what is in a trace, and how complete it is. Times in ns. */
export function importDocument(report: ImportReport): ImportDocument {
  const { audit } = report;
  const seen = EVENT_NAMES.filter(([op]) => report.eventsByOp[op]! > 0);
  return {
    schema: "altmap/import-v1",
    trace: report.path,
    format: report.format ?? null,
    text_bytes: report.bytes,
    lines: report.lines,
    events: report.events,
    by_event: Object.fromEntries(seen.map(([op, name]) => [name, report.eventsByOp[op]!])),
    recorded_ns: recordedNs(report) ?? null,
    events_without_time: report.times.unread,
    events_in_ticks: report.times.inTicks,
    pfn_end: report.pfnEnd,
    repeated_frees: report.repeatedFrees,
    failed_allocations: report.failedAllocations,
    frees_without_allocation: audit.freesWithoutAllocation,
    double_allocations: audit.doubleAllocations,
    double_frees: audit.doubleFrees,
    other_events: report.otherEvents,
    other_lines: report.otherLines,
    garbage_lines: report.garbageLines,
    first_garbage: report.firstGarbage ?? null,
    lost_events: report.lostEvents,
    loss_notices: report.lossNotices,
    truncated: report.truncated ?? null,
    notes: notesOf(report),
  };
}

/** `altmap import` for people. */
export function importReportText(document: ImportDocument): string {
  const span = document.recorded_ns === null ? "" : ` over ${formatNs(document.recorded_ns)}`;
  const lines = [
    `${document.trace}: ${document.format ?? "no events"}, ${formatBytes(document.text_bytes)} of text in ${grouped(document.lines)} lines`,
    `${grouped(document.events)} events${span}; page frames below 0x${document.pfn_end.toString(16)}`,
    "",
    textTable({
      columns: [
        { title: "event", align: "left" },
        { title: "lines", align: "right" },
      ],
      rows: Object.entries(document.by_event).map(([name, count]) => [name, grouped(count)]),
    }),
    "",
    ...document.notes.map((note) => `${note}.`),
    ...(document.loss_notices === 0 ? ["No notice of lost events."] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function notesOf(report: ImportReport): string[] {
  const { repeatedFrees, failedAllocations, otherEvents } = report;
  const notes: string[] = [];
  if (repeatedFrees > 0)
    notes.push(`${grouped(repeatedFrees)} lines repeat a free that another event has told; each free counts once`);
  if (failedAllocations > 0) notes.push(`${grouped(failedAllocations)} allocations failed`);
  if (otherEvents > 0) notes.push(`${grouped(otherEvents)} events of other kinds are not used`);
  return [...notes, ...importNotes(report)];
}
