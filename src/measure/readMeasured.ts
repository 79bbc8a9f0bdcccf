import * as v from "valibot";
import { InputError } from "../errors.ts";
import { kernelVersion, readKernelVersion } from "../linux/version.ts";
import type { CaseRow } from "../validate/caseFile.ts";
import {
  MEASURED_SCHEMA,
  type MeasuredDocument,
  type MeasuredOrder,
  type MeasuredRow,
  measuredSchema,
} from "./document.ts";

/** Whether a text is, or means to be, what `altmap measure -o` writes. */
export function looksMeasured(text: string): boolean {
  return /^\s*\{[\s\S]{0,200}"schema":\s*"altmap\/measured-/.test(text);
}

/**
 * Reads what `altmap measure -o` wrote.
 *
 * @param where name of the file, for errors
 * @error InputError naming file and key
 */
export function parseMeasured(text: string, where: string): MeasuredDocument {
  const example = `altmap measure -o ${/\.json$/.test(where) ? where : "measured.json"}`;
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const what = `not JSON: ${(error as Error).message.slice(0, 120)}`;
    throw new InputError({ what, where, expected: `a document of ${MEASURED_SCHEMA}`, example });
  }
  const parsed = v.safeParse(measuredSchema, raw);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const key = (issue.path ?? []).map((item) => String(item.key)).join(".");
  throw new InputError({
    what: key === "" ? issue.message : `"${key}": ${issue.message}`,
    where,
    expected: issue.expected ?? `a document of ${MEASURED_SCHEMA}`,
    example,
  });
}

/** Rows for `altmap validate`: cold less hot of each operation that was not refused, in both orders. */
export function rowsOfMeasured(document: MeasuredDocument): CaseRow[] {
  const rows = document.operations
    .filter((row) => row.refused === null && row.struct_page !== "none")
    .flatMap((row) => [
      ...rowOf(document, row, "random", row.random),
      ...rowOf(document, row, "in-order", row.in_order),
    ]);
  if (rows.length > 0) return rows;
  throw new InputError({
    what: "every operation of the measurement was refused: it has no row",
    expected: "one that measured at least one operation",
    example: "altmap measure -o measured.json",
  });
}

/** None where pages in order cost nothing: a row is of a time. */
function rowOf(
  document: MeasuredDocument,
  { name, does }: MeasuredRow,
  order: "random" | "in-order",
  result: MeasuredOrder | null,
): CaseRow[] {
  if (result === null || result.refused !== null || result.cold_less_hot_ns <= 0) return [];
  const { machine, latency_quartiles_ns: quartiles, predicted_for: host } = document;
  const [low, high] = quartiles.map(Math.round);
  const kernel = readKernelVersion(machine.kernel);
  return [
    {
      id: `measured-${name}-${order}`,
      source: `altmap measure, ${machine.cpu}`,
      date: document.date,
      platform: `${machine.cpu}${machine.virtualisation === null ? "" : ", guest"}; chase of random lines ${low}-${high} ns`,
      medium: machine.virtualisation === null ? "dram" : "vm",
      placement: "dram",
      operation: does,
      pages: Math.floor(document.circumstances.footprint_bytes / machine.page_bytes),
      threads: 1,
      value: result.cold_less_hot_ns,
      unit: "ns a page, cold less hot",
      notes: `quartiles ${result.quartiles_ns.join(" and ")}, medians of runs ${result.runs_ns.join(" to ")}`,
      use: "check",
      ...(host === null ? {} : { host }),
      ...(kernel === undefined || kernel < kernelVersion(3, 12) ? {} : { kernel: machine.kernel }),
      model: {
        operation: name,
        quantity: "cold-less-hot-ns-a-page",
        bound: "none",
        pfn_order: order,
        folio: "4KiB",
      },
    },
  ];
}
