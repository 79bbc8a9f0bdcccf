import type { StepTable } from "../table.ts";

// Linux 6.1: transparent huge pages split into small pages.

const SPLIT = "split_huge_page_to_list";
const RELEASE = "__page_cache_release.part.0";

export const SPLIT_6_1 = {
  splitCaller: {
    cite: "mm/huge_memory.c split_huge_pages_pid: follow_page, can_split_folio",
    rows:
      "self try_grab_page:3/1 split_huge_pages_write:2/0 | tail1 split_huge_pages_write:1/0 | self " +
      "split_huge_pages_write:1/0 can_split_folio:3/0 folio_mapcount:1/0 | tail1 folio_mapcount:1/0 | self " +
      "PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self folio_mapcount:1/0 | tail1 folio_mapcount:1/0",
  },
  splitCount: {
    cite: "mm/util.c folio_mapcount: of each page",
    rows: "sub folio_mapcount:1/0",
  },
  splitCallerReady: {
    cite: "mm/huge_memory.c split_huge_pages_pid: trylock_page",
    rows: "self folio_mapcount:1/0 | tail1 folio_mapcount:1/0 | self can_split_folio:1/0 split_huge_pages_write:2/1",
  },
  splitBegin: {
    cite: "mm/huge_memory.c split_huge_page_to_list, can_split_folio",
    rows:
      `self ${SPLIT}:10/0 folio_get_anon_vma:1/0 folio_mapped:1/0 | tail1 folio_mapped:1/0 | ` +
      "self folio_mapped:1/0 | tail1 folio_mapped:1/0 | self can_split_folio:3/0 folio_mapcount:1/0 | tail1 " +
      "folio_mapcount:1/0 | self PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self folio_mapcount:1/0 | tail1 " +
      "folio_mapcount:1/0",
  },
  splitUnmap: {
    cite: "mm/huge_memory.c unmap_folio, mm/rmap.c rmap_walk_anon, try_to_migrate_one",
    rows:
      "self folio_mapcount:1/0 | tail1 folio_mapcount:1/0 | self can_split_folio:1/0 " +
      `${SPLIT}:1/0 try_to_migrate:2/0 folio_anon_vma:1/0 PageHeadHuge:1/0 | tail1 ` +
      "PageHeadHuge:1/0 | self rmap_walk_anon:2/0 | tail1 rmap_walk_anon:1/0 | self rmap_walk_anon:1/0 | tail1 " +
      "rmap_walk_anon:1/0 | self PageHuge:2/0 | tail1 PageHuge:1/0 | self rmap_walk_anon:2/0 " +
      "try_to_migrate_one:1/0 | tail1 try_to_migrate_one:1/0 | self PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | " +
      "self try_to_migrate_one:1/0",
  },
  splitUnmapPmd: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: migration entries",
    rows:
      "self __split_huge_pmd:1/0 _compound_head:1/0 __split_huge_pmd:2/2 _compound_head:1/0 " +
      "__split_huge_pmd:2/0 _compound_head:1/0 __split_huge_pmd:1/0 | tail1 __split_huge_pmd:1/0 | self " +
      "__split_huge_pmd:2/2",
  },
  splitUnmapPmdTail: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: mapcount of each page",
    rows: "sub __split_huge_pmd:1/1",
  },
  splitUnmapPmdDone: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked, page_remove_rmap of the head",
    rows:
      "self _compound_head:1/0 | tail1 __split_huge_pmd:1/0 | self lock_page_memcg:1/0 " +
      "folio_memcg_lock.part.0:1/0 | tail1 __split_huge_pmd:1/1 | self __mod_lruvec_page_state:4/0 | tail1 " +
      "__split_huge_pmd:1/1 | self unlock_page_memcg:1/0 folio_memcg_unlock:1/0 lock_page_memcg:1/0 " +
      "folio_memcg_lock.part.0:1/0 page_remove_rmap:3/1 __mod_lruvec_page_state:4/0 page_remove_rmap:2/0 " +
      "deferred_split_huge_page:10/0 | tail2 deferred_split_huge_page:1/0 | self deferred_split_huge_page:1/0 " +
      "unlock_page_memcg:1/0 folio_memcg_unlock:1/0 __split_huge_pmd:2/1",
  },
  splitUnmapSub: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: page_remove_rmap, put_page of each tail",
    rows:
      "sub lock_page_memcg:1/0 | self folio_memcg_lock.part.0:1/0 | sub page_remove_rmap:1/0 | self " +
      "page_remove_rmap:1/0 | sub page_remove_rmap:1/1 __mod_lruvec_page_state:2/0 | self " +
      "__mod_lruvec_page_state:2/0 | sub page_remove_rmap:3/0 | self deferred_split_huge_page:10/0 | tail2 " +
      "deferred_split_huge_page:1/0 | sub unlock_page_memcg:1/0 | self folio_memcg_unlock:1/0 | sub " +
      "__split_huge_pmd:1/0 | self __split_huge_pmd:1/1",
  },
  splitUnmapPte: {
    cite: "mm/rmap.c try_to_migrate_one: the head, mapped by a page table entry",
    rows:
      "self PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self try_to_migrate_one:3/0 PageHeadHuge:1/0 | tail1 " +
      "PageHeadHuge:1/0 | self try_to_migrate_one:3/0 | tail1 try_to_migrate_one:1/0 | self " +
      "try_to_migrate_one:1/1 PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self try_to_migrate_one:1/0 | tail1 " +
      "try_to_migrate_one:1/0 | self PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self lock_page_memcg:1/0 " +
      "folio_memcg_lock.part.0:1/0 page_remove_rmap:3/1 __mod_lruvec_page_state:4/0 page_remove_rmap:2/0 " +
      "deferred_split_huge_page:10/0 | tail2 deferred_split_huge_page:1/0 | self unlock_page_memcg:1/0 " +
      "folio_memcg_unlock:1/0",
  },
  splitUnmapPteSub: {
    cite: "mm/rmap.c try_to_migrate_one: each mapped tail",
    rows:
      "self try_to_migrate_one:3/1 | sub try_to_migrate_one:1/0 | self PageHeadHuge:1/0 | tail1 " +
      "PageHeadHuge:1/0 | sub try_to_migrate_one:2/0 | self try_to_migrate_one:1/0 | tail1 " +
      "try_to_migrate_one:1/0 | sub try_to_migrate_one:1/1 | self PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | " +
      "self try_to_migrate_one:1/0 | tail1 try_to_migrate_one:1/0 | self PageHeadHuge:1/0 | tail1 " +
      "PageHeadHuge:1/0 | sub lock_page_memcg:1/0 | self folio_memcg_lock.part.0:1/0 | sub page_remove_rmap:1/0 " +
      "| self page_remove_rmap:1/0 | sub page_remove_rmap:1/1 __mod_lruvec_page_state:2/0 | self " +
      "__mod_lruvec_page_state:2/0 | sub page_remove_rmap:3/0 | self deferred_split_huge_page:10/0 | tail2 " +
      "deferred_split_huge_page:1/0 | sub unlock_page_memcg:1/0 | self folio_memcg_unlock:1/0",
  },
  splitUnmapped: {
    cite: "mm/rmap.c try_to_migrate_one: put_page; mm/util.c folio_mapped",
    rows:
      "self try_to_migrate_one:1/1 PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self folio_mapped:1/0 | tail1 " +
      "folio_mapped:1/0 | self PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self folio_mapped:1/0 | tail1 " +
      "folio_mapped:1/0",
  },
  splitUnmappedSub: {
    cite: "mm/util.c folio_mapped: of each page",
    rows: "sub folio_mapped:1/0",
  },
  splitFreeze: {
    cite: "mm/huge_memory.c split_huge_page_to_list: folio_ref_freeze",
    rows: `self ${SPLIT}:1/1 | tail2 ${SPLIT}:1/0`,
  },
  splitDequeue: {
    cite: "mm/huge_memory.c split_huge_page_to_list: off the deferred list",
    rows:
      "self __list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next __list_del_entry_valid:1/0 | " +
      `self ${SPLIT}:2/0 | next ${SPLIT}:0/1 | prev ${SPLIT}:0/1 | ` +
      `self ${SPLIT}:0/2`,
  },
  splitMemcg: {
    cite: "mm/memcontrol.c split_page_memcg",
    rows: `self ${SPLIT}:2/0 | tail1 ${SPLIT}:1/0 | self split_page_memcg:2/0`,
  },
  splitMemcgSub: {
    cite: "mm/memcontrol.c split_page_memcg: each tail",
    rows: "sub split_page_memcg:0/1 | self split_page_memcg:1/0",
  },
  splitLock: {
    cite: "mm/huge_memory.c __split_huge_page: lruvec lock, ClearPageCompound",
    rows: `self ${SPLIT}:2/0 _compound_head:1/0 ${SPLIT}:2/0 folio_lruvec_lock:2/0 | ` + `tail1 ${SPLIT}:1/1`,
  },
  splitTail: {
    cite: "mm/huge_memory.c __split_huge_page_tail, lru_add_page_tail: before the head",
    rows:
      `sub ${SPLIT}:1/1 | self ${SPLIT}:1/0 | sub ${SPLIT}:0/1 | ` +
      `self ${SPLIT}:1/0 | sub ${SPLIT}:0/1 | self ${SPLIT}:1/0 | ` +
      `sub ${SPLIT}:0/1 | self ${SPLIT}:3/0 | sub ${SPLIT}:0/2 | ` +
      `self ${SPLIT}:5/0 | sub ${SPLIT}:0/1 | self ${SPLIT}:3/0 | ` +
      `sub page_cpupid_xchg_last:2/1 ${SPLIT}:2/0 | self ${SPLIT}:1/0 ` +
      `__list_add_valid:1/0 | prev __list_add_valid:1/0 | self ${SPLIT}:0/1 | sub ` +
      `${SPLIT}:0/2 | prev ${SPLIT}:0/1 | sub ${SPLIT}:3/1 | self ` +
      `${SPLIT}:2/0`,
  },
  splitRemap: {
    cite: "mm/huge_memory.c remap_page, mm/migrate.c remove_migration_pte: the head",
    rows:
      `self ${SPLIT}:9/2 rmap_walk_locked:1/0 folio_anon_vma:1/0 PageHeadHuge:1/0 ` +
      "rmap_walk_anon:3/0 PageHuge:2/0 rmap_walk_anon:2/0 remove_migration_pte:1/0 PageHeadHuge:1/0 " +
      "remove_migration_pte:5/1 PageHeadHuge:1/0 remove_migration_pte:1/0 page_add_anon_rmap:3/1 " +
      "__mod_lruvec_page_state:4/0 page_add_anon_rmap:2/0 __page_set_anon_rmap:3/1 page_add_anon_rmap:1/0 " +
      "remove_migration_pte:1/0 remap_page.part.0:2/0",
  },
  splitRemapSub: {
    cite: "mm/huge_memory.c remap_page, mm/migrate.c remove_migration_pte: a tail that was mapped",
    rows:
      "sub rmap_walk_locked:1/0 folio_anon_vma:1/0 PageHeadHuge:1/0 rmap_walk_anon:3/0 PageHuge:2/0 " +
      "rmap_walk_anon:2/0 remove_migration_pte:1/0 PageHeadHuge:1/0 remove_migration_pte:5/1 PageHeadHuge:1/0 " +
      "remove_migration_pte:1/0 page_add_anon_rmap:3/1 __mod_lruvec_page_state:4/0 page_add_anon_rmap:2/0 " +
      "__page_set_anon_rmap:3/1 page_add_anon_rmap:1/0 remove_migration_pte:1/0 remap_page.part.0:2/0",
  },
  splitRemapZero: {
    cite: "mm/huge_memory.c remap_page: this version keeps pages that hold zeroes",
    rows: "",
  },
  splitRemapNone: {
    cite: "mm/huge_memory.c remap_page: not mapped",
    rows:
      "sub rmap_walk_locked:1/0 folio_anon_vma:1/0 PageHeadHuge:1/0 rmap_walk_anon:3/0 PageHuge:2/0 " +
      "rmap_walk_anon:2/0 remove_migration_pte:1/0 PageHeadHuge:1/0 remove_migration_pte:1/0 " +
      "remap_page.part.0:2/0",
  },
  splitEnd: {
    cite: "mm/huge_memory.c __split_huge_page",
    rows: `self ${SPLIT}:3/0`,
  },
  splitKeepSub: {
    cite: "mm/huge_memory.c __split_huge_page: unlock_page, free_page_and_swap_cache",
    rows: "sub unlock_page:1/0 folio_unlock:1/1 free_swap_cache:3/0 free_page_and_swap_cache:2/1",
  },
  splitFreeSub: {
    cite: "mm/huge_memory.c __split_huge_page: free_page_and_swap_cache of a page that nobody maps",
    rows:
      "self unlock_page:1/0 folio_unlock:1/1 free_swap_cache:3/0 free_page_and_swap_cache:2/1 __folio_put:3/0 " +
      `folio_lruvec_lock_irqsave:2/0 ${RELEASE}:3/0 lru_gen_del_folio.constprop.0:1/0 ` +
      "__list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next __list_del_entry_valid:1/0 | self " +
      `${RELEASE}:2/0 | next ${RELEASE}:0/1 | prev ` +
      `${RELEASE}:0/1 | self ${RELEASE}:6/5 __mem_cgroup_uncharge:1/0 ` +
      "uncharge_folio:4/1 free_pcp_prepare:5/3 free_unref_page:1/1",
  },
  splitCallerEnd: {
    cite: "mm/huge_memory.c split_huge_pages_pid: unlock_page, put_page",
    rows: "self unlock_page:1/0 folio_unlock:1/1 split_huge_pages_write:2/1",
  },
  splitCallerSub: {
    cite: "mm/huge_memory.c split_huge_pages_pid: the address range goes on, page by page",
    rows: "sub try_grab_page:3/1 split_huge_pages_write:4/1",
  },
} satisfies Partial<StepTable>;
