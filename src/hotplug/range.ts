/** What becomes of the range of a device; bytes. */
export interface AddedRange {
  /** Where the added memory starts; undefined when nothing says: it is then taken as aligned to a block. */
  readonly startBytes: number | undefined;
  /** What is added: whole memory blocks when the driver trims. */
  readonly sizeBytes: number;
  readonly lostAtStartBytes: number;
  readonly lostAtEndBytes: number;
}

/**
 * The range trimmed inward to whole memory blocks: its start rounded up, its end rounded down.
 *
 * @source drivers/dax/kmem.c dax_kmem_range, 6.12
 */
export function trimToBlocks(startBytes: number | undefined, sizeBytes: number, blockBytes: number): AddedRange {
  const from = startBytes ?? 0;
  const start = Math.ceil(from / blockBytes) * blockBytes;
  const end = Math.floor((from + sizeBytes) / blockBytes) * blockBytes;
  if (end <= start) return { startBytes, sizeBytes: 0, lostAtStartBytes: 0, lostAtEndBytes: sizeBytes };
  return {
    startBytes: startBytes === undefined ? undefined : start,
    sizeBytes: end - start,
    lostAtStartBytes: start - from,
    lostAtEndBytes: from + sizeBytes - end,
  };
}

/** The range as it is: a driver that does not trim asks for all of it. */
export function untrimmed(startBytes: number | undefined, sizeBytes: number): AddedRange {
  return { startBytes, sizeBytes, lostAtStartBytes: 0, lostAtEndBytes: 0 };
}
