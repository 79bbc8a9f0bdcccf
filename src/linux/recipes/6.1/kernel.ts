import type { StepTable } from "../table.ts";

// Pages that the kernel takes for itself: compound pages, slabs, page tables, and frees of one at a time.

export const KERNEL_6_1 = {
  compoundTake: {
    cite: "mm/page_alloc.c check_new_pages, post_alloc_hook: the head",
    rows: "self get_page_from_freelist:2/5",
  },
  compoundTakeTail: {
    cite: "mm/page_alloc.c check of a new page: done at refill",
    rows: "",
  },
  compoundPrep: {
    cite: "mm/page_alloc.c prep_compound_page: with compoundTake",
    rows: "",
  },
  compoundPrepTail: {
    cite: "mm/page_alloc.c prep_compound_tail",
    rows: "self get_page_from_freelist:0/3",
  },
  compoundDone: {
    cite: "mm/page_alloc.c prep_compound_head, set_page_pfmemalloc",
    rows: "tail1 get_page_from_freelist:0/5 | self get_page_from_freelist:0/1",
  },
  compoundDoneShort: {
    cite: "mm/page_alloc.c prep_compound_head: order 1 has no second tail",
    rows: "tail1 get_page_from_freelist:0/5 | self get_page_from_freelist:0/1",
  },
  freePages: {
    cite: "mm/page_alloc.c __free_pages, put_page_testzero",
    rows: "self __free_pages:2/1",
  },
  freePrepare: {
    cite: "mm/page_alloc.c free_unref_page, free_pages_prepare",
    rows: "self free_pcp_prepare:5/2 free_unref_page:1/1",
  },
  compoundFreeStart: {
    cite: "mm/page_alloc.c free_pages_prepare: the head",
    rows: "self free_pcp_prepare:4/0",
  },
  compoundFreeTail1: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_pcp_prepare:7/5",
  },
  compoundFreeTail2: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_pcp_prepare:5/3",
  },
  compoundFreeTail3: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_pcp_prepare:5/3",
  },
  compoundFreeTail: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_pcp_prepare:5/3",
  },
  compoundFreeHead: {
    cite: "mm/page_alloc.c free_unref_page",
    rows: "self free_pcp_prepare:2/2 free_unref_page:1/1",
  },
  partsFreeStart: {
    cite: "mm/page_alloc.c free_pages_prepare: a page of higher order that is not compound",
    rows: "self free_pcp_prepare:5/0",
  },
  partsFreeTail: {
    cite: "mm/page_alloc.c free_pages_prepare",
    rows: "sub free_pcp_prepare:5/1",
  },
  slabFull: {
    cite: "mm/slub.c ___slab_alloc, get_freelist: the slab has no more objects",
    rows: "self ___slab_alloc:6/2",
  },
  slabTake: {
    cite: "mm/slub.c allocate_slab, account_slab",
    rows: "self allocate_slab:5/4",
  },
  slabSetup: {
    cite: "mm/slub.c shuffle_freelist: each object",
    rows: "self allocate_slab:1/0",
  },
  slabTaken: {
    cite: "mm/slub.c ___slab_alloc: the slab becomes the CPU's",
    rows: "self ___slab_alloc:5/3",
  },
  slabFind: {
    cite: "mm/slub.c kmem_cache_free, mm/slab.h cache_from_obj",
    rows: "self cache_from_obj:3/0 kmem_cache_free:2/0",
  },
  slabFindTail: {
    cite: "mm/slub.c kmem_cache_free, mm/slab.h cache_from_obj: an object in a tail page",
    rows: "sub cache_from_obj:1/0 | self cache_from_obj:2/0 | sub kmem_cache_free:1/0 | self kmem_cache_free:1/0",
  },
  slabFree: {
    cite: "mm/slub.c __slab_free, cmpxchg_double_slab",
    rows: "self __slab_free:2/0 cmpxchg_double_slab.constprop.0.isra.0:2/2",
  },
  slabPartial: {
    cite: "mm/slub.c put_cpu_partial: the first free object of a full slab",
    rows: "prev put_cpu_partial:1/0 | self put_cpu_partial:0/2",
  },
  slabUnfreeze: {
    cite: "mm/slub.c __unfreeze_partials: an empty slab",
    rows: "self __unfreeze_partials:6/3",
  },
  slabKeep: {
    cite: "mm/slub.c __unfreeze_partials, add_partial",
    rows:
      "self __unfreeze_partials:6/2 | prev __list_add_valid:1/0 | self __unfreeze_partials:0/2 | " +
      "prev __unfreeze_partials:0/1",
  },
  slabDiscard: {
    cite: "mm/slub.c discard_slab, __free_slab",
    rows: "self __unfreeze_partials:1/0 discard_slab:2/0 __free_slab:4/3",
  },
  slabDiscardCompound: {
    cite: "mm/slub.c discard_slab, __free_slab: its order is in the first tail",
    rows:
      "self __unfreeze_partials:1/0 discard_slab:2/0 __free_slab:1/0 | tail1 __free_slab:1/0 | " +
      "self __free_slab:3/3",
  },
  tableTake: {
    cite: "mm/memory.c, arch/x86/mm/pgtable.c pte_alloc_one, pgtable_pte_page_ctor",
    rows: "self pte_alloc_one:1/2 __mod_lruvec_page_state:4/0",
  },
  tableTakeTop: {
    cite: "arch/x86/mm/pgtable.c pgd_alloc, pgd_ctor, pgd_list_add",
    rows: "self pgd_alloc:0/3",
  },
  tableFreeTop: {
    cite: "arch/x86/mm/pgtable.c pgd_free, pgd_dtor",
    rows: "self pgd_free:2/2",
  },
  tableUnmap: {
    cite: "arch/x86/mm/pgtable.c ___pte_free_tlb, pgtable_pte_page_dtor",
    rows: "self ___pte_free_tlb:1/1 __mod_lruvec_page_state:4/0",
  },
  tableSwap: {
    cite: "mm/swap_state.c free_swap_cache",
    rows: "self free_swap_cache:2/0",
  },
  tableRelease: {
    cite: "mm/swap.c release_pages: not on an LRU list",
    rows: "self release_pages:5/1",
  },
  tableUncharge: {
    cite: "mm/memcontrol.c uncharge_folio: charged to no memcg",
    rows: "self uncharge_folio:1/0 __mem_cgroup_uncharge_list:1/0",
  },
} satisfies Partial<StepTable>;
