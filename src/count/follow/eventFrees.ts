import {
  EV_ALLOC,
  EV_FREE,
  EV_FREE_BATCHED,
  FILL_KERNEL,
  FILL_PLAIN,
  FILL_SINGLE,
  type HotEvents,
} from "../../recording/allocatorEventColumns.ts";

/** The kernel's own pages of higher orders, and larger folios of the page cache, are no more than 32 KiB each. */
const MAX_SINGLE_ORDER = 3;

/**
 * Tells in the column of fills whose page a free is about: FILL_* of a page of the kernel that is freed on its own,
 * FILL_SINGLE of one that was allocated before the recording, FILL_PLAIN of all others.
 */
export function tellFrees(
  columns: Pick<HotEvents, "kind" | "pfn" | "order" | "fill">,
  length: number,
  pfnFrom: number,
): void {
  if (length === 0) return;
  const { kind, pfn, order, fill } = columns;
  const isSingle = singleFrees(kind, pfn, length);
  const kernel = new Map<number, number>();
  const seen = new Uint8Array(maxOf(pfn, length) - pfnFrom + 1);
  for (let at = 0; at < length; at++) {
    const page = pfn[at] as number;
    if (kind[at] === EV_ALLOC) {
      if ((fill[at] as number) >= FILL_KERNEL) kernel.set(page, fill[at] as number);
      else kernel.delete(page);
    } else if (kind[at] === EV_FREE) {
      const wasSeen = seen[page - pfnFrom] !== 0;
      const other = wasSeen || (order[at] as number) > MAX_SINGLE_ORDER ? FILL_PLAIN : FILL_SINGLE;
      fill[at] = isSingle(at) ? (kernel.get(page) ?? other) : FILL_PLAIN;
      kernel.delete(page);
    } else continue;
    seen[page - pfnFrom] = 1;
  }
}

/** Frees that are not followed by one of their page in a batch; none where batches are not recorded at all. */
function singleFrees(kind: Uint8Array, pfn: Uint32Array, length: number): (at: number) => boolean {
  const bits = new Uint8Array(Math.ceil(length / 8));
  const batched = new Set<number>();
  let hasBatches = false;
  for (let at = length - 1; at >= 0; at--) {
    const page = pfn[at] as number;
    if (kind[at] === EV_FREE_BATCHED) {
      batched.add(page);
      hasBatches = true;
    } else if (kind[at] === EV_ALLOC) batched.delete(page);
    else if (kind[at] === EV_FREE && !batched.delete(page)) bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7));
  }
  return (at) => hasBatches && ((bits[at >> 3] as number) & (1 << (at & 7))) !== 0;
}

function maxOf(pfn: Uint32Array, length: number): number {
  let most = 0;
  for (let at = 0; at < length; at++) most = Math.max(most, pfn[at] as number);
  return most;
}
