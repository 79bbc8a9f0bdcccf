import { POOL_SHRINK_6_1 } from "../6.1/poolShrink.ts";
import type { StepTable } from "../table.ts";

// Linux 6.12: the pool of huge pages of hugetlbfs shrinks.

const ADD = "__list_add_valid_or_report";
const DEL = "__list_del_entry_valid_or_report";

export const POOL_SHRINK_6_12 = {
  ...POOL_SHRINK_6_1,
  poolRemove: {
    cite: "mm/hugetlb.c remove_hugetlb_folio",
    rows:
      `self remove_hugetlb_folio:1/0 ${DEL}:2/0 | prev ` +
      `${DEL}:1/0 | next ${DEL}:1/0 | self ` +
      "remove_hugetlb_folio:2/0 | next remove_hugetlb_folio:0/1 | prev remove_hugetlb_folio:0/1 | self " +
      "remove_hugetlb_folio:4/4",
  },
  poolRemoveFake: {
    cite: "mm/hugetlb.c remove_hugetlb_folio",
    rows:
      `self remove_hugetlb_folio:1/0 ${DEL}:2/0 | prev ` +
      `${DEL}:1/0 | next ${DEL}:1/0 | self ` +
      "remove_hugetlb_folio:2/0 | next remove_hugetlb_folio:0/1 | prev remove_hugetlb_folio:0/1 | self " +
      "remove_hugetlb_folio:3/3",
  },
  poolRestoreTake: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: not optimized, list_move",
    rows:
      `self hugetlb_vmemmap_restore_folios:2/0 ${DEL}:2/0 | prev ` +
      `${DEL}:1/0 | next ${DEL}:1/0 | self ` +
      "hugetlb_vmemmap_restore_folios:2/0 | next hugetlb_vmemmap_restore_folios:0/1 | prev " +
      "hugetlb_vmemmap_restore_folios:0/1",
  },
  poolRestoreAdd: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: list_move",
    rows: `next ${ADD}:1/0 hugetlb_vmemmap_restore_folios:0/1 | self hugetlb_vmemmap_restore_folios:0/2`,
  },
  poolDestroy: {
    cite: "mm/hugetlb.c __update_and_free_hugetlb_folio, mm/swap.c __folio_put",
    rows:
      "self update_and_free_pages_bulk:1/0 update_and_free_hugetlb_folio:1/0 " +
      "__update_and_free_hugetlb_folio:5/2 __folio_put:4/0 | tail1 __folio_put:2/0 | self " +
      "__mem_cgroup_uncharge:1/0 __folio_put:1/0 | tail1 __folio_put:1/0",
  },
  poolRestore: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: not modelled, the recorded kernel ended in bad page states",
    rows: "",
  },
  poolRestoreFailed: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: not modelled, the recorded kernel ended in bad page states",
    rows: "",
  },
  poolRestoreNew: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: not modelled, the recorded kernel ended in bad page states",
    rows: "",
  },
  poolRestoreMap: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: not modelled, the recorded kernel ended in bad page states",
    rows: "",
  },
  poolRestored: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore_folios: not modelled, the recorded kernel ended in bad page states",
    rows: "",
  },
  poolDestroyTail: {
    cite: "mm/hugetlb.c __update_and_free_hugetlb_folio: nothing for each tail in this version",
    rows: "",
  },
  poolFree: {
    cite: "mm/swap.c __folio_put: with poolDestroy",
    rows: "",
  },
} satisfies Partial<StepTable>;
