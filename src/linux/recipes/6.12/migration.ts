import { MIGRATION_6_1 } from "../6.1/migration.ts";
import { listAddHead, listAddTail, listDel, type StepTable } from "../table.ts";

// Linux 6.12: offlining of a block in use, migration, compaction.

const DEL = "__list_del_entry_valid_or_report";
const ADD = "__list_add_valid_or_report";
const SPLIT = "mm/page_alloc.c move_freepages_block_isolate";
const SPLIT_LATE = "mm/compaction.c compaction_alloc: chunks are split when they are used";
const HOTPLUG = "mm/memory_hotplug.c";

export const MIGRATION_6_12 = {
  ...MIGRATION_6_1,
  scanEdge: {
    cite: "mm/page_isolation.c isolate_single_pageblock: pages beside the range",
    rows: "self isolate_single_pageblock.constprop.0:3/0",
  },
  scanMove: { cite: "mm/page_alloc.c __move_freepages_block: not free", rows: "self __move_freepages_block:1/0" },
  moveFree: {
    cite: "mm/page_alloc.c __move_freepages_block, move_to_free_list",
    rows: `self __move_freepages_block:2/0 | ${listDel(DEL, "__move_freepages_block")}`,
  },
  moveFreeAdd: { cite: "mm/page_alloc.c move_to_free_list", rows: listAddTail(ADD, "__move_freepages_block") },
  isolateHead: {
    cite: `${SPLIT}: the pageblock begins with a free chunk`,
    rows: "self move_freepages_block_isolate:3/0",
  },
  isolateTail: { cite: `${SPLIT}, find_large_buddy`, rows: "self move_freepages_block_isolate:1/0" },
  isolateStraddling: { cite: `${SPLIT}, find_large_buddy: found`, rows: "self move_freepages_block_isolate:2/0" },
  isolateRemove: {
    cite: `${SPLIT}, del_page_from_free_list`,
    rows: `${listDel(DEL, "move_freepages_block_isolate")} | self move_freepages_block_isolate:1/4`,
  },
  scanRange: { cite: `${HOTPLUG} do_migrate_range: nothing to migrate`, rows: "self do_migrate_range:3/0" },
  migrateIsolate: {
    cite: `${HOTPLUG} do_migrate_range, mm/migrate.c isolate_folio_to_list`,
    rows:
      "self do_migrate_range:8/1 isolate_folio_to_list:2/0 folio_isolate_lru:2/2 folio_lruvec_lock_irq:2/0 " +
      `folio_isolate_lru:3/0 lru_gen_del_folio:6/1 | ${listDel(DEL, "lru_gen_del_folio")} | self lru_gen_del_folio:0/2`,
  },
  migrateQueue: {
    cite: "mm/migrate.c isolate_folio_to_list: list_add",
    rows: listAddHead(ADD, "isolate_folio_to_list"),
  },
  migrateQueueDone: {
    cite: `${HOTPLUG} do_migrate_range: folio_put`,
    rows: "self isolate_folio_to_list:3/0 do_migrate_range:1/1",
  },
  migrateFind: { cite: "mm/migrate.c migrate_hugetlbs: looks through the list", rows: "self migrate_pages:2/0" },
  migrateBatch: { cite: "mm/migrate.c migrate_pages: cuts a batch off the list", rows: "self migrate_pages:3/0" },
  migrateUnmap: {
    cite: "mm/migrate.c migrate_folio_unmap",
    rows:
      "self migrate_pages_batch:5/0 alloc_migration_target:3/0 migrate_pages_batch:4/1 folio_get_anon_vma:5/0 " +
      "migrate_pages_batch:3/0 try_to_migrate:2/0 folio_lock_anon_vma_read:6/0 rmap_walk_anon:3/0 " +
      "try_to_migrate_one:9/0 folio_mapping:4/0 folio_mark_dirty:2/1 try_to_migrate_one:7/1 folio_remove_rmap_ptes:3/1 " +
      "__lruvec_stat_mod_folio:2/0 try_to_migrate_one:1/1 folio_not_mapped:2/0 migrate_pages_batch:2/0",
  },
  migrateUnlink: {
    cite: "mm/migrate.c migrate_pages_batch: list_move_tail",
    rows: listDel(DEL, "migrate_pages_batch"),
  },
  migrateRelink: {
    cite: "mm/migrate.c migrate_pages_batch: list_move_tail",
    rows: listAddTail(ADD, "migrate_pages_batch"),
  },
  migrateMove: {
    cite: "mm/migrate.c migrate_folio_move, move_to_new_folio: the old page",
    rows:
      "self migrate_pages_batch:3/0 migrate_folio_move:2/0 folio_mapping:4/0 move_to_new_folio:1/0 " +
      "__migrate_folio.constprop.0:8/0 folio_mc_copy:1/0 __folio_migrate_mapping:9/0 folio_migrate_flags:9/1 " +
      "folio_xchg_last_cpupid:2/1 folio_migrate_ksm:1/0 folio_migrate_flags:5/2 mem_cgroup_migrate:2/1 " +
      "move_to_new_folio:1/0 remove_migration_pte:2/0",
  },
  migrateTake: { cite: "mm/migrate.c migrate_folio_move: list_del", rows: listDel(DEL, "migrate_folio_move") },
  migrateDone: {
    cite: "mm/migrate.c migrate_folio_done, mm/page_alloc.c free_unref_page: isolated, so straight to the buddy",
    rows:
      "self migrate_folio_move:0/2 folio_unlock:1/1 migrate_folio_done:5/1 __folio_put:4/0 __mem_cgroup_uncharge:1/0 " +
      "__folio_put:1/0 free_unref_page:17/3",
  },
  scanMovable: { cite: `${HOTPLUG} scan_movable_pages`, rows: "self offline_pages:5/0" },
  testHead: {
    cite: "mm/hugetlb.c dissolve_free_hugetlb_folios",
    rows: "self dissolve_free_hugetlb_folios:1/0 dissolve_free_hugetlb_folio:1/0",
  },
  offlineChunk: {
    cite: "mm/page_alloc.c __offline_isolated_pages",
    rows:
      `self __offline_isolated_pages:4/0 | ${listDel(DEL, "__offline_isolated_pages")} | ` +
      "self __offline_isolated_pages:1/4",
  },
  contiguous: { cite: "mm/mm_init.c set_zone_contiguous", rows: "self __pageblock_pfn_to_page:1/0" },
  compactScan: {
    cite: "mm/compaction.c isolate_migratepages_block: nothing to migrate",
    rows: "self isolate_migratepages_block:8/0",
  },
  compactScanFree: {
    cite: "mm/compaction.c isolate_migratepages_block: free, skipped with its chunk",
    rows: "self isolate_migratepages_block:4/0",
  },
  compactLock: {
    cite: "mm/compaction.c isolate_migratepages_block: checks again under the lru lock",
    rows: "self isolate_migratepages_block:1/0",
  },
  compactIsolate: {
    cite: "mm/compaction.c isolate_migratepages_block",
    rows:
      "self isolate_migratepages_block:10/1 folio_mapping:4/0 isolate_migratepages_block:19/2 | " +
      `${listDel(DEL, "isolate_migratepages_block")} | self isolate_migratepages_block:3/2`,
  },
  compactQueue: {
    cite: "mm/compaction.c isolate_migratepages_block: list_add",
    rows: `${listAddHead(ADD, "isolate_migratepages_block")} isolate_migratepages_block:3/0`,
  },
  compactNext: {
    cite: "mm/migrate.c migrate_pages_batch: the next of the list; mm/compaction.c compaction_alloc: its order",
    rows: "self migrate_pages_batch:5/0 compaction_alloc:1/0",
  },
  compactUnmap: {
    cite: "mm/migrate.c migrate_folio_unmap",
    rows:
      "next post_alloc_hook:0/1 compaction_alloc:1/1 migrate_pages_batch:0/1 | " +
      "self migrate_pages_batch:4/1 folio_get_anon_vma:5/0 | next migrate_pages_batch:1/1 | " +
      "self migrate_pages_batch:3/0 try_to_migrate:2/0 folio_lock_anon_vma_read:6/0 rmap_walk_anon:3/0 " +
      "try_to_migrate_one:9/0 folio_mapping:4/0 folio_mark_dirty:2/1 try_to_migrate_one:7/1 folio_remove_rmap_ptes:3/1 " +
      "__lruvec_stat_mod_folio:2/0 try_to_migrate_one:1/1 folio_not_mapped:2/0 migrate_pages_batch:2/0 | " +
      "next migrate_pages_batch:0/1",
  },
  compactQueueNew: {
    cite: "mm/migrate.c migrate_pages_batch: list_add_tail of the new page",
    rows: listAddTail(ADD, "migrate_pages_batch"),
  },
  compactMoveNext: {
    cite: "mm/migrate.c migrate_pages_batch: the next old and new page",
    rows: "next migrate_pages_batch:1/0 | self migrate_pages_batch:3/0",
  },
  compactTakeNew: {
    cite: "mm/migrate.c migrate_folio_move: list_del of the new page",
    rows: `self migrate_folio_move:2/1 | ${listDel(DEL, "migrate_folio_move")} | self migrate_folio_move:0/2`,
  },
  compactMove: {
    cite: "mm/migrate.c migrate_folio_move, move_to_new_folio",
    rows:
      "self migrate_folio_move:2/0 folio_mapping:4/0 move_to_new_folio:1/0 __migrate_folio.constprop.0:8/0 " +
      "folio_mc_copy:1/0 __folio_migrate_mapping:6/0 | next __folio_migrate_mapping:0/1 | " +
      "self __folio_migrate_mapping:1/0 | next __folio_migrate_mapping:0/1 | self __folio_migrate_mapping:2/0 | " +
      "next __folio_migrate_mapping:1/1 | self folio_migrate_flags:2/0 | next folio_migrate_flags:1/1 | " +
      "self folio_migrate_flags:1/1 | next folio_migrate_flags:1/1 | self folio_migrate_flags:4/0 | " +
      "next folio_migrate_flags:1/1 | self folio_migrate_flags:2/0 folio_xchg_last_cpupid:2/1 | " +
      "next folio_xchg_last_cpupid:2/1 | self folio_migrate_ksm:1/0 folio_migrate_flags:4/2 | " +
      "next folio_migrate_flags:1/0 | self folio_migrate_flags:1/0 mem_cgroup_migrate:1/0 | " +
      "next mem_cgroup_migrate:0/1 | self mem_cgroup_migrate:1/1 move_to_new_folio:1/0",
  },
  compactMapped: {
    cite: "mm/migrate.c remove_migration_ptes",
    rows:
      "next rmap_walk:1/0 folio_anon_vma:1/0 rmap_walk_anon:3/0 | self remove_migration_pte:2/0 | " +
      "next remove_migration_pte:5/1 folio_add_anon_rmap_ptes:3/1 __lruvec_stat_mod_folio:2/0 " +
      "folio_add_anon_rmap_ptes:2/1 remove_migration_pte:1/0 folio_unlock:1/1 migrate_folio_move:1/1",
  },
  compactDone: {
    cite: "mm/migrate.c migrate_folio_done, mm/page_alloc.c free_unref_page",
    rows:
      "self migrate_folio_move:0/2 folio_unlock:1/1 migrate_folio_done:5/1 __folio_put:4/0 __mem_cgroup_uncharge:1/0 " +
      "__folio_put:1/0 free_unref_page:15/3",
  },
  compactPutback: {
    cite: "mm/migrate.c putback_movable_pages: list_del",
    rows: `self putback_movable_pages:2/0 | ${listDel(DEL, "putback_movable_pages")}`,
  },
  compactPutbackDone: {
    cite: "mm/migrate.c putback_movable_pages, folio_putback_lru",
    rows: "self putback_movable_pages:4/2 folio_putback_lru:1/1",
  },
  compactTargetBlock: { cite: "mm/compaction.c suitable_migration_target", rows: "self suitable_migration_target:1/0" },
  compactTargetFree: {
    cite: "mm/compaction.c suitable_migration_target: begins with a free chunk",
    rows: "self suitable_migration_target:2/0",
  },
  compactTakeFree: {
    cite: "mm/page_alloc.c __isolate_free_page",
    rows:
      `self isolate_freepages_block:4/0 __isolate_free_page:1/0 | ${listDel(DEL, "__isolate_free_page")} | ` +
      "self __isolate_free_page:1/4 isolate_freepages_block:0/1",
  },
  compactQueueFree: {
    cite: "mm/compaction.c isolate_freepages_block: list_add_tail",
    rows: listAddTail(ADD, "isolate_freepages_block"),
  },
  compactSplitHead: { cite: SPLIT_LATE, rows: "" },
  compactSplit: {
    cite: "mm/compaction.c compaction_alloc: the upper half goes to the list of its order",
    rows: "self compaction_alloc:0/3",
  },
  compactSplitDone: { cite: SPLIT_LATE, rows: "" },
  compactSplitLink: { cite: SPLIT_LATE, rows: "" },
  compactSplice: { cite: SPLIT_LATE, rows: "" },
  compactTake: {
    cite: "mm/compaction.c compaction_alloc: list_del",
    rows: `${listDel(DEL, "compaction_alloc")} | self compaction_alloc:0/2`,
  },
  compactRelease: {
    cite: "mm/compaction.c release_free_list: list_del, mark_allocated, __free_pages",
    rows: `self compact_zone:1/0 | ${listDel(DEL, "compact_zone")} | self compact_zone:1/2 post_alloc_hook:0/1`,
  },
} satisfies Partial<StepTable>;
