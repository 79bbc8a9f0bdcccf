import { FILE_6_1 } from "../6.1/file.ts";
import { listAddHead, listDel, type StepTable } from "../table.ts";

// Linux 6.12: tmpfs, truncation, reclaim, reads of the page cache.

const DEL = "__list_del_entry_valid_or_report";
const ADD = "__list_add_valid_or_report";

export const FILE_6_12 = {
  ...FILE_6_1,
  shmemAlloc: {
    cite: "mm/shmem.c shmem_get_folio_gfp, shmem_alloc_and_add_folio",
    rows:
      "self folio_alloc_mpol_noprof:1/0 shmem_alloc_and_add_folio:2/2 __mem_cgroup_charge:1/1 " +
      "shmem_add_to_page_cache:7/3 __folio_throttle_swaprate:1/0 shmem_update_stats:1/0 __lruvec_stat_mod_folio:4/0",
  },
  shmemAddLru: {
    cite: "mm/swap.c folio_add_lru: not faulted in",
    rows: "self folio_add_lru:1/0 __folio_batch_add_and_move:2/1",
  },
  shmemAddLruFull: {
    cite: "mm/swap.c folio_add_lru: not faulted in, batch full",
    rows: "self folio_add_lru:1/0 __folio_batch_add_and_move:1/1",
  },
  shmemWritten: {
    cite: "mm/shmem.c shmem_write_begin, shmem_write_end",
    rows:
      "self shmem_get_folio_gfp:2/1 shmem_write_begin:2/0 generic_perform_write:3/0 shmem_write_end:3/1 " +
      "folio_mapping:4/0 folio_mark_dirty:1/0 noop_dirty_folio:2/1 folio_unlock:1/1 shmem_write_end:1/1",
  },
  shmemRead: {
    cite: "mm/shmem.c shmem_file_read_iter",
    rows: "self filemap_get_entry:3/1 shmem_get_folio_gfp:3/1 folio_unlock:1/1 shmem_file_read_iter:2/0",
  },
  shmemReadInactive: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
  shmemReadInactiveFull: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
  shmemReadPending: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
  shmemReadActive: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
  activateFirst: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
  activateAgain: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
  activateMove: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
  activatePut: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
  truncateFind: { cite: "mm/filemap.c find_lock_entries", rows: "self find_lock_entries:8/2" },
  truncateFolio: {
    cite: "mm/truncate.c truncate_inode_folio",
    rows:
      "self truncate_inode_folio:1/0 truncate_cleanup_folio:2/0 folio_mapping:4/0 truncate_cleanup_folio:2/0 " +
      "folio_mapping:4/0 __folio_cancel_dirty:1/1 truncate_cleanup_folio:1/1 filemap_remove_folio:2/0 " +
      "__filemap_remove_folio:1/0 filemap_unaccount_folio:4/0 __lruvec_stat_mod_folio:2/0 " +
      "filemap_unaccount_folio:1/0 __lruvec_stat_mod_folio:2/0 filemap_unaccount_folio:2/0 " +
      "__filemap_remove_folio:4/1 filemap_free_folio:2/1 folio_unlock:1/1",
  },
  reclaimIsolate: {
    cite: "mm/vmscan.c isolate_folios",
    rows:
      "self isolate_folios:6/0 folio_mapping:3/0 isolate_folios:7/3 lru_gen_del_folio:6/1 | " +
      `${listDel(DEL, "lru_gen_del_folio")} | self lru_gen_del_folio:0/2`,
  },
  reclaimIsolated: { cite: "mm/vmscan.c isolate_folios", rows: listAddHead(ADD, "isolate_folios") },
  reclaimTake: { cite: "mm/vmscan.c shrink_folio_list", rows: listDel(DEL, "shrink_folio_list") },
  reclaimFolio: {
    cite: "mm/vmscan.c shrink_folio_list: clean page cache",
    rows:
      "self shrink_folio_list:4/3 folio_mapping:3/0 shrink_folio_list:9/0 folio_referenced:2/0 shrink_folio_list:6/1 " +
      "folio_mapping:3/0 shrink_folio_list:1/0 folio_mapping:3/0 shrink_folio_list:2/0 __remove_mapping:1/0 " +
      "folio_mapping:3/0 __remove_mapping:6/1 workingset_eviction:5/0 __filemap_remove_folio:1/0 " +
      "filemap_unaccount_folio:4/0 __lruvec_stat_mod_folio:2/0 filemap_unaccount_folio:3/0 " +
      "__filemap_remove_folio:4/1 folio_unlock:1/1 shrink_folio_list:1/0",
  },
  reclaimLink: { cite: "mm/vmscan.c shrink_folio_list: the batch is an array", rows: "" },
  fileAdd: {
    cite: "mm/readahead.c page_cache_ra_unbounded, mm/filemap.c filemap_add_folio",
    rows:
      "self folio_alloc_noprof:1/0 __mem_cgroup_charge:1/1 filemap_add_folio:1/1 __filemap_add_folio:4/3 " +
      "__lruvec_stat_mod_folio:2/0 __filemap_add_folio:1/0 filemap_add_folio:1/0 page_cache_ra_unbounded:1/0",
  },
  fileMap: { cite: "fs/ext4/readpage.c ext4_mpage_readpages", rows: "self ext4_mpage_readpages:5/2" },
  fileEndIo: { cite: "fs/ext4/readpage.c __read_end_io", rows: "self __read_end_io:2/0 folio_end_read:1/1" },
  fileFind: { cite: "mm/filemap.c filemap_get_read_batch", rows: "self filemap_get_read_batch:7/1" },
  fileMark: {
    cite: "mm/filemap.c filemap_read: folio_mark_accessed",
    rows: "self filemap_read:2/0 folio_mark_accessed:4/1",
  },
} satisfies Partial<StepTable>;
