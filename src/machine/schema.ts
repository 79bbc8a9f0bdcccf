import * as v from "valibot";
import { isMap } from "yaml";
import { nearestName } from "../errors.ts";
import { parseYaml } from "../scenario/yaml.ts";
import { DEVICE_FIELDS, type Field, HOST_FIELDS } from "./fields.ts";
import { type DeviceProfile, type HostProfile, INSTRUCTION_SETS, MEDIA } from "./profiles.ts";
import { EVIDENCE_MEANING, type EvidenceLevel, type Quantity } from "./provenance.ts";
import { checkMix, curveOf, Locator, type ProfilePath, type Raw } from "./schemaChecks.ts";
import { parseQuantity, type UnitProblem } from "./units.ts";

/** Profiles of one file. */
export interface ProfileSet {
  readonly hosts: readonly HostProfile[];
  readonly devices: readonly DeviceProfile[];
}

export const PROFILE_SCHEMA = "altmap/profiles-v1";
const MAX_CURVE_POINTS = 1000;

const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.+-]{0,63}$/, "must be letters, digits, . _ + -"));
const text = v.pipe(v.string(), v.maxLength(400));
const level = v.picklist(Object.keys(EVIDENCE_MEANING) as EvidenceLevel[]);
/** Applied to values that are written without their own; absent, each value must state them. */
const provenance = { level: v.optional(level), source: v.optional(text) };

const curveSchema = v.strictObject({
  scope: text,
  level,
  source: text,
  points: v.pipe(
    v.array(v.strictObject({ bandwidth: v.unknown(), latency: v.unknown() })),
    v.minLength(2),
    v.maxLength(MAX_CURVE_POINTS),
  ),
});

const quantitySchema = v.strictObject({
  value: v.unknown(),
  range: v.optional(v.tuple([v.unknown(), v.unknown()])),
  level: v.optional(level),
  source: v.optional(text),
  note: v.optional(text),
  fitted: v.optional(v.boolean()),
});

function entriesOf(fields: readonly Field[]): Record<string, v.GenericSchema> {
  return Object.fromEntries(fields.map((f) => [f.yaml, f.required ? v.unknown() : v.optional(v.unknown())]));
}

const fileSchema = v.strictObject({
  schema: v.literal(PROFILE_SCHEMA),
  devices: v.optional(
    v.array(
      v.strictObject({
        id: name,
        description: text,
        medium: v.picklist(MEDIA),
        measuredFrom: v.optional(name),
        loadedCurve: v.optional(curveSchema),
        ...provenance,
        ...entriesOf(DEVICE_FIELDS),
      }),
    ),
  ),
  hosts: v.optional(
    v.array(
      v.strictObject({
        id: name,
        description: text,
        family: name,
        year: v.pipe(v.number(), v.integer(), v.minValue(1990), v.maxValue(2100)),
        architecture: v.optional(v.picklist(INSTRUCTION_SETS)),
        localDram: name,
        ...provenance,
        ...entriesOf(HOST_FIELDS),
      }),
    ),
  ),
});

/**
 * Reads a profile file.
 *
 * @param where name of the file, for errors
 * @error InputError with file, line, key, what was expected and an example; nothing is defaulted
 */
export function parseProfiles(yaml: string, where: string): ProfileSet {
  const { document, lines, value } = parseYaml(yaml, where);
  const locator = new Locator((path) => {
    for (let n = path.length; n > 0; n--) {
      const node = document.getIn(path.slice(0, n), true) as { range?: [number, number, number] } | undefined;
      if (node?.range !== undefined) return `${where}:${lines.linePos(node.range[0]).line}`;
    }
    return where;
  });
  if (!isMap(document.contents)) {
    locator.fail([], {
      what: "no profiles in it",
      expected: `schema: ${PROFILE_SCHEMA}, devices: [...], hosts: [...]`,
    });
  }
  const parsed = v.safeParse(fileSchema, value);
  if (!parsed.success) failWith(parsed.issues.find(isUnknownKey) ?? parsed.issues[0], locator);
  const file = parsed.output as { devices?: Raw[]; hosts?: Raw[] };
  return {
    devices: (file.devices ?? []).map((device, i) => deviceOf(device, ["devices", i], locator)),
    hosts: (file.hosts ?? []).map((host, i) => hostOf(host, ["hosts", i], locator)),
  };
}

/** A key of no meaning is often the slip of one that is then missing: it is what to say first. */
function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function failWith(issue: v.BaseIssue<unknown>, locator: Locator): never {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const key = String(path.at(-1) ?? "");
  if (isUnknownKey(issue)) {
    const known = knownKeys(path);
    const near = nearestName(key, known);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    locator.fail(path, { what: `unknown key${hint}`, expected: `one of ${known.join(", ")}` });
  }
  if (issue.type === "strict_object" && issue.received === "undefined") {
    locator.fail(path.slice(0, -1), { what: `"${key}" is missing`, expected: `a value for "${key}"` });
  }
  locator.fail(path, { what: issue.message, ...(issue.expected === null ? {} : { expected: issue.expected }) });
}

function knownKeys(path: ProfilePath): string[] {
  if (path.length === 1) return Object.keys(fileSchema.entries);
  const kind = path[0] === "devices" ? "devices" : "hosts";
  if (path.length === 3) return Object.keys(fileSchema.entries[kind].wrapped.item.entries);
  return Object.keys(path[2] === "loadedCurve" ? curveSchema.entries : quantitySchema.entries);
}

function deviceOf(raw: Raw, path: ProfilePath, locator: Locator): DeviceProfile {
  const quantities = quantitiesIn(raw, DEVICE_FIELDS, path, locator);
  if (raw["medium"] === "pmem" && quantities["writeGBps"] === undefined && quantities["mixedGBps"] === undefined) {
    locator.fail(path, { what: "a pmem device needs its writeBandwidth", example: "writeBandwidth: 2.2 GB/s" });
  }
  checkMix(quantities, path, locator);
  const curve = raw["loadedCurve"] as Raw | undefined;
  return {
    id: raw["id"],
    description: raw["description"],
    medium: raw["medium"],
    ...quantities,
    ...(raw["measuredFrom"] === undefined ? {} : { measuredFrom: raw["measuredFrom"] }),
    ...(curve === undefined ? {} : { loadedCurve: curveOf(curve, [...path, "loadedCurve"], locator) }),
  } as unknown as DeviceProfile;
}

function hostOf(raw: Raw, path: ProfilePath, locator: Locator): HostProfile {
  return {
    id: raw["id"],
    description: raw["description"],
    family: raw["family"],
    year: raw["year"],
    localDram: raw["localDram"],
    ...(raw["architecture"] === undefined ? {} : { architecture: raw["architecture"] }),
    ...quantitiesIn(raw, HOST_FIELDS, path, locator),
  } as unknown as HostProfile;
}

function quantitiesIn(
  raw: Raw,
  fields: readonly Field[],
  path: ProfilePath,
  locator: Locator,
): Record<string, Quantity> {
  const out: Record<string, Quantity> = {};
  for (const f of fields) {
    const given = raw[f.yaml];
    if (given !== undefined) out[f.key] = quantityOf(given, f, raw, [...path, f.yaml], locator);
  }
  return out;
}

function quantityOf(given: unknown, f: Field, profile: Raw, path: ProfilePath, locator: Locator): Quantity {
  const isMapping = typeof given === "object" && given !== null && !Array.isArray(given);
  const parsed = v.safeParse(quantitySchema, isMapping ? given : { value: given });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    locator.fail([...path, ...(issue.path ?? []).map((item) => item.key as string)], {
      what: issue.message,
      expected: "value, range, level, source, note",
    });
  }
  const stated = parsed.output;
  const read = (value: unknown, at: ProfilePath): number => {
    const result: number | UnitProblem = parseQuantity(value, f.dimension);
    return typeof result === "number" ? result : locator.fail(at, result);
  };
  const value = read(stated.value, path);
  const evidence = stated.level ?? (profile["level"] as EvidenceLevel | undefined);
  const source = stated.source ?? (profile["source"] as string | undefined);
  if (evidence === undefined || source === undefined) {
    locator.fail(path, {
      what: "how the value is known is not stated",
      expected: `level (${Object.keys(EVIDENCE_MEANING).join(", ")}) and source, of the value or of its profile`,
      example: `${f.yaml}: {value: ..., level: M, source: "MLC v3.11"}`,
    });
  }
  const bounds = stated.range?.map((bound) => read(bound, [...path, "range"])) as [number, number] | undefined;
  const range = bounds ?? (f.isExact ? ([value, value] as const) : undefined);
  if (range !== undefined && !(range[0] <= value && value <= range[1])) {
    locator.fail([...path, "range"], { what: "the value lies outside its range", expected: "[low, high] around it" });
  }
  return {
    value,
    level: evidence,
    source,
    ...(range === undefined ? {} : { range }),
    ...(stated.note === undefined ? {} : { note: stated.note }),
    ...(stated.fitted === undefined ? {} : { fitted: stated.fitted }),
  };
}
