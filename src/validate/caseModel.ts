import * as v from "valibot";

const QUANTITIES = ["whole-ns", "ns-a-page", "cold-less-hot-ns-a-page", "GBps"] as const;
/**
 * What the figure of a row is.
 *
 * whole-ns                  the whole run
 * ns-a-page                 of each 4 KiB page
 * cold-less-hot-ns-a-page   the same operation with struct pages in no cache, less with them in L2
 * GBps                      1e9 bytes of data a second
 */
export type CaseQuantity = (typeof QUANTITIES)[number];
export const PFN_ORDERS = ["random", "in-order"] as const;
export type PfnOrder = (typeof PFN_ORDERS)[number];
/** Orders 0, 2 to 9, and a gigantic page. */
export const FOLIO_PAGES: Readonly<Record<string, number>> = {
  "4KiB": 1,
  "16KiB": 4,
  "32KiB": 8,
  "64KiB": 16,
  "128KiB": 32,
  "256KiB": 64,
  "512KiB": 128,
  "1MiB": 256,
  "2MiB": 512,
  "1GiB": 262144,
};

/** What a row timed, stated rather than read from its words. */
export const modelSchema = v.strictObject({
  operation: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w:.-]{0,79}$/, "must be the name of an operation")),
  quantity: v.picklist(QUANTITIES),
  /** `upper`: the figure holds more than the operation; the prediction must not exceed it. */
  bound: v.optional(v.picklist(["none", "upper"]), "none"),
  /** Absent: not known. */
  pfn_order: v.optional(v.picklist(PFN_ORDERS)),
  folio: v.optional(v.picklist(Object.keys(FOLIO_PAGES))),
});

export type CaseModel = v.InferOutput<typeof modelSchema>;

/** 4 KiB pages of the row's folios; `otherwise` where none is stated. */
export function folioPagesOf(model: CaseModel, otherwise = 1): number {
  return model.folio === undefined ? otherwise : (FOLIO_PAGES[model.folio] ?? otherwise);
}
