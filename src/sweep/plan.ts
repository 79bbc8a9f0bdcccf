// A sweep file as a list of points that is never written out: point i is found by dividing.
import { InputError } from "../errors.ts";
import { DEVICE_FIELDS, HOST_FIELDS } from "../machine/fields.ts";
import { findDevice } from "../machine/find.ts";
import { hostOf, ownProfiles } from "../machine/machine.ts";
import { exact } from "../machine/quantity.ts";
import type { ProfileSet } from "../machine/schema.ts";
import { parseQuantity } from "../machine/units.ts";
import { readText } from "../scenario/readText.ts";
import { type Scenario, scenarioOf } from "../scenario/scenario.ts";
import { validateYaml } from "../scenario/validate.ts";
import { readColumns } from "./csv.ts";
import { type Filter, parseFilter } from "./filters.ts";
import { type SweepFile, SweepSchema } from "./schema.ts";
import { type Values, valuesOf } from "./values.ts";

/** Keys whose values go in step. */
export interface AxisGroup {
  readonly keys: readonly string[];
  /** Of each key, equally many. */
  readonly values: readonly Values[];
  readonly length: number;
}

/** All that a worker needs to know every point: plain data. */
export interface SweepPlan {
  /** What errors call the file; a `profiles` file that it names lies beside it. */
  readonly where: string;
  readonly constants: Readonly<Record<string, unknown>>;
  /** The last changes fastest. */
  readonly groups: readonly AxisGroup[];
  readonly filters: readonly string[];
  /** All combinations, filtered or not: points are numbered among these. */
  readonly nrCombinations: number;
}

/** One question of a sweep. */
export interface SweepPoint {
  readonly index: number;
  readonly scenario: Scenario;
  readonly own: ProfileSet;
  /** Value of each axis. */
  readonly inputs: ReadonlyMap<string, unknown>;
}

const EXAMPLE = 'axes: [{kernel.version: ["6.1", "6.12"]}]';

/** @error InputError for a file that is no sweep, lengths that differ, keys that nothing has, bad values */
export function readSweep(path: string): SweepPlan {
  return parseSweep(readText(path, "a sweep file in YAML", "altmap sweep sweep.yaml -o results", ["scenario"]), path);
}

/** The same of a text. */
export function parseSweep(text: string, where: string): SweepPlan {
  const file = validateYaml(text, where, SweepSchema);
  const groups = file.axes.map((axis) => groupOf(axis, where));
  const keys = groups.flatMap((group) => group.keys);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined)
    throw new InputError({ what: `the axis "${twice}" stands there twice`, where, example: EXAMPLE });
  const plan: SweepPlan = {
    where,
    constants: file.scenario,
    groups,
    filters: file.filters,
    nrCombinations: groups.reduce((product, { length }) => product * length, 1),
  };
  filtersOf(plan);
  if (plan.nrCombinations > 0) checkValues(plan);
  return plan;
}

function groupOf(axis: SweepFile["axes"][number], where: string): AxisGroup {
  const columns: [string, Values][] =
    "csv" in axis && typeof axis.csv === "string"
      ? readColumns(axis.csv, where)
      : Object.entries(axis).map(([key, given]) => [
          key,
          valuesOf(given as Parameters<typeof valuesOf>[0], key, where),
        ]);
  const lengths = columns.map(([, { length }]) => length);
  const length = lengths[0] ?? 0;
  const other = lengths.findIndex((one) => one !== length);
  if (other > 0)
    throw new InputError({
      what: `"${columns[0]![0]}" has ${length} values and "${columns[other]![0]}" has ${lengths[other]}: they go in step`,
      where,
      expected: "equally many, or an axis each for every combination",
      example: EXAMPLE,
    });
  return { keys: columns.map(([key]) => key), values: columns.map(([, values]) => values), length };
}

/** Each value once, the other axes at their first: a slip is told before anything runs. */
function checkValues(plan: SweepPlan): void {
  let below = plan.nrCombinations;
  for (const { length } of plan.groups) {
    below /= length;
    for (let i = 0; i < length; i++) pointAt(plan, i * below);
  }
  if (plan.groups.length === 0) pointAt(plan, 0);
}

/** The scenario of a point and the profiles that it may name. @error InputError naming the point's key */
export function pointAt(plan: SweepPlan, index: number): SweepPoint {
  const inputs = inputsAt(plan, index);
  const raw = structuredClone(plan.constants) as Record<string, unknown>;
  for (const [key, value] of inputs) if (!isProfileKey(key)) put(raw, key, value, plan.where);
  const scenario = scenarioOf(raw, plan.where);
  return { index, scenario, own: profilesOf(scenario, inputs, plan.where), inputs };
}

/** The value of each axis at a point. */
export function inputsAt({ groups, nrCombinations }: SweepPlan, index: number): Map<string, unknown> {
  const inputs = new Map<string, unknown>();
  let below = nrCombinations;
  let rest = index;
  for (const { keys, values, length } of groups) {
    below /= length;
    const at = Math.floor(rest / below);
    rest -= at * below;
    keys.forEach((key, k) => {
      inputs.set(key, values[k]![at]);
    });
  }
  return inputs;
}

/** Whether the point is one that the filters leave. */
export function selector(plan: SweepPlan): (index: number) => boolean {
  const filters = filtersOf(plan);
  if (filters.length === 0) return () => true;
  return (index) => {
    const inputs = inputsAt(plan, index);
    return filters.every((filter) => filter((key) => (inputs.has(key) ? inputs.get(key) : constantAt(plan, key))));
  };
}

function filtersOf(plan: SweepPlan): Filter[] {
  const keys = new Set(plan.groups.flatMap((group) => group.keys));
  const isKey = (word: string) => keys.has(word) || constantAt(plan, word) !== undefined;
  return plan.filters.map((text) => parseFilter(text, plan.where, isKey));
}

function constantAt({ constants }: SweepPlan, key: string): unknown {
  return key.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], constants);
}

const isProfileKey = (key: string): boolean => /^(device|host)\./.test(key);

/** `devices.0.capacity` of a scenario as written: lists grow by one, mappings as needed. */
function put(raw: Record<string, unknown>, key: string, value: unknown, where: string): void {
  const parts = key.split(".");
  let at: Record<string, unknown> = raw;
  for (const [i, part] of parts.entries()) {
    if (Array.isArray(at) && !(Number(part) <= at.length))
      throw new InputError({
        what: `the axis "${key}" names item ${part} of a list of ${at.length}`,
        where,
        expected: "an item that `scenario` has, or the next",
        example: "devices.0.capacity: [64GiB, 1TiB]",
      });
    if (i === parts.length - 1) at[part] = value;
    else {
      at[part] ??= /^\d+$/.test(parts[i + 1]!) ? [] : {};
      at = at[part] as Record<string, unknown>;
      if (typeof at !== "object") throw new InputError({ what: `the axis "${key}" leads through a value`, where });
    }
  }
}

/** Profiles in which a value is that of the point, as if it were known exactly. */
function profilesOf(scenario: Scenario, inputs: ReadonlyMap<string, unknown>, where: string): ProfileSet {
  const own = ownProfiles(scenario.profiles);
  const set = (kind: "device" | "host", fields: typeof DEVICE_FIELDS): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (const [key, given] of inputs) {
      if (!key.startsWith(`${kind}.`)) continue;
      const field = fields.find(({ yaml }) => key === `${kind}.${yaml}`);
      if (field === undefined)
        throw new InputError({
          what: `the axis "${key}" is no field of a ${kind} profile`,
          where,
          expected: fields.map(({ yaml }) => `${kind}.${yaml}`).join(", "),
        });
      const value = parseQuantity(
        typeof given === "string" ? given.replace(/^([\d.]+)\s*(?=[a-z])/i, "$1 ") : given,
        field.dimension,
      );
      if (typeof value !== "number") throw new InputError({ ...value, what: `"${key}": ${value.what}`, where });
      values[field.key] = exact(value, "an axis of the sweep");
    }
    return values;
  };
  const device = set("device", DEVICE_FIELDS);
  const host = set("host", HOST_FIELDS);
  const [first] = scenario.devices ?? [];
  if (Object.keys(device).length > 0 && first === undefined)
    throw new InputError({
      what: "an axis names a field of the device, and the scenario names no device",
      where,
      expected: "the device that is varied",
      example: "scenario: {devices: [{id: cxl-samsung-mxp-genoa}]}",
    });
  return {
    devices: [
      ...(Object.keys(device).length === 0 ? [] : [varied(findDevice(first!.id, own.devices), device)]),
      ...own.devices,
    ],
    hosts: [
      ...(Object.keys(host).length === 0 ? [] : [{ ...hostOf(scenario.machine.host, own), ...host }]),
      ...own.hosts,
    ],
  };
}

/** What was measured under load belongs to the latency and bandwidth that were measured with it. */
function varied<Profile extends object>(profile: Profile, values: Record<string, unknown>): Profile {
  const { loadedCurve: _, ...rest } = profile as Profile & { readonly loadedCurve?: unknown };
  const isOther = "idleReadNs" in values || "readGBps" in values;
  return { ...(isOther ? rest : profile), ...values } as Profile;
}
