import { numberAt, type SystemTree, textAt } from "./systemTree.ts";

/** Huge pages of all kinds. */
export interface PoolFacts {
  readonly hugetlb: readonly { readonly bytes: number; readonly pages: number; readonly free: number }[];
  /** `always`, `madvise` or `never`; null: not said. */
  readonly thp: string | null;
  /** Sizes of mTHP that are not `never`. */
  readonly mthp: readonly { readonly bytes: number; readonly enabled: string }[];
  /** memory.max of the root's cgroup, where one limits it; null: none seen. */
  readonly cgroupMaxBytes: number | null;
}

const chosen = (text: string | undefined): string | null => /\[(\w+)\]/.exec(text ?? "")?.[1] ?? null;

/** Reads /sys/kernel/mm and the cgroup's limit. */
export function readPools(tree: SystemTree): PoolFacts {
  const pools = "sys/kernel/mm/hugepages";
  const thp = "sys/kernel/mm/transparent_hugepage";
  const sizes = (folder: string): string[] => tree.list(folder).filter((name) => /^hugepages-\d{1,9}kB$/.test(name));
  const bytesOf = (name: string): number => 1024 * Number(/\d+/.exec(name)![0]);
  const max = textAt(tree, "sys/fs/cgroup/memory.max")?.trim();
  return {
    hugetlb: sizes(pools).map((name) => ({
      bytes: bytesOf(name),
      pages: numberAt(tree, `${pools}/${name}/nr_hugepages`) ?? 0,
      free: numberAt(tree, `${pools}/${name}/free_hugepages`) ?? 0,
    })),
    thp: chosen(textAt(tree, `${thp}/enabled`)),
    mthp: sizes(thp)
      .map((name) => ({ bytes: bytesOf(name), enabled: chosen(textAt(tree, `${thp}/${name}/enabled`)) ?? "never" }))
      .filter(({ enabled }) => enabled !== "never")
      .sort((a, b) => a.bytes - b.bytes),
    cgroupMaxBytes: max !== undefined && /^\d{1,15}$/.test(max) ? Number(max) : null,
  };
}
