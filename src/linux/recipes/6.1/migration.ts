import { listAddHead, listAddTail, listDel, type StepTable } from "../table.ts";

// Linux 6.1: offlining of a block in use, migration, compaction.

const DEL = "__list_del_entry_valid";
const ADD = "__list_add_valid";
const RANGE = "do_migrate_range.isra.0";
const HOTPLUG = "mm/memory_hotplug.c";

export const MIGRATION_6_1 = {
  scanIsolate: {
    cite: "mm/page_isolation.c set_migratetype_isolate, has_unmovable_pages",
    rows: "self set_migratetype_isolate.isra.0:1/0",
  },
  scanEdge: {
    cite: "mm/page_isolation.c isolate_single_pageblock: pages beside the range",
    rows: "self isolate_single_pageblock:3/0",
  },
  scanMove: { cite: "mm/page_alloc.c move_freepages: not free", rows: "self move_freepages_block:1/0" },
  moveFree: {
    cite: "mm/page_alloc.c move_to_free_list",
    rows: `self move_freepages_block:2/0 | ${listDel(DEL, "move_freepages_block")}`,
  },
  moveFreeAdd: { cite: "mm/page_alloc.c move_to_free_list", rows: listAddTail(ADD, "move_freepages_block") },
  isolateHead: { cite: "free chunks are moved as they are in this version", rows: "" },
  isolateTail: { cite: "free chunks are moved as they are in this version", rows: "" },
  isolateStraddling: { cite: "free chunks are moved as they are in this version", rows: "" },
  isolateRemove: { cite: "free chunks are moved as they are in this version", rows: "" },
  scanRange: {
    cite: `${HOTPLUG} do_migrate_range: nothing to migrate`,
    rows: `self ${RANGE}:1/0 PageHuge:2/0 ${RANGE}:3/0`,
  },
  migrateIsolate: {
    cite: `${HOTPLUG} do_migrate_range, mm/folio-compat.c isolate_lru_page`,
    rows:
      `self ${RANGE}:1/0 PageHuge:2/0 ${RANGE}:6/1 isolate_lru_page:1/0 folio_isolate_lru:2/2 ` +
      "folio_lruvec_lock_irq:2/0 folio_isolate_lru:3/0 lru_gen_del_folio:1/0 | " +
      `${listDel(DEL, "folio_isolate_lru")} | self folio_isolate_lru:2/2`,
  },
  migrateQueue: { cite: `${HOTPLUG} do_migrate_range: list_add_tail`, rows: listAddTail(ADD, RANGE) },
  migrateQueueDone: {
    cite: `${HOTPLUG} do_migrate_range: put_page`,
    rows: `self ${RANGE}:3/0 inc_node_page_state:1/0 ${RANGE}:2/1`,
  },
  migrateFind: {
    cite: "mm/migrate.c migrate_hugetlbs: looks through the list",
    rows: "self migrate_pages:1/0 PageHeadHuge:1/0",
  },
  migrateBatch: {
    cite: "mm/migrate.c migrate_pages: cuts a batch off the list",
    rows: "self migrate_pages:1/0 PageHeadHuge:1/0 migrate_pages:1/0",
  },
  migrateUnmap: {
    cite: "mm/migrate.c migrate_folio_unmap, migrate_folio_move, move_to_new_folio: the old page",
    rows:
      "self migrate_pages_batch:4/0 alloc_migration_target:1/0 PageHeadHuge:1/0 alloc_migration_target:2/0 " +
      "migrate_pages_batch:4/1 folio_get_anon_vma:1/0 folio_mapped:4/0 migrate_pages_batch:1/0 folio_mapped:2/0 " +
      "try_to_migrate:2/0 folio_lock_anon_vma_read:1/0 folio_mapped:4/0 PageHeadHuge:1/0 rmap_walk_anon:3/0 " +
      "PageHuge:2/0 rmap_walk_anon:2/0 try_to_migrate_one:1/0 PageHeadHuge:1/0 try_to_migrate_one:1/0 " +
      "PageHeadHuge:1/0 try_to_migrate_one:3/0 PageHeadHuge:1/0 folio_mapping:4/0 folio_mark_dirty:2/1 " +
      "try_to_migrate_one:5/1 PageHeadHuge:1/0 try_to_migrate_one:1/0 PageHeadHuge:1/0 lock_page_memcg:1/0 " +
      "folio_memcg_lock.part.0:1/0 page_remove_rmap:3/1 __mod_lruvec_page_state:4/0 page_remove_rmap:2/0 " +
      "unlock_page_memcg:1/0 folio_memcg_unlock:1/0 try_to_migrate_one:1/1 folio_mapped:4/0 migrate_pages_batch:1/0 " +
      "move_to_new_folio:1/0 folio_mapping:4/0 migrate_folio_extra:1/0 folio_migrate_mapping:8/0 folio_copy:1/0 " +
      "folio_migrate_flags:9/2 page_cpupid_xchg_last:2/1 folio_migrate_ksm:1/0 folio_migrate_flags:3/1 " +
      "PageHeadHuge:1/0 folio_migrate_flags:1/1 PageHeadHuge:1/0 mem_cgroup_migrate:1/0 move_to_new_folio:1/0 " +
      "remove_migration_pte:1/0 PageHeadHuge:1/0 remove_migration_pte:1/0 folio_unlock:1/1",
  },
  migrateUnlink: { cite: "one by one in this version", rows: "" },
  migrateRelink: { cite: "one by one in this version", rows: "" },
  migrateMove: { cite: "one by one in this version", rows: "" },
  migrateTake: { cite: "mm/migrate.c migrate_pages_batch: list_del", rows: listDel(DEL, "migrate_pages_batch") },
  migrateDone: {
    cite: "mm/migrate.c migrate_folio_done, mm/page_alloc.c free_unref_page: isolated, so straight to the buddy",
    rows:
      "self migrate_pages_batch:0/2 migrate_folio_done:5/1 __folio_put:3/0 __mem_cgroup_uncharge:1/0 " +
      "uncharge_folio:4/1 free_pcp_prepare:5/3 free_unref_page:1/1",
  },
  scanMovable: { cite: `${HOTPLUG} scan_movable_pages`, rows: "self offline_pages:4/0 PageHuge:2/0" },
  testHead: { cite: "mm/hugetlb.c dissolve_free_huge_pages", rows: "self PageHuge:1/0" },
  testChunk: { cite: "mm/page_isolation.c test_pages_isolated", rows: "self test_pages_isolated:2/0" },
  offlineChunk: {
    cite: "mm/page_alloc.c __offline_isolated_pages",
    rows:
      `self __offline_isolated_pages:4/0 | ${listDel(DEL, "__offline_isolated_pages")} | ` +
      "self __offline_isolated_pages:1/4",
  },
  contiguous: { cite: "mm/page_alloc.c set_zone_contiguous", rows: "self __pageblock_pfn_to_page:1/0" },
  compactBlock: { cite: "mm/page_alloc.c __pageblock_pfn_to_page", rows: "self __pageblock_pfn_to_page:1/0" },
  compactScan: {
    cite: "mm/compaction.c isolate_migratepages_block: nothing to migrate",
    rows: "self PageHuge:2/0 isolate_migratepages_block:6/0",
  },
  compactSource: {
    cite: "mm/compaction.c suitable_migration_source: pageblock_skip_persistent",
    rows: "self pageblock_skip_persistent:2/0",
  },
  compactScanFree: {
    cite: "mm/compaction.c isolate_migratepages_block: free, skipped with its chunk",
    rows: "self PageHuge:2/0 isolate_migratepages_block:2/0",
  },
  compactLock: {
    cite: "mm/compaction.c isolate_migratepages_block: checks again under the lru lock",
    rows: "self isolate_migratepages_block:3/0",
  },
  compactIsolate: {
    cite: "mm/compaction.c isolate_migratepages_block",
    rows:
      "self PageHuge:2/0 isolate_migratepages_block:7/1 page_mapping:1/0 folio_mapping:4/0 " +
      "isolate_migratepages_block:3/0 folio_mapcount:2/0 isolate_migratepages_block:14/1 | " +
      `${listDel(DEL, "isolate_migratepages_block")} | self isolate_migratepages_block:6/2`,
  },
  compactQueue: {
    cite: "mm/compaction.c isolate_migratepages_block: list_add",
    rows: `${listAddHead(ADD, "isolate_migratepages_block")} isolate_migratepages_block:3/0`,
  },
  compactSpliceOld: { cite: "mm/migrate.c migrate_pages: list_splice_init", rows: "self migrate_pages:0/1" },
  compactNext: { cite: "mm/migrate.c migrate_pages_batch: the next of the list", rows: "self migrate_pages_batch:4/0" },
  compactUnmap: { cite: "one by one in this version", rows: "" },
  compactQueueNew: { cite: "one by one in this version", rows: "" },
  compactMoveNext: { cite: "one by one in this version", rows: "" },
  compactTakeNew: { cite: "one by one in this version", rows: "" },
  compactMove: {
    cite: "mm/migrate.c migrate_folio_unmap, move_to_new_folio",
    rows:
      "next migrate_pages_batch:1/1 | self migrate_pages_batch:4/1 folio_get_anon_vma:1/0 folio_mapped:4/0 | " +
      "next migrate_pages_batch:1/1 | self migrate_pages_batch:1/0 folio_mapped:2/0 try_to_migrate:2/0 " +
      "folio_lock_anon_vma_read:1/0 folio_mapped:4/0 PageHeadHuge:1/0 rmap_walk_anon:3/0 PageHuge:2/0 " +
      "rmap_walk_anon:2/0 try_to_migrate_one:1/0 PageHeadHuge:1/0 try_to_migrate_one:1/0 PageHeadHuge:1/0 " +
      "try_to_migrate_one:3/0 PageHeadHuge:1/0 folio_mapping:4/0 folio_mark_dirty:2/1 try_to_migrate_one:5/1 " +
      "PageHeadHuge:1/0 try_to_migrate_one:1/0 PageHeadHuge:1/0 lock_page_memcg:1/0 folio_memcg_lock.part.0:1/0 " +
      "page_remove_rmap:3/1 __mod_lruvec_page_state:4/0 page_remove_rmap:2/0 unlock_page_memcg:1/0 " +
      "folio_memcg_unlock:1/0 try_to_migrate_one:1/1 folio_mapped:4/0 | next migrate_pages_batch:0/1 | " +
      "self migrate_pages_batch:1/0 | next migrate_pages_batch:0/1 | self move_to_new_folio:1/0 folio_mapping:4/0 " +
      "migrate_folio_extra:1/0 folio_migrate_mapping:6/0 | next folio_migrate_mapping:0/1 | " +
      "self folio_migrate_mapping:1/0 | next folio_migrate_mapping:0/1 | self folio_migrate_mapping:1/0 | " +
      "next folio_migrate_mapping:1/1 | self folio_copy:1/0 folio_migrate_flags:3/0 | next folio_migrate_flags:1/1 | " +
      "self folio_migrate_flags:6/2 | next folio_migrate_flags:1/1 | self page_cpupid_xchg_last:2/1 | " +
      "next page_cpupid_xchg_last:2/1 | self folio_migrate_ksm:1/0 folio_migrate_flags:3/1 PageHeadHuge:1/0 " +
      "folio_migrate_flags:0/1 | next folio_migrate_flags:1/0 | self folio_migrate_flags:1/0 PageHeadHuge:1/0 | " +
      "next mem_cgroup_migrate:2/0 | self mem_cgroup_migrate:1/0 | next mem_cgroup_migrate:1/1 | " +
      "self move_to_new_folio:1/0",
  },
  compactMapped: {
    cite: "mm/migrate.c remove_migration_ptes",
    rows:
      "next rmap_walk:1/0 folio_anon_vma:1/0 PageHeadHuge:1/0 rmap_walk_anon:3/0 PageHuge:2/0 rmap_walk_anon:2/0 | " +
      "self remove_migration_pte:1/0 PageHeadHuge:1/0 remove_migration_pte:1/0 | next remove_migration_pte:4/1 " +
      "PageHeadHuge:1/0 remove_migration_pte:1/0 page_add_anon_rmap:3/1 __mod_lruvec_page_state:4/0 " +
      "page_add_anon_rmap:2/0 __page_set_anon_rmap:3/1 page_add_anon_rmap:1/0 remove_migration_pte:1/0 " +
      "folio_unlock:1/1 | self folio_unlock:1/1 | next migrate_pages_batch:1/1",
  },
  compactDone: {
    cite: "mm/migrate.c migrate_folio_done, mm/page_alloc.c free_unref_page: isolated, so straight to the buddy",
    rows:
      "self migrate_pages_batch:0/2 migrate_folio_done:5/1 __folio_put:3/0 __mem_cgroup_uncharge:1/0 " +
      "uncharge_folio:4/1 free_pcp_prepare:5/3 free_unref_page:1/1",
  },
  compactPutback: {
    cite: "mm/migrate.c putback_movable_pages: list_del",
    rows: `self putback_movable_pages:1/0 PageHuge:2/0 | ${listDel(DEL, "putback_movable_pages")}`,
  },
  compactPutbackDone: {
    cite: "mm/migrate.c putback_movable_pages, folio_putback_lru",
    rows: "self putback_movable_pages:5/2 putback_lru_page:1/0 folio_putback_lru:1/1",
  },
  compactTargetBlock: { cite: "mm/compaction.c suitable_migration_target", rows: "self compaction_alloc:1/0" },
  compactTargetFree: {
    cite: "mm/compaction.c suitable_migration_target: begins with a free chunk",
    rows: "self compaction_alloc:2/0",
  },
  compactFreeScan: { cite: "mm/compaction.c isolate_freepages_block", rows: "self isolate_freepages_block:3/0" },
  compactFreeLock: {
    cite: "mm/compaction.c isolate_freepages_block: checks again under the zone lock",
    rows: "self isolate_freepages_block:1/0",
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
  compactSplitHead: {
    cite: "mm/compaction.c split_map_pages: list_del, post_alloc_hook",
    rows:
      `self split_map_pages:1/0 ${DEL}:2/0 | next ${DEL}:1/0 | self split_map_pages:2/0 | next split_map_pages:0/1 | ` +
      "self split_map_pages:1/2 post_alloc_hook:0/2",
  },
  compactSplit: { cite: "mm/page_alloc.c split_page: set_page_refcounted", rows: "self split_page:0/1" },
  compactSplitDone: { cite: "mm/memcontrol.c split_page_memcg", rows: "self split_page_memcg:2/0" },
  compactSplitLink: { cite: "mm/compaction.c split_map_pages: list_add", rows: listAddHead(ADD, "split_map_pages") },
  compactSplice: { cite: "mm/compaction.c split_map_pages: list_splice", rows: "self split_map_pages:0/1" },
  compactTake: {
    cite: "mm/compaction.c compaction_alloc: list_del",
    rows: `self ${DEL}:2/0 | next ${DEL}:1/0 | self compaction_alloc:2/0 | next compaction_alloc:0/1 | self compaction_alloc:0/2`,
  },
  compactRelease: {
    cite: "mm/compaction.c release_freepages: list_del, __free_page",
    rows: `self ${DEL}:2/0 | next ${DEL}:1/0 | self compact_zone:2/0 | next compact_zone:0/1 | self compact_zone:1/3`,
  },
} satisfies Partial<StepTable>;
