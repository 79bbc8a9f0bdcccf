import * as v from "valibot";
import { InputError } from "../errors.ts";
import { type CountedRecording, countedRecording } from "./countedRecording.ts";
import { countedSchema } from "./countedSchema.ts";
import { parseOperations } from "./operations.ts";
import type { Operation } from "./operationsSchema.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Printed as it is: no control characters, and no more than a terminal shows. */
const printed = v.pipe(v.string(), v.maxLength(200), v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/));
/** What `uname -r` says: `6.1.0-56-amd64`, `6.12.117+deb12-amd64`, `6.6.87.2-microsoft-standard-WSL2`. */
const release = v.pipe(printed, v.regex(/^\d{1,3}\.\d{1,3}(\.\d{1,5}){0,2}([-+][\w.+~-]*)?$/, "no kernel release"));
const functionRow = v.tuple([printed, v.picklist(["load", "store"]), count]);
/** Touch records hold pfns of 32 bits: 131,072 blocks of 128 MiB. */
const blockNumber = v.pipe(
  v.string(),
  v.regex(/^(0|[1-9]\d{0,5})$/, "no number of a memory block"),
  v.check((text) => Number(text) < 2 ** 17, "beyond the last block of 128 MiB, 131071"),
);

const zone = v.looseObject({
  start_pfn: v.optional(count),
  spanned: v.optional(count, 0),
  present: v.optional(count, 0),
  managed: v.optional(count, 0),
  free: v.optional(count, 0),
  pcp: v.optional(count),
  buddy: v.optional(v.pipe(v.array(count), v.maxLength(32))),
});
const zones = v.record(v.string(), zone);

const summarySchema = v.looseObject({
  name: printed,
  kernel: release,
  cmd: v.nullish(v.string(), ""),
  loads: count,
  stores: count,
  distinct_pages: count,
  page_switches: count,
  all_loads: v.optional(count),
  all_stores: v.optional(count),
  other_l2_fills: count,
  instructions: count,
  zones_before: v.optional(zones, {}),
  zones_after: v.optional(zones, {}),
  hot_blocks_before: v.optional(v.record(blockNumber, v.looseObject({ state: printed, valid_zones: printed })), {}),
  by_function: v.optional(v.array(functionRow), []),
  hot_added: v.object({
    pfn_from: v.pipe(count, v.maxValue(2 ** 32 - 1)),
    touches: count,
    loads: count,
    stores: count,
    distinct_pages: count,
    by_function: v.optional(v.array(functionRow), []),
  }),
  counted: v.optional(countedSchema),
  touch_sha256: v.optional(v.string()),
  events_sha256: v.optional(v.string()),
});

/** State of a zone as /proc/zoneinfo and /proc/buddyinfo gave it; pages of 4 KiB, `buddy` counts free chunks by order. */
export interface RecordedZone {
  readonly nid: number;
  readonly zone: string;
  readonly startPfn: number | undefined;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly free: number;
  /** Pages on pcp lists of all CPUs (`pagesets` of /proc/zoneinfo), where recorded. */
  readonly pcpPages: number | undefined;
  readonly buddy: readonly number[] | undefined;
}

/** Accesses by one kernel function. */
export interface FunctionCount {
  readonly name: string;
  readonly kind: "load" | "store";
  readonly count: number;
}

/** What a `traffic/NAME.json` says: totals over a recording, and the state around it. */
export interface RecordingSummary {
  readonly name: string;
  /** Release string: `6.1.0-56-amd64`. */
  readonly kernel: string;
  readonly command: string;
  /** Accesses to the vmemmap. */
  readonly loads: number;
  readonly stores: number;
  readonly distinctPages: number;
  /** Touch records: consecutive accesses to one struct page count once. */
  readonly pageSwitches: number;
  /** Every load and store of the guest, where recorded. */
  readonly allLoads: number | undefined;
  readonly allStores: number | undefined;
  /** Of the guest. Where `counted` is undefined, every byte of a string instruction counts as one. */
  readonly instructions: number;
  /** Misses of all accesses but those to the vmemmap in a 1 MiB 16-way L2. */
  readonly otherL2Fills: number;
  /** How many of those also miss a last-level cache of a size; ascending by size. */
  readonly otherLlcFills: readonly { readonly llcBytes: number; readonly fills: number }[];
  readonly zonesBefore: readonly RecordedZone[];
  readonly zonesAfter: readonly RecordedZone[];
  readonly hotBlocksBefore: readonly { readonly block: number; readonly state: string; readonly validZones: string }[];
  readonly byFunction: readonly FunctionCount[];
  /** The same for struct pages of hot-added memory alone: those whose medium depends on placement. */
  readonly hotAdded: {
    readonly pfnFrom: number;
    readonly touches: number;
    readonly loads: number;
    readonly stores: number;
    readonly distinctPages: number;
    readonly byFunction: readonly FunctionCount[];
  };
  /**
   * Who did what, with string instructions counted once. Undefined in recordings made before recorders counted so: what
   * their workload takes without struct pages is not known.
   */
  readonly counted: CountedRecording | undefined;
  /** Absent where the recording could not state them. */
  readonly operations: readonly Operation[] | undefined;
  /** Of the records of the touch trace, for recordings that are packaged. */
  readonly touchSha256: string | undefined;
  /** Of the event records of the kmem trace, likewise. */
  readonly eventsSha256: string | undefined;
}

/** @error InputError naming the key that is missing or has the wrong type */
export function parseRecordingSummary(input: unknown, where: string): RecordingSummary {
  const result = v.safeParse(summarySchema, input);
  if (!result.success) {
    const issue = result.issues[0];
    const key = v.getDotPath(issue) ?? "";
    const isAbsent = issue.kind === "schema" && issue.received === "undefined";
    throw new InputError({
      where: key === "" ? where : `${where}: ${key}`,
      what: `is not the summary of a recording: ${isAbsent ? "there is no such key" : issue.message}`,
      expected:
        "the keys of a traffic/NAME.json: name, kernel, loads, stores, instructions, other_l2_fills, hot_added...",
      example: '{"name": "run", "kernel": "6.1.0-56-amd64", "loads": 8, "stores": 2, ...}',
    });
  }
  const raw = result.output;
  const operations = (raw as { operations?: unknown }).operations;
  return {
    name: raw.name,
    kernel: raw.kernel,
    command: raw.cmd,
    loads: raw.loads,
    stores: raw.stores,
    distinctPages: raw.distinct_pages,
    pageSwitches: raw.page_switches,
    allLoads: raw.all_loads,
    allStores: raw.all_stores,
    instructions: raw.instructions,
    otherL2Fills: raw.other_l2_fills,
    otherLlcFills: otherLlcFills(raw, where),
    zonesBefore: zoneRows(raw.zones_before),
    zonesAfter: zoneRows(raw.zones_after),
    hotBlocksBefore: Object.entries(raw.hot_blocks_before).map(([block, row]) => ({
      block: Number(block),
      state: row.state,
      validZones: row.valid_zones,
    })),
    byFunction: functionRows(raw.by_function),
    hotAdded: {
      pfnFrom: raw.hot_added.pfn_from,
      touches: raw.hot_added.touches,
      loads: raw.hot_added.loads,
      stores: raw.hot_added.stores,
      distinctPages: raw.hot_added.distinct_pages,
      byFunction: functionRows(raw.hot_added.by_function),
    },
    counted: raw.counted && countedRecording(raw.counted, raw, where),
    operations: operations === undefined ? undefined : parseOperations(operations, `${where}: operations`),
    touchSha256: raw.touch_sha256,
    eventsSha256: raw.events_sha256,
  };
}

/** The keys other_llc_fills_<n>MiB, whatever the sizes. */
function otherLlcFills(raw: Readonly<Record<string, unknown>>, where: string): RecordingSummary["otherLlcFills"] {
  const rows: { llcBytes: number; fills: number }[] = [];
  for (const [key, fills] of Object.entries(raw)) {
    const mib = /^other_llc_fills_(\d{1,6})MiB$/.exec(key)?.[1];
    if (mib === undefined) continue;
    const all = raw["other_l2_fills"] as number;
    if (!Number.isSafeInteger(fills) || (fills as number) < 0 || (fills as number) > all) {
      throw new InputError({
        where: `${where}: ${key}`,
        what: "is not a count of other_l2_fills",
        expected: `a whole number from 0 to ${all}: a part of these fills enters the LLC`,
      });
    }
    rows.push({ llcBytes: Number(mib) * 2 ** 20, fills: fills as number });
  }
  return rows.sort((a, b) => a.llcBytes - b.llcBytes);
}

function zoneRows(zonesByName: v.InferOutput<typeof zones>): RecordedZone[] {
  return Object.entries(zonesByName).map(([key, row]) => {
    const [nid, name] = key.split(":");
    return {
      nid: Number(nid),
      zone: name ?? key,
      startPfn: row.start_pfn,
      spanned: row.spanned,
      present: row.present,
      managed: row.managed,
      free: row.free,
      pcpPages: row.pcp,
      buddy: row.buddy,
    };
  });
}

const functionRows = (rows: readonly v.InferOutput<typeof functionRow>[]): FunctionCount[] =>
  rows.map(([name, kind, total]) => ({ name, kind, count: total }));
