import { listAddHead, listAddTail, listDel, type StepTable } from "../table.ts";

// Linux 6.1: the buddy allocator and its pcp lists.

const DEL = "__list_del_entry_valid";
const ADD = "__list_add_valid";
const PAGE_ALLOC = "mm/page_alloc.c";
const STEAL = "steal_suitable_fallback";
const SCAN = "move_freepages_block";

export const ALLOCATOR_6_1 = {
  refillRemove: {
    cite: `${PAGE_ALLOC} __rmqueue_smallest, del_page_from_free_list`,
    rows: `${listDel(DEL, "rmqueue_bulk")} | self rmqueue_bulk:1/4`,
  },
  refillSplit: {
    cite: `${PAGE_ALLOC} expand: upper half to the head of the next lower list`,
    rows: `next ${ADD}:1/0 rmqueue_bulk:0/1 | self rmqueue_bulk:1/4`,
  },
  refillCheck: { cite: `${PAGE_ALLOC} check_pcp_refill`, rows: "self rmqueue_bulk:0/1 check_new_pages:5/0" },
  refillCheckTail: { cite: `${PAGE_ALLOC} check_new_pages`, rows: "self check_new_pages:5/0" },
  refillLink: { cite: `${PAGE_ALLOC} rmqueue_bulk`, rows: listAddTail(ADD, "rmqueue_bulk") },
  pcpTake: { cite: `${PAGE_ALLOC} __rmqueue_pcplist`, rows: listDel(DEL, "get_page_from_freelist") },
  pcpPrep: { cite: `${PAGE_ALLOC} post_alloc_hook`, rows: "self get_page_from_freelist:1/5" },
  pcpPrepTail: { cite: `${PAGE_ALLOC} check_new_pcp: off`, rows: "" },
  pcpAdd: { cite: `${PAGE_ALLOC} free_unref_page_commit`, rows: listAddHead(ADD, "free_unref_page_commit") },
  drainTake: {
    cite: `${PAGE_ALLOC} free_pcppages_bulk, bulkfree_pcp_prepare`,
    rows: `self free_pcppages_bulk:1/0 | ${listDel(DEL, "free_pcppages_bulk")} | self free_pcppages_bulk:5/2`,
  },
  mergePeekBusy: { cite: `${PAGE_ALLOC} page_is_buddy: no buddy`, rows: "self __free_one_page:1/0" },
  mergePeekFree: { cite: `${PAGE_ALLOC} page_is_buddy: buddy of some order`, rows: "self __free_one_page:2/0" },
  mergeMatch: { cite: `${PAGE_ALLOC} page_is_buddy: zone id`, rows: "self __free_one_page:1/0" },
  mergeRemove: {
    cite: `${PAGE_ALLOC} del_page_from_free_list`,
    rows: `${listDel(DEL, "__free_one_page")} | self __free_one_page:1/4`,
  },
  mergeDone: { cite: `${PAGE_ALLOC} set_buddy_order`, rows: "self __free_one_page:1/2" },
  insertHead: { cite: `${PAGE_ALLOC} add_to_free_list`, rows: listAddHead(ADD, "__free_one_page") },
  insertTail: { cite: `${PAGE_ALLOC} add_to_free_list_tail`, rows: listAddTail(ADD, "__free_one_page") },
  stealChunk: { cite: `${PAGE_ALLOC} steal_suitable_fallback: buddy_order`, rows: `self ${STEAL}:1/0` },
  stealSingle: { cite: `${PAGE_ALLOC} steal_suitable_fallback, move_to_free_list`, rows: listDel(DEL, STEAL) },
  stealSingleAdd: { cite: `${PAGE_ALLOC} move_to_free_list`, rows: listAddTail(ADD, STEAL) },
  stealScan: { cite: `${PAGE_ALLOC} move_freepages: not free, not movable`, rows: `self ${SCAN}:4/0` },
  stealScanMovable: { cite: `${PAGE_ALLOC} move_freepages: on an LRU list`, rows: `self ${SCAN}:3/0` },
  stealScanTail: {
    cite: `${PAGE_ALLOC} move_freepages: tail page`,
    rows: `self ${SCAN}:2/0 | next ${SCAN}:1/0 | self ${SCAN}:1/0`,
  },
  stealScanFree: { cite: `${PAGE_ALLOC} move_freepages: free chunks are moved at once`, rows: "" },
  claimRemove: { cite: `${PAGE_ALLOC} __rmqueue_fallback: chunks are moved, then taken like others`, rows: "" },
  claimSplit: { cite: `${PAGE_ALLOC} __rmqueue_fallback: chunks are moved, then taken like others`, rows: "" },
} satisfies Partial<StepTable>;
