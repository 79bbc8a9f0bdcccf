import { listAddHead, listDel, type StepTable } from "../table.ts";

// Linux 6.1: tmpfs, truncation, reclaim, reads of the page cache.

const DEL = "__list_del_entry_valid";
const ADD = "__list_add_valid";

export const FILE_6_1 = {
  shmemAlloc: {
    cite: "mm/shmem.c shmem_get_folio_gfp, shmem_add_to_page_cache",
    rows:
      "self shmem_alloc_and_acct_folio:2/2 shmem_get_folio_gfp:2/1 shmem_add_to_page_cache:9/3 charge_memcg:2/1 " +
      "__cgroup_throttle_swaprate:1/0 shmem_add_to_page_cache:1/0 __mod_lruvec_page_state:8/0",
  },
  shmemAddLru: { cite: "mm/swap.c folio_add_lru", rows: "self folio_add_lru:2/1" },
  shmemAddLruFull: { cite: "mm/swap.c folio_add_lru, batch full", rows: "self folio_add_lru:1/1" },
  shmemWritten: {
    cite: "mm/shmem.c shmem_write_begin, shmem_write_end",
    rows:
      "self shmem_get_folio_gfp:3/0 PageHeadHuge:1/0 shmem_write_begin:2/0 shmem_write_end:6/1 set_page_dirty:1/0 " +
      "folio_mapping:4/0 folio_mark_dirty:1/0 noop_dirty_folio:2/1 unlock_page:1/0 folio_unlock:1/1 " +
      "shmem_write_end:2/1",
  },
  shmemRead: {
    cite: "mm/shmem.c shmem_file_read_iter",
    rows:
      "self __filemap_get_folio:4/2 shmem_get_folio_gfp:1/0 folio_unlock:1/1 PageHeadHuge:1/0 " +
      "shmem_file_read_iter:2/0",
  },
  shmemReadInactive: {
    cite: "mm/swap.c folio_mark_accessed: to the activate batch",
    rows: "self folio_mark_accessed:4/0 folio_activate:5/1",
  },
  shmemReadInactiveFull: {
    cite: "mm/swap.c folio_mark_accessed: fills the activate batch",
    rows: "self folio_mark_accessed:4/0 folio_activate:4/1",
  },
  shmemReadPending: {
    cite: "mm/swap.c __lru_cache_activate_folio: still in the add batch",
    rows: "self folio_mark_accessed:6/2 workingset_activation:4/0",
  },
  shmemReadActive: {
    cite: "mm/swap.c folio_mark_accessed: sets PG_referenced",
    rows: "self folio_mark_accessed:3/1",
  },
  shmemReadDone: { cite: "mm/shmem.c shmem_file_read_iter: folio_put", rows: "self shmem_file_read_iter:1/1" },
  activateFirst: {
    cite: "mm/swap.c folio_batch_move_lru",
    rows: "self folio_batch_move_lru:1/1 folio_lruvec_lock_irqsave:2/0",
  },
  activateAgain: { cite: "mm/swap.c folio_batch_move_lru: same lruvec", rows: "self folio_batch_move_lru:3/1" },
  activateMove: {
    cite: "mm/swap.c folio_activate_fn",
    rows:
      `self folio_activate_fn:6/0 lru_gen_del_folio.constprop.0:1/0 | ${listDel(DEL, "folio_activate_fn")} | ` +
      "self folio_activate_fn:6/3 lru_gen_add_folio:3/0 folio_activate_fn:2/0 | " +
      `${listAddHead(ADD, "folio_activate_fn")} folio_batch_move_lru:1/1`,
  },
  activatePut: {
    cite: "mm/swap.c folio_mark_accessed after folio_activate",
    rows: "self folio_mark_accessed:1/1 workingset_activation:4/0",
  },
  truncateFind: { cite: "mm/filemap.c find_lock_entries", rows: "self find_lock_entries:7/2" },
  truncateFolio: {
    cite: "mm/truncate.c truncate_inode_folio",
    rows:
      "self shmem_undo_range:1/0 truncate_inode_folio:1/0 folio_mapped:2/0 folio_mapping:4/0 " +
      "truncate_cleanup_folio:2/0 folio_mapping:4/0 __folio_cancel_dirty:1/1 truncate_cleanup_folio:1/1 " +
      "filemap_remove_folio:2/0 __filemap_remove_folio:1/0 folio_mapped:2/0 PageHeadHuge:1/0 " +
      "filemap_unaccount_folio:1/0 __mod_lruvec_page_state:4/0 filemap_unaccount_folio:1/0 " +
      "__mod_lruvec_page_state:4/0 filemap_unaccount_folio:2/0 __filemap_remove_folio:1/0 PageHeadHuge:1/0 " +
      "__filemap_remove_folio:3/1 filemap_free_folio:2/1 folio_unlock:1/1",
  },
  reclaimIsolate: {
    cite: "mm/vmscan.c isolate_lru_folios",
    rows: `self isolate_lru_folios:8/2 | ${listDel(DEL, "isolate_lru_folios")}`,
  },
  reclaimIsolated: { cite: "mm/vmscan.c isolate_lru_folios", rows: listAddHead(ADD, "isolate_lru_folios") },
  reclaimTake: { cite: "mm/vmscan.c shrink_folio_list", rows: listDel(DEL, "shrink_folio_list") },
  reclaimFolio: {
    cite: "mm/vmscan.c shrink_folio_list: clean page cache",
    rows:
      "self shrink_folio_list:2/3 folio_mapping:3/0 shrink_folio_list:7/0 folio_mapcount:2/0 shrink_folio_list:4/1 " +
      "folio_mapped:2/0 shrink_folio_list:2/0 folio_mapping:3/0 shrink_folio_list:1/0 folio_mapping:3/0 " +
      "shrink_folio_list:2/0 __remove_mapping:1/0 folio_mapping:3/0 __remove_mapping:6/1 workingset_eviction:3/0 " +
      "__filemap_remove_folio:1/0 folio_mapped:2/0 PageHeadHuge:1/0 filemap_unaccount_folio:1/0 " +
      "__mod_lruvec_page_state:4/0 filemap_unaccount_folio:3/0 __filemap_remove_folio:1/0 PageHeadHuge:1/0 " +
      "__filemap_remove_folio:3/1 folio_unlock:1/1 shrink_folio_list:1/0",
  },
  reclaimLink: { cite: "mm/vmscan.c shrink_folio_list: free_folios", rows: listAddHead(ADD, "shrink_folio_list") },
  fileAdd: {
    cite: "mm/readahead.c page_cache_ra_unbounded, mm/filemap.c filemap_add_folio",
    rows:
      "self filemap_add_folio:1/1 PageHeadHuge:1/0 charge_memcg:2/1 __filemap_add_folio:3/3 __mod_lruvec_page_state:4/0 " +
      "__filemap_add_folio:1/0 filemap_add_folio:1/0 page_cache_ra_unbounded:1/0",
  },
  fileMap: { cite: "fs/ext4/readpage.c ext4_mpage_readpages", rows: "self ext4_mpage_readpages:7/2" },
  fileEndIo: {
    cite: "fs/ext4/readpage.c __read_end_io",
    rows: "self __read_end_io:3/1 unlock_page:1/0 folio_unlock:1/1",
  },
  fileFind: { cite: "mm/filemap.c filemap_get_read_batch", rows: "self filemap_get_read_batch:6/1" },
  fileMark: {
    cite: "mm/filemap.c filemap_read: folio_mark_accessed",
    rows: "self filemap_read:2/0 folio_mark_accessed:2/1",
  },
  fileReadDone: { cite: "mm/filemap.c filemap_read: folio_put", rows: "self filemap_read:1/1" },
} satisfies Partial<StepTable>;
