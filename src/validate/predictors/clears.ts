import { PAGE_BYTES } from "../../../assembly/layout/structPage.ts";
import { draw } from "../../cost/sample.ts";
import { streamedRates } from "../../machine/streams.ts";
import { folioPagesOf } from "../caseModel.ts";
import type { CasePredictor } from "./predictor.ts";

/** From about here on some cores clear past the caches, at two to four times the rate; no profile states it. */
const BYPASS_BYTES = 32 * 1024 ** 2;
const BYPASS = "some cores clear extents of this size past their caches: no profile states from where on and how fast";

/** `clear`: one extent of the folio's size, as `clear_page` does it; the rate of the host on its DRAM. */
export const clearPredictors: Readonly<Record<string, CasePredictor>> = {
  clear: {
    quantities: ["GBps", "ns-a-page"],
    ofStructPages: false,
    refuses: ({ model }) => (folioPagesOf(model) * PAGE_BYTES >= BYPASS_BYTES ? BYPASS : undefined),
    predict: ({ model }, { host, dram, memmap }, random) => {
      const rates = streamedRates(host, dram, memmap);
      const bytes = folioPagesOf(model) * PAGE_BYTES;
      const ns = draw(rates.clearStartNs, random) + bytes / draw(rates.clearGBps, random);
      return model.quantity === "GBps" ? bytes / ns : (ns * PAGE_BYTES) / bytes;
    },
  },
  "hugetlb-fault-1GiB": {
    quantities: ["whole-ns"],
    ofStructPages: false,
    refuses: () => BYPASS,
    predict: () => Number.NaN,
  },
};
