import { stringify } from "yaml";
import { DEVICE_FIELDS, type Field, HOST_FIELDS } from "./fields.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";
import type { Quantity } from "./provenance.ts";
import { PROFILE_SCHEMA, type ProfileSet } from "./schema.ts";
import { formatQuantity } from "./units.ts";

type Raw = Record<string, unknown>;

/**
 * The points of a measured curve that a profile may hold: bandwidth must rise, so points where it fell
 * back at full load are left out, and latency is the highest seen so far.
 */
export function risingCurve(points: readonly { GBps: number; ns: number }[]): { GBps: number; ns: number }[] {
  const rising: { GBps: number; ns: number }[] = [];
  for (const point of points) {
    const last = rising.at(-1);
    if (last !== undefined && point.GBps <= last.GBps) continue;
    rising.push({ GBps: point.GBps, ns: Math.max(point.ns, last?.ns ?? 0) });
  }
  return rising;
}

/** Writes what `parseProfiles` reads: every value with unit, range, level and source. */
export function formatProfiles(set: ProfileSet): string {
  const plain = {
    schema: PROFILE_SCHEMA,
    ...(set.devices.length === 0 ? {} : { devices: set.devices.map((device) => plainDevice(device)) }),
    ...(set.hosts.length === 0 ? {} : { hosts: set.hosts.map((host) => plainHost(host)) }),
  };
  return stringify(plain, { lineWidth: 0, aliasDuplicateObjects: false });
}

function plainDevice(device: DeviceProfile): Raw {
  const curve = device.loadedCurve;
  return {
    id: device.id,
    description: device.description,
    medium: device.medium,
    ...(device.measuredFrom === undefined ? {} : { measuredFrom: device.measuredFrom }),
    ...plainQuantities(device as unknown as Raw, DEVICE_FIELDS),
    ...(curve === undefined
      ? {}
      : {
          loadedCurve: {
            scope: curve.scope,
            level: curve.level,
            source: curve.source,
            points: curve.points.map((p) => ({ bandwidth: `${p.GBps} GB/s`, latency: `${p.ns} ns` })),
          },
        }),
  };
}

function plainHost(host: HostProfile): Raw {
  const { id, description, family, year, architecture, localDram } = host;
  const named = { id, description, family, year, ...(architecture === undefined ? {} : { architecture }), localDram };
  return { ...named, ...plainQuantities(host as unknown as Raw, HOST_FIELDS) };
}

function plainQuantities(profile: Raw, fields: readonly Field[]): Raw {
  const out: Raw = {};
  for (const f of fields) {
    const quantity = profile[f.key] as Quantity | undefined;
    if (quantity === undefined) continue;
    const { value, range, level: evidence, source, note, fitted } = quantity;
    out[f.yaml] = {
      value: formatQuantity(value, f.dimension),
      ...(range === undefined ? {} : { range: range.map((bound) => formatQuantity(bound, f.dimension)) }),
      level: evidence,
      source,
      ...(note === undefined ? {} : { note }),
      ...(fitted === undefined ? {} : { fitted }),
    };
  }
  return out;
}
