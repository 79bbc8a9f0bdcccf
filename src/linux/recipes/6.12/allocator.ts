import { ALLOCATOR_6_1 } from "../6.1/allocator.ts";
import { listAddHead, listAddTail, listDel, type StepTable } from "../table.ts";

// Linux 6.12: the buddy allocator and its pcp lists.

const DEL = "__list_del_entry_valid_or_report";
const ADD = "__list_add_valid_or_report";
const PAGE_ALLOC = "mm/page_alloc.c";
const PCP = "__rmqueue_pcplist";
const CLAIM = "try_to_steal_block";
const SCAN = "prep_move_freepages_block";
const LOOK = `${PAGE_ALLOC} prep_move_freepages_block`;

export const ALLOCATOR_6_12 = {
  ...ALLOCATOR_6_1,
  refillRemove: {
    cite: `${PAGE_ALLOC} __rmqueue_smallest, page_del_and_expand`,
    rows: `${listDel(DEL, PCP)} | self ${PCP}:1/4`,
  },
  refillSplit: {
    cite: `${PAGE_ALLOC} expand: upper half to the head of the next lower list`,
    rows: `next ${ADD}:1/0 ${PCP}:0/1 | self ${PCP}:1/4`,
  },
  refillCheck: { cite: `${PAGE_ALLOC} rmqueue_bulk: pages are checked when taken`, rows: "" },
  refillCheckTail: { cite: `${PAGE_ALLOC} rmqueue_bulk: pages are checked when taken`, rows: "" },
  refillLink: { cite: `${PAGE_ALLOC} rmqueue_bulk`, rows: listAddTail(ADD, PCP) },
  pcpTake: { cite: `${PAGE_ALLOC} __rmqueue_pcplist`, rows: listDel(DEL, PCP) },
  pcpPrep: {
    cite: `${PAGE_ALLOC} check_new_pages, post_alloc_hook`,
    rows: `self ${PCP}:6/2 get_page_from_freelist:1/3`,
  },
  pcpPrepTail: { cite: `${PAGE_ALLOC} check_new_pages`, rows: `self ${PCP}:6/0` },
  pcpAdd: { cite: `${PAGE_ALLOC} free_unref_page_commit`, rows: listAddHead(ADD, "free_unref_page_commit") },
  drainTake: {
    cite: `${PAGE_ALLOC} free_pcppages_bulk`,
    rows: `${listDel(DEL, "free_pcppages_bulk")} | self free_pcppages_bulk:0/2`,
  },
  mergeRemove: {
    cite: `${PAGE_ALLOC} __del_page_from_free_list`,
    rows: `${listDel(DEL, "__free_one_page")} | self __free_one_page:1/4`,
  },
  insertHead: { cite: `${PAGE_ALLOC} __add_to_free_list`, rows: listAddHead(ADD, "__free_one_page") },
  insertTail: { cite: `${PAGE_ALLOC} __add_to_free_list, tail`, rows: listAddTail(ADD, "__free_one_page") },
  stealChunk: { cite: `${PAGE_ALLOC} try_to_steal_block: the order is that of the list`, rows: "" },
  stealSingle: { cite: `${PAGE_ALLOC} __rmqueue_steal: page_del_and_expand, nothing is moved`, rows: "" },
  stealSingleAdd: { cite: `${PAGE_ALLOC} __rmqueue_steal: page_del_and_expand, nothing is moved`, rows: "" },
  stealScan: { cite: `${LOOK}: not free, not movable`, rows: `self ${SCAN}:4/0` },
  stealScanMovable: { cite: `${LOOK}: on an LRU list`, rows: `self ${SCAN}:3/0` },
  stealScanTail: { cite: `${LOOK}: tail page`, rows: `self ${SCAN}:2/0 | next ${SCAN}:1/0 | self ${SCAN}:1/0` },
  stealScanFree: { cite: `${LOOK}: free`, rows: `self ${SCAN}:2/0` },
  claimRemove: {
    cite: `${PAGE_ALLOC} try_to_steal_block, del_page_from_free_list`,
    rows: `${listDel(DEL, CLAIM)} | self ${CLAIM}:1/4`,
  },
  claimSplit: {
    cite: `${PAGE_ALLOC} try_to_steal_block, expand`,
    rows: `next ${ADD}:1/0 ${CLAIM}:0/1 | self ${CLAIM}:1/4`,
  },
} satisfies Partial<StepTable>;
