import { SPLIT_6_1 } from "../6.1/split.ts";
import type { StepTable } from "../table.ts";

// Linux 6.12: transparent huge pages split into small pages.

const SPLIT = "split_huge_page_to_list_to_order";
const ADD = "__list_add_valid_or_report";
const DEL = "__list_del_entry_valid_or_report";
const RELEASE = "__page_cache_release.part.0";

export const SPLIT_6_12 = {
  ...SPLIT_6_1,
  splitCaller: {
    cite: "mm/huge_memory.c split_huge_pages_pid: folio_walk_start, can_split_folio",
    rows:
      "self folio_walk_start:1/0 split_huge_pages_write:1/0 | tail1 split_huge_pages_write:1/0 | self " +
      "split_huge_pages_write:2/0 | tail1 split_huge_pages_write:1/0 | self split_huge_pages_write:1/0 " +
      "can_split_folio:4/0 | tail1 can_split_folio:1/0 | self can_split_folio:1/0 split_huge_pages_write:3/2",
  },
  splitCount: {
    cite: "include/linux/mm.h folio_mapcount: one number for all pages in this version",
    rows: "",
  },
  splitCallerReady: {
    cite: "mm/huge_memory.c split_huge_pages_pid: with splitCaller",
    rows: "",
  },
  splitBegin: {
    cite: "mm/huge_memory.c split_huge_page_to_list_to_order, can_split_folio",
    rows:
      `self ${SPLIT}:7/0 | tail1 ${SPLIT}:1/0 | self ` +
      `${SPLIT}:1/0 | tail1 ${SPLIT}:1/0 | self ` +
      `${SPLIT}:4/0 folio_get_anon_vma:2/0 | tail1 folio_get_anon_vma:1/0 | self ` +
      "folio_get_anon_vma:1/0 | tail1 folio_get_anon_vma:1/0 | self can_split_folio:4/0 | tail1 " +
      `can_split_folio:1/0 | self can_split_folio:1/0 ${SPLIT}:1/0 | tail1 ` +
      `${SPLIT}:1/0`,
  },
  splitUnmap: {
    cite: "mm/huge_memory.c unmap_folio, mm/rmap.c rmap_walk_anon, try_to_migrate_one",
    rows:
      `self ${SPLIT}:1/0 try_to_migrate:2/0 folio_anon_vma:1/0 rmap_walk_anon:2/0 | ` +
      "tail1 rmap_walk_anon:1/0 | self rmap_walk_anon:1/0 | tail1 rmap_walk_anon:1/0 | self " +
      "try_to_migrate_one:1/0 | tail1 try_to_migrate_one:1/0",
  },
  splitUnmapPmd: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: migration entries, mm/rmap.c folio_remove_rmap_pmd",
    rows:
      "self try_to_migrate_one:1/0 split_huge_pmd_locked:3/1 PageHuge:2/0 split_huge_pmd_locked:2/0 | tail1 " +
      "split_huge_pmd_locked:1/0 | self split_huge_pmd_locked:1/1 | tail1 folio_remove_rmap_pmd:3/3 | self " +
      "folio_remove_rmap_pmd:1/0 | tail1 folio_remove_rmap_pmd:1/0 | self __folio_mod_stat:1/0 " +
      "__lruvec_stat_mod_folio:2/0 __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 split_huge_pmd_locked:1/0 " +
      "folio_put:1/1 try_to_migrate_one:1/0",
  },
  splitUnmapPmdTail: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: nothing for each page in this version",
    rows: "",
  },
  splitUnmapPmdDone: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: with splitUnmapPmd",
    rows: "",
  },
  splitUnmapSub: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: nothing for each page in this version",
    rows: "",
  },
  splitUnmapPte: {
    cite: "mm/rmap.c try_to_migrate_one: the head, mapped by a page table entry",
    rows:
      "self try_to_migrate_one:8/0 folio_mapping:4/0 folio_mark_dirty:1/0 try_to_migrate_one:3/0 | tail1 " +
      "try_to_migrate_one:1/0 | self try_to_migrate_one:2/1 | tail1 try_to_migrate_one:1/0 | self " +
      "try_to_migrate_one:1/0 folio_remove_rmap_ptes:1/0 | tail1 folio_remove_rmap_ptes:1/1 | self " +
      "folio_remove_rmap_ptes:1/1 | tail1 folio_remove_rmap_ptes:1/1",
  },
  splitUnmapPteSub: {
    cite: "mm/rmap.c try_to_migrate_one: each mapped tail",
    rows:
      "self folio_remove_rmap_ptes:1/0 | tail1 folio_remove_rmap_ptes:2/0 | self __lruvec_stat_mod_folio:2/0 " +
      "try_to_migrate_one:4/1 | sub try_to_migrate_one:1/0 | self try_to_migrate_one:1/0 | sub " +
      "try_to_migrate_one:1/0 | self folio_mapping:4/0 folio_mark_dirty:1/0 | sub try_to_migrate_one:1/0 | self " +
      "try_to_migrate_one:2/0 | tail1 try_to_migrate_one:1/0 | sub try_to_migrate_one:1/1 | self " +
      "try_to_migrate_one:1/0 | tail1 try_to_migrate_one:1/0 | self try_to_migrate_one:1/0 " +
      "folio_remove_rmap_ptes:1/0 | tail1 folio_remove_rmap_ptes:1/1 | sub folio_remove_rmap_ptes:1/1 | tail1 " +
      "folio_remove_rmap_ptes:1/1",
  },
  splitUnmapped: {
    cite: "include/linux/mm.h folio_not_mapped",
    rows: "self folio_not_mapped:1/0 | tail1 folio_not_mapped:1/0",
  },
  splitUnmappedSub: {
    cite: "include/linux/mm.h folio_mapped: one number for all pages in this version",
    rows: "",
  },
  splitFreeze: {
    cite: "mm/huge_memory.c split_huge_page_to_list_to_order: folio_ref_freeze, off the deferred list",
    rows: `self ${SPLIT}:2/1 | tail1 ${SPLIT}:1/0 | tail2 ` + `${SPLIT}:1/0 | tail1 ${SPLIT}:1/0`,
  },
  splitDequeue: {
    cite: "mm/huge_memory.c split_huge_page_to_list_to_order: off the deferred list",
    rows:
      `self ${DEL}:2/0 | prev ${DEL}:1/0 | next ` +
      `${DEL}:1/0 | self ${SPLIT}:2/0 | next ` +
      `${SPLIT}:0/1 | prev ${SPLIT}:0/1 | self ` +
      `${SPLIT}:0/2`,
  },
  splitMemcg: {
    cite: "mm/memcontrol.c split_page_memcg",
    rows:
      `self ${SPLIT}:1/0 | tail1 ${SPLIT}:1/0 | self ` +
      `${SPLIT}:1/0 | tail1 ${SPLIT}:1/0 | self ` +
      "split_page_memcg:2/0",
  },
  splitLock: {
    cite: "mm/huge_memory.c __split_huge_page: lruvec lock, ClearPageCompound",
    rows: `self ${SPLIT}:3/0 folio_lruvec_lock:2/0 | tail1 ${SPLIT}:1/1`,
  },
  splitTail: {
    cite: "mm/huge_memory.c __split_huge_page_tail, lru_add_page_tail: before the head",
    rows:
      `sub ${SPLIT}:1/1 | self ${SPLIT}:1/0 | sub ` +
      `${SPLIT}:0/1 | self ${SPLIT}:1/0 | sub ` +
      `${SPLIT}:0/1 | self ${SPLIT}:1/0 | sub ` +
      `${SPLIT}:1/1 | self ${SPLIT}:2/0 | sub ` +
      `${SPLIT}:0/1 | self ${SPLIT}:3/0 | sub ` +
      `${SPLIT}:0/1 | self ${SPLIT}:3/0 | sub ` +
      `folio_xchg_last_cpupid:2/1 | self ${SPLIT}:2/0 ${ADD}:1/0 | ` +
      `prev ${ADD}:1/0 | self ${SPLIT}:0/1 | sub ` +
      `${SPLIT}:0/2 | prev ${SPLIT}:0/1 | sub ` +
      `${SPLIT}:3/1 | self ${SPLIT}:2/0`,
  },
  splitRemap: {
    cite: "mm/huge_memory.c remap_page, mm/migrate.c remove_migration_pte: the head",
    rows:
      `self ${SPLIT}:9/2 rmap_walk_locked:1/0 folio_anon_vma:1/0 rmap_walk_anon:3/0 ` +
      "remove_migration_pte:11/1 folio_add_anon_rmap_ptes:3/1 __lruvec_stat_mod_folio:2/0 " +
      "folio_add_anon_rmap_ptes:2/1 remove_migration_pte:1/0 remap_page.part.0:2/0",
  },
  splitRemapSub: {
    cite: "mm/huge_memory.c remap_page, mm/migrate.c remove_migration_pte: a tail that was mapped",
    rows:
      "sub rmap_walk_locked:1/0 folio_anon_vma:1/0 rmap_walk_anon:3/0 remove_migration_pte:11/1 " +
      "folio_add_anon_rmap_ptes:3/1 __lruvec_stat_mod_folio:2/0 folio_add_anon_rmap_ptes:2/1 " +
      "remove_migration_pte:1/0 remap_page.part.0:2/0",
  },
  splitRemapZero: {
    cite: "mm/huge_memory.c remap_page, mm/migrate.c try_to_map_unused_to_zeropage: a tail that holds zeroes",
    rows: "sub rmap_walk_locked:1/0 folio_anon_vma:1/0 rmap_walk_anon:3/0 remove_migration_pte:8/0 remap_page.part.0:2/0",
  },
  splitRemapNone: {
    cite: "mm/huge_memory.c remap_page: not mapped",
    rows: "sub rmap_walk_locked:1/0 folio_anon_vma:1/0 rmap_walk_anon:3/0 remove_migration_pte:2/0 remap_page.part.0:2/0",
  },
  splitEnd: {
    cite: "mm/huge_memory.c __split_huge_page",
    rows: `self ${SPLIT}:1/0`,
  },
  splitKeepSub: {
    cite: "mm/huge_memory.c __split_huge_page: folio_unlock, free_page_and_swap_cache",
    rows:
      `sub ${SPLIT}:1/0 folio_unlock:1/1 free_page_and_swap_cache:1/0 ` +
      "free_swap_cache:2/0 free_page_and_swap_cache:1/1",
  },
  splitFreeSub: {
    cite: "mm/huge_memory.c __split_huge_page: free_page_and_swap_cache of a page that nobody maps",
    rows:
      `self ${SPLIT}:1/0 folio_unlock:1/1 free_page_and_swap_cache:1/0 ` +
      "free_swap_cache:2/0 free_page_and_swap_cache:1/1 __folio_put:3/0 folio_lruvec_lock_irqsave:2/0 " +
      `${RELEASE}:3/0 lru_gen_del_folio.constprop.0:6/1 ${DEL}:2/0 | ` +
      `prev ${DEL}:1/0 | next ${DEL}:1/0 | self ` +
      "lru_gen_del_folio.constprop.0:2/0 | next lru_gen_del_folio.constprop.0:0/1 | prev " +
      "lru_gen_del_folio.constprop.0:0/1 | self lru_gen_del_folio.constprop.0:0/2 " +
      `${RELEASE}:5/3 __folio_put:1/0 __mem_cgroup_uncharge:1/0 uncharge_folio:5/1 ` +
      "__folio_put:1/0 free_unref_page:15/3",
  },
  splitCallerEnd: {
    cite: "mm/huge_memory.c split_huge_pages_pid: folio_unlock, folio_put",
    rows: "self folio_unlock:1/1 split_huge_pages_write:1/1",
  },
  splitCallerSub: {
    cite: "mm/huge_memory.c split_huge_pages_pid: the address range goes on, page by page",
    rows: "",
  },
} satisfies Partial<StepTable>;
