/** GOLDEN_RATIO_64. @source include/linux/hash.h */
const GOLDEN_RATIO_64 = 0x61c8864680b583ebn;
const U64 = (1n << 64n) - 1n;

/**
 * Sorts directory entries as readdir lists them in sysfs: by the hash of their names.
 *
 * @source fs/kernfs/dir.c kernfs_name_hash, kernfs_sd_compare; include/linux/stringhash.h; recalled, and confirmed by
 *         listings of a live Linux 6.12.117 and the order in which daxctl offlines blocks in an arm64 recording
 */
export function readdirOrder<T>(entries: readonly T[], nameOf: (entry: T) => string): T[] {
  const hashed = entries.map((entry) => ({ entry, name: nameOf(entry), hash: kernfsNameHash(nameOf(entry)) }));
  hashed.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1));
  return hashed.map(({ entry }) => entry);
}

function kernfsNameHash(name: string): number {
  let hash = 0n;
  for (const byte of new TextEncoder().encode(name)) {
    const c = BigInt(byte);
    hash = ((hash + (c << 4n) + (c >> 4n)) * 11n) & U64;
  }
  const folded = Number((((hash * GOLDEN_RATIO_64) & U64) >> 32n) & 0x7fffffffn);
  // 0, 1 and INT_MAX are reserved.
  return Math.min(folded < 2 ? folded + 2 : folded, 0x7ffffffe);
}
