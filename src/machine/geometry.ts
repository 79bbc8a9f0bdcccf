import type { CacheGeometry } from "../counts.ts";
import type { HostProfile } from "./profiles.ts";

/** The caches of a host as the kernels model them. */
export function geometryOf(host: HostProfile): CacheGeometry {
  return {
    l1: { bytes: host.l1Bytes.value, ways: host.l1Ways.value },
    l2: { bytes: host.l2Bytes.value, ways: host.l2Ways.value },
    llc: { bytes: host.llcBytes.value, ways: host.llcWays.value },
  };
}
