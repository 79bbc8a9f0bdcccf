import { InputError } from "../../errors.ts";
import { levelsOfCurve, monotone } from "../cacheLevels.ts";
import { formatProfiles } from "../emit.ts";
import type { HostProfile } from "../profiles.ts";
import type { Quantity } from "../provenance.ts";
import { parseProfiles } from "../schema.ts";
import type { ChaseCurve, Measurements } from "./measured.ts";
import { whereOf } from "./text.ts";

/**
 * A host whose caches are those of a lat_mem_rd curve, everything else as in `base`, which the user names: a curve
 * says nothing of clocks, ways or lines in flight.
 *
 * @error InputError when no file holds a curve, or the curve does not show L1, L2, LLC and memory
 */
export function importedHost(files: readonly Measurements[], base: HostProfile, id: string): HostProfile {
  const curve = files.flatMap((file) => file.chaseCurves).at(-1);
  if (curve === undefined) {
    throw new InputError({
      what: "no file holds a latency curve, so there is nothing to import for a host",
      where: files.map((file) => file.file).join(", "),
      expected: "the output of lat_mem_rd -t",
      example: "altmap profiles import lat.txt --host sapphire-rapids",
    });
  }
  const levels = levelsOfCurve(monotone(curve.points));
  const [l1, l2, llc] = levels;
  if (levels.length !== 4 || !l1?.bytes || !l2?.bytes || !llc?.bytes) {
    throw new InputError({
      what: `the curve shows ${levels.length} levels`,
      where: whereOf(curve.at),
      expected: "L1, L2, last-level cache and memory: sizes from 4 KiB to several times the last-level cache",
      example: "lat_mem_rd -t 512 64 2> lat.txt",
    });
  }
  const clockGHz = base.turboGHz?.value ?? base.clockGHz.value;
  const l1Bytes = powerOfTwoSets(l1.bytes, base.l1Ways.value);
  const l2Bytes = powerOfTwoSets(l2.bytes, base.l2Ways.value);
  const host: HostProfile = {
    ...base,
    id,
    description: `caches measured by lat_mem_rd, the rest of ${base.id}`,
    l1Bytes: sized(l1Bytes, curve),
    l1Cycles: read(l1.ns * clockGHz, curve, `plateau, at the ${clockGHz} GHz of ${base.id}`),
    l2Bytes: sized(l2Bytes, curve),
    l2Cycles: read(l2.ns * clockGHz, curve, `plateau, at the ${clockGHz} GHz of ${base.id}`),
    llcBytes: sized(wholeSets(llc.bytes, base.llcWays.value), curve),
    llcNs: read(llc.ns, curve, "plateau"),
  };
  // The one schema judges imported values, and the name, too.
  parseProfiles(formatProfiles({ devices: [], hosts: [host] }), `the profile made of ${whereOf(curve.at)}`);
  return host;
}

/** The nearest size whose sets are a power of two, as every L1 and L2 has them. */
function powerOfTwoSets(bytes: number, ways: number): number {
  return 2 ** Math.round(Math.log2(bytes / (ways * 64))) * ways * 64;
}

function wholeSets(bytes: number, ways: number): number {
  return Math.max(1, Math.round(bytes / (ways * 65536))) * ways * 65536;
}

function sized(bytes: number, curve: ChaseCurve): Quantity {
  return read(bytes, curve, "where half of the loads miss, rounded to whole sets");
}

function read(value: number, curve: ChaseCurve, note: string): Quantity {
  const source = `${whereOf(curve.at)}: lat_mem_rd, stride ${curve.strideBytes}`;
  return { value: Number(value.toPrecision(9)), level: "M", source, note };
}
