import { KERNEL_6_1 } from "../6.1/kernel.ts";
import type { StepTable } from "../table.ts";

// Pages that the kernel takes for itself: compound pages, slabs, page tables, and frees of one at a time.

export const KERNEL_6_12 = {
  ...KERNEL_6_1,
  compoundTake: {
    cite: "mm/page_alloc.c check_new_pages, post_alloc_hook: the head",
    rows: "self __rmqueue_pcplist:6/2",
  },
  compoundTakeTail: {
    cite: "mm/page_alloc.c check_new_pages",
    rows: "self __rmqueue_pcplist:6/0",
  },
  compoundPrep: {
    cite: "mm/page_alloc.c post_alloc_hook, prep_compound_page",
    rows: "self get_page_from_freelist:1/2 prep_compound_page:1/1",
  },
  compoundPrepTail: {
    cite: "mm/page_alloc.c prep_compound_tail",
    rows: "self prep_compound_page:0/3",
  },
  compoundDone: {
    cite: "mm/page_alloc.c prep_compound_head, set_page_pfmemalloc",
    rows:
      "self prep_compound_page:1/0 | tail1 prep_compound_page:1/6 | tail2 prep_compound_page:0/2 | " +
      "self get_page_from_freelist:0/1",
  },
  compoundDoneShort: {
    cite: "mm/page_alloc.c prep_compound_head: order 1 has no second tail",
    rows: "self prep_compound_page:1/0 | tail1 prep_compound_page:1/6 | self get_page_from_freelist:0/1",
  },
  freePrepare: {
    cite: "mm/page_alloc.c free_unref_page, free_pages_prepare",
    rows: "self free_unref_page:14/2",
  },
  compoundFreeStart: {
    cite: "mm/page_alloc.c free_pages_prepare: the head",
    rows: "self free_unref_page:4/0",
  },
  compoundFreeTail1: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_unref_page:1/1 free_tail_page_prepare:6/2 free_unref_page:6/1",
  },
  compoundFreeTail2: {
    cite: "mm/page_alloc.c free_tail_page_prepare",
    rows: "sub free_tail_page_prepare:3/2 free_unref_page:6/1",
  },
  compoundFreeTail3: {
    cite: "mm/page_alloc.c free_tail_page_prepare: tail 3",
    rows: "sub free_tail_page_prepare:2/2 free_unref_page:6/1",
  },
  compoundFreeTail: {
    cite: "mm/page_alloc.c free_tail_page_prepare",
    rows: "sub free_tail_page_prepare:3/2 free_unref_page:6/1",
  },
  compoundFreeHead: {
    cite: "mm/page_alloc.c free_unref_page",
    rows: "self free_unref_page:9/2",
  },
  partsFreeStart: {
    cite: "mm/page_alloc.c free_pages_prepare: a page of higher order that is not compound",
    rows: "self free_unref_page:5/0",
  },
  partsFreeTail: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_unref_page:6/1",
  },
  slabTake: {
    cite: "mm/slub.c allocate_slab, account_slab",
    rows: "self allocate_slab:5/5",
  },
  slabFind: {
    cite: "mm/slub.c kmem_cache_free, virt_to_slab",
    rows: "self kmem_cache_free:5/0",
  },
  slabFindTail: {
    cite: "mm/slub.c kmem_cache_free, virt_to_slab: an object in a tail page",
    rows: "sub kmem_cache_free:1/0 | self kmem_cache_free:2/0 | sub kmem_cache_free:1/0 | self kmem_cache_free:1/0",
  },
  slabFree: {
    cite: "mm/slub.c __slab_free, slab_update_freelist",
    rows: "self __slab_free:2/0 slab_update_freelist.constprop.0.isra.0:2/2",
  },
  slabUnfreeze: {
    cite: "mm/slub.c __put_partials: an empty slab",
    rows: "self __put_partials:3/1",
  },
  slabKeep: {
    cite: "mm/slub.c __put_partials, add_partial",
    rows:
      "self __put_partials:3/0 | prev __list_add_valid_or_report:1/0 | self __put_partials:0/2 | " +
      "prev __put_partials:0/1 | self __put_partials:1/1",
  },
  slabDiscard: {
    cite: "mm/slub.c discard_slab, __free_slab",
    rows: "self __put_partials:1/0 discard_slab:2/0 __free_slab:5/4",
  },
  slabDiscardCompound: {
    cite: "mm/slub.c discard_slab, __free_slab: its order is in the first tail",
    rows: "self __put_partials:1/0 discard_slab:2/0 __free_slab:1/0 | tail1 __free_slab:1/0 | self __free_slab:4/4",
  },
  tableTake: {
    cite: "mm/memory.c, arch/x86/mm/pgtable.c pte_alloc_one, pgtable_pte_page_ctor",
    rows: "self pte_alloc_one:2/2 __lruvec_stat_mod_folio:2/0",
  },
  tableUnmap: {
    cite: "arch/x86/mm/pgtable.c ___pte_free_tlb, pgtable_pte_page_dtor",
    rows: "self ___pte_free_tlb:2/1 __lruvec_stat_mod_folio:2/0",
  },
  tableSwap: {
    cite: "mm/swap_state.c free_pages_and_swap_cache",
    rows: "self free_pages_and_swap_cache:1/0 free_swap_cache:1/0",
  },
  tableRelease: {
    cite: "mm/swap.c folios_put_refs: not on an LRU list",
    rows: "self folios_put_refs:5/1",
  },
  tableUncharge: {
    cite: "mm/memcontrol.c uncharge_folio: charged to no memcg",
    rows: "self uncharge_folio:1/0",
  },
} satisfies Partial<StepTable>;
