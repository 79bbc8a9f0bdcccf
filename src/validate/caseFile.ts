import * as v from "valibot";
import { InputError, nearestName } from "../errors.ts";
import { modelSchema } from "./caseModel.ts";

const MAX_ROWS = 10_000;
/** Three years. */
const MAX_TIME_MS = 1e11;
/** Larger figures are no time, size or rate of a machine, and their sums leave the numbers. */
const positive = v.pipe(v.number(), v.gtValue(0), v.maxValue(1e18));
const derived = v.pipe(v.number(), v.minValue(0), v.maxValue(1e18));
const label = v.pipe(v.string(), v.maxLength(2000));
/** 52 bits of physical address are 2^40 pages of 4 KiB, the most that x86_64 and arm64 have. */
const MAX_PAGES = 2 ** 40;
const pageCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PAGES));

/** One published figure, as rows of published measurements are kept. */
const rowSchema = v.strictObject({
  id: v.pipe(label, v.minLength(1)),
  source: label,
  url: v.optional(label),
  date: v.optional(label),
  platform: v.optional(label, ""),
  medium: v.optional(v.nullable(v.picklist(["dram", "numa", "pmem", "nvdimm-n", "cxl", "vm"]))),
  placement: v.optional(v.nullable(v.picklist(["dram", "device"]))),
  operation: label,
  pages: v.optional(v.nullable(pageCount)),
  bytes: v.optional(v.nullable(positive)),
  /** 0 stands for a kernel without worker threads: one thread does it all. */
  threads: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4096)))),
  time_ms: v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0), v.maxValue(MAX_TIME_MS)))),
  value: v.optional(v.nullable(positive)),
  unit: v.optional(v.nullable(label)),
  struct_pages_touched: v.optional(v.nullable(pageCount)),
  ns_per_page: v.optional(v.nullable(derived)),
  memmap_GBps: v.optional(v.nullable(derived)),
  memmap_GBps_note: v.optional(v.nullable(label)),
  notes: v.optional(v.nullable(label), ""),
  use: v.picklist(["calibration", "check", "context"]),
  host: v.optional(label),
  device: v.optional(label),
  kernel: v.optional(label),
  /** What the figure is of; absent: read from its words. */
  model: v.optional(modelSchema),
});

export type CaseRow = v.InferOutput<typeof rowSchema>;

/**
 * Rows of a case file: a JSON array of measurements.
 *
 * @param where name of the file, for errors
 * @error InputError naming file, row and key
 */
export function parseCases(text: string, where: string): CaseRow[] {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new InputError({
      what: `not JSON: ${(error as Error).message.slice(0, 120)}`,
      where,
      expected: "an array of rows",
    });
  }
  if (!Array.isArray(raw)) throw new InputError({ what: "not an array", where, expected: "a JSON array of rows" });
  if (raw.length === 0) throw new InputError({ what: "no rows in it", where, expected: "at least one row" });
  if (raw.length > MAX_ROWS)
    throw new InputError({ what: `${raw.length} rows`, where, expected: `at most ${MAX_ROWS}` });
  const seen = new Set<string>();
  return raw.map((row, i) => {
    const parsed = parseRow(row, `${where}: row ${i}`);
    if (seen.has(parsed.id))
      throw new InputError({ what: `id "${parsed.id}" appears twice`, where: `${where}: row ${i}` });
    seen.add(parsed.id);
    checkSizes(parsed, `${where}: row ${i} (${parsed.id.slice(0, 60)})`);
    return parsed.threads === 0 ? { ...parsed, threads: 1 } : parsed;
  });
}

/** @error InputError when pages, threads and struct pages touched cannot be those of one run */
function checkSizes({ pages, threads, struct_pages_touched: touched }: CaseRow, where: string): void {
  if (pages == null) return;
  if (threads != null && threads > pages)
    throw new InputError({
      what: `"threads": ${threads} threads for ${pages} pages`,
      where,
      expected: "at least one page for each thread",
    });
  if (touched != null && touched > pages)
    throw new InputError({
      what: `"struct_pages_touched": ${touched} of ${pages} pages`,
      where,
      expected: `at most "pages": a struct page is counted once`,
    });
}

function parseRow(row: unknown, where: string): CaseRow {
  const parsed = v.safeParse(rowSchema, row);
  if (parsed.success) return parsed.output;
  const unknown = parsed.issues.find((issue) => issue.type === "strict_object" && issue.expected === "never");
  const issue = unknown ?? parsed.issues[0];
  const id = (row as { id?: unknown } | null)?.id;
  const at = typeof id === "string" ? `${where} (${id.slice(0, 60)})` : where;
  const key = String(issue.path?.at(-1)?.key ?? "");
  const inModel = (issue.path?.length ?? 0) > 1 && issue.path?.[0]?.key === "model";
  const shown = inModel ? `model.${key}` : key;
  if (issue.type === "strict_object" && issue.expected === "never") {
    const known = Object.keys((inModel ? modelSchema : rowSchema).entries);
    const near = nearestName(key, known);
    throw new InputError({
      what: `unknown field "${shown.slice(0, 60)}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      where: at,
      expected: `only ${known.join(", ")}`,
    });
  }
  if (issue.type === "strict_object" && issue.received === "undefined") {
    throw new InputError({ what: `"${shown}" is missing`, where: at, expected: `a value for "${shown}"` });
  }
  throw new InputError({
    what: key === "" ? issue.message : `"${shown}": ${issue.message}`,
    where: at,
    ...(issue.expected === null ? {} : { expected: issue.expected }),
  });
}
