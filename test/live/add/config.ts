/** Options of a kernel's configuration that change which struct pages are touched, or how memory is onlined. */
import { readFileSync } from "node:fs";

const OPTIONS = [
  ...["LIST_HARDENED", "DEBUG_LIST", "DEBUG_VM", "PAGE_OWNER", "INIT_ON_ALLOC_DEFAULT_ON", "INIT_ON_FREE_DEFAULT_ON"],
  ...["MEMCG", "LRU_GEN", "LRU_GEN_ENABLED", "NUMA_BALANCING", "KSM", "TRANSPARENT_HUGEPAGE_ALWAYS"],
  ...["TRANSPARENT_HUGEPAGE_MADVISE", "READ_ONLY_THP_FOR_FS", "HUGETLB_PAGE_OPTIMIZE_VMEMMAP_DEFAULT_ON"],
  ...["SPARSEMEM_VMEMMAP", "MHP_MEMMAP_ON_MEMORY", "MEMORY_HOTPLUG_DEFAULT_ONLINE", "MHP_DEFAULT_ONLINE_TYPE_OFFLINE"],
  ...["MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO", "SHUFFLE_PAGE_ALLOCATOR", "PAGE_TABLE_CHECK", "COMPACTION", "CMA"],
];

/** Each option that `config` names, `y` or `n`, in the order above. */
export function readConfig(path: string): ReadonlyMap<string, string> {
  const text = readFileSync(path, "utf8");
  const found = new Map<string, string>();
  for (const option of OPTIONS) {
    const set = new RegExp(`^CONFIG_${option}=(.*)$`, "m").exec(text)?.[1];
    if (set !== undefined) found.set(option, set);
    else if (text.includes(`# CONFIG_${option} is not set`)) found.set(option, "n");
  }
  return found;
}
