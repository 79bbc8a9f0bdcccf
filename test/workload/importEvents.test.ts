import { describe, expect, it } from "vitest";
import * as L from "../../assembly/layout/allocatorEvents.ts";
import { importText } from "./importTrace.ts";

const lines = (...events: string[]): string =>
  events.map((event, i) => `bash-7 [001] ..... ${i + 1}.000000: ${event}\n`).join("");

/** One row per event kind: print format of the kernel -> record. */
const ROWS: readonly (readonly [string, Record<string, number>])[] = [
  [
    "mm_page_alloc: page=00000000d2be5665 pfn=970744 order=0 migratetype=0 gfp_flags=GFP_HIGHUSER|__GFP_ZERO",
    { op: L.EVENT_ALLOC, pfn: 970744, arg: 0x100dc2 },
  ],
  ["mm_page_free: page=0xffffea0007ffeb00 pfn=0x1ffbac order=2", { op: L.EVENT_FREE, pfn: 0x1ffbac, order: 2 }],
  ["mm_page_free_direct: page=ffffea0000e0 pfn=512 order=1", { op: L.EVENT_FREE, pfn: 512, order: 1 }],
  ["mm_page_free_batched: page=0x10 pfn=0x10 order=0", { op: L.EVENT_FREE_BATCHED, pfn: 16 }],
  ["mm_page_free_batched: page=0x10 pfn=0x10 order=0 cold=0", { op: L.EVENT_FREE_BATCHED, pfn: 16 }],
  ["mm_pagevec_free: page=0x10 pfn=16 order=0 cold=1", { op: L.EVENT_FREE_BATCHED, pfn: 16 }],
  [
    "mm_page_alloc_zone_locked: page=0x9 pfn=0x9 order=0 migratetype=2 percpu_refill=1",
    { op: L.EVENT_ZONE_LOCKED, pfn: 9, migratetype: 2, count: 1 },
  ],
  ["mm_page_pcpu_drain: page=0x9 pfn=0x9 order=0 migratetype=1", { op: L.EVENT_PCPU_DRAIN, pfn: 9, migratetype: 1 }],
  [
    "mm_page_alloc_extfrag: page=0x9 pfn=0x9 alloc_order=0 fallback_order=9 pageblock_order=9 alloc_migratetype=1 fallback_migratetype=0 fragmenting=0 change_ownership=1",
    { op: L.EVENT_EXTFRAG, pfn: 9, order: 0, migratetype: 1, count: 9 | (1 << 16) },
  ],
  ["mm_lru_insertion: folio=00000000a1 pfn=0x33 lru=1 flags=Ma b  ", { op: L.EVENT_LRU_INSERT, pfn: 0x33, count: 1 }],
  ["mm_lru_activate: folio=00000000a1 pfn=0x33", { op: L.EVENT_LRU_ACTIVATE, pfn: 0x33 }],
  [
    "mm_filemap_add_to_page_cache: dev 0:25 ino 1f pfn=0x33 ofs=8192 order=2",
    { op: L.EVENT_PAGE_CACHE_ADD, pfn: 0x33, order: 2, count: 2, arg: 0x1f },
  ],
  [
    "mm_filemap_delete_from_page_cache: dev 0:25 ino 20 page=0000 pfn=0x33 ofs=4096",
    { op: L.EVENT_PAGE_CACHE_DELETE, pfn: 0x33, count: 1, arg: 0x20 },
  ],
  [
    "page_fault_user: address=0x7f1234567000 ip=0x55 error_code=0x6",
    { op: L.EVENT_FAULT_USER, pfn: 0x7f1234567, count: 6 },
  ],
  [
    "rss_stat: mm_id=3214 curr=1 type=MM_ANONPAGES size=1048576B",
    { op: L.EVENT_RSS_STAT, migratetype: 1, count: 256, arg: 3214 },
  ],
  ["rss_stat: mm_id=3214 curr=0 member=3 size=4096B", { op: L.EVENT_RSS_STAT, migratetype: 3, count: 1 }],
  [
    "sched_process_fork: comm=tmux: server pid=100 child_comm=tmux: server child_pid=101",
    { op: L.EVENT_FORK, pid: 100, count: 101 },
  ],
  ["sched_process_exec: filename=/bin/ls pid=101 old_pid=101", { op: L.EVENT_EXEC, pid: 101 }],
  ["sched_process_exit: comm=ls pid=101 prio=120", { op: L.EVENT_EXIT, pid: 101 }],
  [
    "mm_migrate_pages: nr_succeeded=12 nr_failed=3 mode=MIGRATE_SYNC reason=memory_hotplug",
    { op: L.EVENT_MIGRATE, count: 12, arg: 3, order: 2, migratetype: 2 },
  ],
  [
    "mm_migrate_pages: nr_succeeded=1 nr_failed=0 nr_thp_succeeded=0 nr_thp_failed=0 nr_thp_split=0 nr_split=0 mode=MIGRATE_ASYNC reason=a_new_reason",
    { op: L.EVENT_MIGRATE, count: 1, migratetype: L.EVENT_MIGRATETYPE_UNKNOWN },
  ],
  [
    "mm_compaction_begin: zone_start=0x1000 migrate_pfn=0x1200 free_pfn=0x4fe00 zone_end=0x50000, mode=sync",
    { op: L.EVENT_COMPACTION_BEGIN, pfn: 0x1200, order: 1, count: 0x4f000 },
  ],
  [
    "mm_compaction_end: zone_start=0x1000 migrate_pfn=0x1200 free_pfn=0x4fe00 zone_end=0x50000, mode=async status=complete",
    { op: L.EVENT_COMPACTION_END, pfn: 0x1200, order: 0, count: 0x4f000 },
  ],
  [
    "mm_compaction_isolate_migratepages: range=(0x1200 ~ 0x1400) nr_scanned=512 nr_taken=32",
    { op: L.EVENT_ISOLATE_MIGRATE, pfn: 0x1200, count: 32, arg: 512 },
  ],
  [
    "mm_compaction_isolate_freepages: range=(0x4fe00 ~ 0x50000) nr_scanned=10 nr_taken=4",
    { op: L.EVENT_ISOLATE_FREE, pfn: 0x4fe00, count: 4, arg: 10 },
  ],
  ["mm_compaction_migratepages: nr_migrated=30 nr_failed=2", { op: L.EVENT_COMPACTION_MIGRATE, count: 30, arg: 2 }],
  [
    "mm_vmscan_lru_isolate: classzone=2 order=0 nr_requested=32 nr_scanned=40 nr_skipped=0 nr_taken=32 lru=inactive_file",
    { op: L.EVENT_LRU_ISOLATE, count: 32, arg: 40 },
  ],
  [
    "mm_vmscan_lru_shrink_inactive: nid=0 nr_scanned=32 nr_reclaimed=31 nr_dirty=0 priority=12 flags=RECLAIM_WB_FILE",
    { op: L.EVENT_LRU_SHRINK, count: 31, arg: 32 },
  ],
  ["mm_vmscan_direct_reclaim_begin: order=9 gfp_flags=GFP_TRANSHUGE", { op: L.EVENT_DIRECT_RECLAIM_BEGIN, order: 9 }],
  ["mm_vmscan_direct_reclaim_end: nr_reclaimed=64", { op: L.EVENT_DIRECT_RECLAIM_END, count: 64 }],
  ["mm_vmscan_kswapd_wake: nid=1 order=3", { op: L.EVENT_KSWAPD_WAKE, order: 3 }],
  [
    "test_pages_isolated: start_pfn=0x100000 end_pfn=0x108000 fin_pfn=0x108000 ret=success",
    { op: L.EVENT_TEST_ISOLATED, pfn: 0x100000, count: 0x8000, order: 1 },
  ],
];

describe("event kinds", () => {
  it.each(ROWS)("%s", (line, expected) => {
    const { events, report } = importText(lines(line));
    expect(report).toMatchObject({ events: 1, garbageLines: 0, otherEvents: 0 });
    expect(events[0]).toMatchObject({ cpu: 1, ...expected });
  });

  it("cover every op that the layout has", () => {
    expect(new Set(ROWS.map(([, expected]) => expected["op"])).size).toBe(L.NR_EVENT_OPS - 1);
  });

  it("that are not known are counted and left out", () => {
    const { report } = importText(
      lines("sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b", "kmalloc: call_site=f ptr=0x1"),
    );
    expect(report).toMatchObject({ events: 0, otherEvents: 2, garbageLines: 0 });
    expect(importText("1234 my job 77 1 kmalloc ptr=0x1\n").report).toMatchObject({ otherEvents: 1, garbageLines: 0 });
  });

  it("lack a field that they need: garbage", () => {
    const { report } = importText(
      lines(
        "mm_page_alloc: pfn=0x1",
        "rss_stat: mm_id=1 size=4096B",
        "mm_migrate_pages: mode=MIGRATE_SYNC",
        "mm_page_free: pfn=5 order=0",
      ),
    );
    expect(report).toMatchObject({ events: 1, garbageLines: 3, firstGarbage: { line: 1 } });
  });
});

describe("frees", () => {
  const free = "mm_page_free: page=0x10 pfn=0x10 order=0";
  const batched = "mm_page_free_batched: page=0x10 pfn=0x10 order=0";
  const alloc = "mm_page_alloc: page=0x10 pfn=0x10 order=0 migratetype=1 gfp_flags=GFP_KERNEL";
  const repeats = (...events: string[]): number[] =>
    importText(lines(...events)).events.map((event) => event.flags & L.EVENT_FLAG_REPEAT);

  it("count once when both events tell of them, in either order", () => {
    expect(repeats(alloc, free, batched)).toEqual([0, 0, 1]);
    expect(repeats(alloc, batched, free)).toEqual([0, 0, 1]);
    expect(importText(lines(alloc, batched, free)).report.repeatedFrees).toBe(1);
  });

  it("count each where only one event is recorded, or an allocation lies between", () => {
    expect(repeats(batched, alloc, batched)).toEqual([0, 0, 0]);
    expect(repeats(free, alloc, batched)).toEqual([0, 0, 0]);
    expect(repeats(alloc, free, batched, alloc, free, batched)).toEqual([0, 0, 1, 0, 0, 1]);
  });

  it("are told apart over many pages freed together", () => {
    const pages = Array.from({ length: 4000 }, (_, i) => `pfn=0x${(i * 977).toString(16)} order=0`);
    const { report } = importText(
      lines(...pages.map((page) => `mm_page_free: ${page}`), ...pages.map((page) => `mm_page_free_batched: ${page}`)),
    );
    expect(report).toMatchObject({
      events: 8000,
      repeatedFrees: 4000,
      audit: { freesWithoutAllocation: 4000, doubleFrees: 0 },
    });
  });
});

describe("failed allocations", () => {
  it.each([
    "page=(nil) pfn=0",
    "page=0000000000000000 pfn=0",
    "page=0x0 pfn=0x0",
    "pfn=0xffffffffffffffff",
    "pfn=18446744073709551615",
  ])("%s is skipped and counted", (page) => {
    const { report } = importText(lines(`mm_page_alloc: ${page} order=9 migratetype=1 gfp_flags=GFP_TRANSHUGE`));
    expect(report).toMatchObject({ events: 0, failedAllocations: 1, garbageLines: 0 });
  });
});

describe("audit", () => {
  const alloc = (pfn: number, order = 0) =>
    `mm_page_alloc: pfn=${pfn} order=${order} migratetype=0 gfp_flags=GFP_KERNEL`;
  const free = (pfn: number, order = 0) => `mm_page_free: pfn=${pfn} order=${order}`;
  const auditOf = (pfnEnd: number, ...events: string[]) => importText(lines(...events), { pfnEnd }).report;

  it("counts frees without allocation, double allocations and double frees, page by page", () => {
    const fine = auditOf(1000, alloc(5), free(5), alloc(5), alloc(8, 3), free(9), free(15), free(8));
    expect(fine.audit).toEqual({
      freesWithoutAllocation: 0,
      doubleAllocations: 0,
      doubleFrees: 0,
      beyondMachine: 0,
      untracked: 0,
    });
    const broken = auditOf(1000, free(5), alloc(6), alloc(6), free(7), free(7));
    expect(broken.audit).toMatchObject({ freesWithoutAllocation: 2, doubleAllocations: 1, doubleFrees: 1 });
    expect(broken.events).toBe(5);
  });

  it("leaves out pages that the machine does not have: the last is accepted, the next is not", () => {
    expect(auditOf(1024, alloc(1023), alloc(0x200, 9))).toMatchObject({
      events: 2,
      pfnEnd: 1024,
      audit: { beyondMachine: 0 },
    });
    expect(auditOf(1024, alloc(1024), alloc(0x201, 9), free(2 ** 40))).toMatchObject({
      events: 0,
      audit: { beyondMachine: 3 },
    });
  });

  it("crosses chunks of its page states", () => {
    const edge = 32_768 - 4;
    expect(
      auditOf(1e6, alloc(edge, 3), free(edge + 7), free(edge + 3), free(edge - 1), free(edge + 8)).audit,
    ).toMatchObject({
      freesWithoutAllocation: 2,
      doubleFrees: 0,
    });
  });
});

describe("loss", () => {
  const event = "mm_page_free: pfn=1 order=0";
  it.each([
    ["CPU:1 [LOST 2333 EVENTS]", 2333],
    ["CPU:7 [204600 EVENTS DROPPED]", 204600],
    ["CPU:7 [EVENTS DROPPED]", 0],
    ["perf 99 [002] 1234.567000: PERF_RECORD_LOST lost 12", 12],
    [" bash 1 [002] 1234.567000: unknown: PERF_RECORD_LOST_SAMPLES lost 3", 3],
    ["Lost 41 events", 41],
    ["WARNING: Lost 41 events", 41],
    ["LOST 5 events!", 5],
    ["Processed 12791 events and lost 3 chunks!", 0],
    ["# entries-in-buffer/entries-written: 100/150   #P:4", 50],
  ])("%s", (notice, lost) => {
    const { events, report } = importText(`${lines(event)}${notice}\n${lines(event, event)}`);
    expect(report).toMatchObject({ events: 3, lossNotices: 1, lostEvents: lost, garbageLines: 0, otherEvents: 0 });
    expect(events.map(({ flags }) => flags & L.EVENT_FLAG_AFTER_LOSS)).toEqual([0, L.EVENT_FLAG_AFTER_LOSS, 0]);
  });

  it("is not seen in a header that says that all is there", () => {
    expect(importText("# entries-in-buffer/entries-written: 15911/15911   #P:1\n").report.lossNotices).toBe(0);
  });
});
