import { PAGE_SHIFT } from "../../assembly/layout/structPage.ts";
import { BLOCK_PAGES } from "../../src/count/coremm/hotLayout.ts";
import type { FootprintHost, ScaledFootprint } from "../../src/count/operations/footprintScale.ts";
import type { OperationScript } from "../../src/count/operations/scripts.ts";

/** A quarter more, so that batches and pcp lists find free pages. */
const WITH_SPARE = 1.25;

/** A footprint as it is, for comparison with the scaled one. */
export function wholeFootprint(script: OperationScript, footprintBytes: number, host: FootprintHost): ScaledFootprint {
  const pages = footprintBytes / 2 ** PAGE_SHIFT;
  const { caches } = host;
  const offlines = script.some(({ name }) => name === "offline");
  const block = offlines ? host.blockPages : BLOCK_PAGES;
  const nrBlocks = Math.ceil((offlines ? 1 : WITH_SPARE) * (pages / block));
  return { pages, blockPages: block, nrBlocks, caches, errorRatio: 0 };
}
