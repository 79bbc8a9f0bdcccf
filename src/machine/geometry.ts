import type { CacheGeometry } from "../counts.ts";
import type { HostProfile } from "./profiles.ts";

/**
 * The caches of a host as the kernels model them.
 *
 * @param llcShare share of the LLC that other data leaves to struct pages, above 0 to 1
 */
export function geometryOf(host: HostProfile, llcShare = 1): CacheGeometry {
  return {
    l1: { bytes: host.l1Bytes.value, ways: host.l1Ways.value },
    l2: { bytes: host.l2Bytes.value, ways: host.l2Ways.value },
    llc: sharedLlc(host.llcBytes.value, host.llcWays.value, llcShare),
  };
}

const LINE_BYTES = 64;
/** The least that the kernels model. */
const MIN_SETS = 8;

/**
 * Ways are taken away first, as resource control does it; below half of them, sets by halves, so that lines of a set
 * stay many. Within half a way of half the ways of the share.
 */
function sharedLlc(bytes: number, ways: number, share: number): CacheGeometry["llc"] {
  if (share === 1) return { bytes, ways };
  const sets = bytes / (ways * LINE_BYTES);
  const halvings = Math.min(Math.floor(Math.log2(1 / share)), Math.max(0, Math.floor(Math.log2(sets / MIN_SETS))));
  const left = Math.max(MIN_SETS, Math.floor(sets / 2 ** halvings));
  const waysLeft = Math.min(ways, Math.max(1, Math.round((share * sets * ways) / left)));
  return { bytes: left * waysLeft * LINE_BYTES, ways: waysLeft };
}
