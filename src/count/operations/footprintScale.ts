import { PAGE_SHIFT, STRUCT_PAGE_BYTES } from "../../../assembly/layout/structPage.ts";
import type { CacheGeometry, LevelGeometry } from "../../counts.ts";
import { recipesOf } from "../../linux/recipes/ofKernel.ts";
import type { OperationName } from "../../scenario/operationNames.ts";
import { BLOCK_PAGES } from "../coremm/hotLayout.ts";
import type { OperationScript } from "./scripts.ts";

/**
 * How far a cost per page of the scaled model may be from that of every page: tested against page by page runs where
 * both fit (test/workload/operationFootprint.test.ts). Blocks of which the struct pages are about as many as L2 or LLC
 * hold hit there or not by a hair, and offline of them costs little more than those hits.
 */
const SCALED_ERROR_RATIO = 0.01;
export const SMALL_BLOCKS_ERROR_RATIO = 0.2;
/** 2 GiB: far from both. */
const LARGE_BLOCK_PAGES = 2 ** 19;

/** What does not change between footprints. */
export interface FootprintHost {
  /** Release, `6.12`. */
  readonly kernel: string;
  readonly caches: CacheGeometry;
  /** Of a memory block. */
  readonly blockPages: number;
}

/** What the page engine runs in place of a whole footprint. */
export interface ScaledFootprint {
  readonly pages: number;
  readonly blockPages: number;
  /** Of the zone. */
  readonly nrBlocks: number;
  readonly caches: CacheGeometry;
  /** 0: it is the whole footprint. */
  readonly errorRatio: number;
}

/** Pages that take little time; L1, which is not scaled, holds less than a hundredth of their struct pages. */
const RUN_PAGES = 131_072;
/** Least pages of a scaled block, and struct pages that a scaled L2 holds: twice the batch that migrates. */
const LEAST_BLOCK_PAGES = 4096;
const LEAST_L2_LINES = 1024;
const MIN_SETS = 8;
/** A quarter more, so that batches and pcp lists find free pages. */
const WITH_SPARE = 1.25;

/**
 * A smaller footprint with the same hits and misses per page.
 *
 * Which touches hit depends on what lies between two touches of a struct page: a batch, whose size the footprint does
 * not change; a memory block; or the whole footprint. The scaled model keeps each of these on its side of each cache:
 *
 * - A sweep of a process or file: footprint and LLC are scaled by one factor, so long as the LLC stays twice as large as
 *   L2 and the largest batch, and the footprint twice as large as that.
 * - Offline goes through a block several times, in both directions: footprint, block, L2 and LLC are scaled.
 * - Random visits hit in proportion to the share of struct pages that a cache holds: L2 and LLC are scaled.
 *
 * A sweep over struct pages twice as large as the LLC finds none of them in it, and each page more costs the same:
 * beyond that it is cut off.
 */
export function scaledFootprint(script: OperationScript, footprintBytes: number, host: FootprintHost): ScaledFootprint {
  const pages = footprintBytes / 2 ** PAGE_SHIFT;
  if (has(script, "churn")) return scaledRandom(pages, host);
  return has(script, "offline") ? scaledBlocks(pages, host) : scaledSweep(pages, host);
}

const has = (script: OperationScript, operation: OperationName): boolean =>
  script.some(({ name }) => name === operation);

function scaledSweep(pages: number, { kernel, caches }: FootprintHost): ScaledFootprint {
  // Pages that struct mmu_gather holds between zap and free are the largest batch.
  const { gatherBundle, gatherBatch, gatherBatches } = recipesOf(kernel).sizes;
  const least = 2 * Math.max(linesOf(caches.l2), gatherBundle + gatherBatch * gatherBatches);
  const factor = Math.max(1, Math.floor(Math.min(pages / (2 * least), linesOf(caches.llc) / least)));
  const llc = scaledLevel(caches.llc, factor);
  const part = Math.min(Math.ceil(pages / factor), 2 * linesOf(llc), pages);
  return {
    ...inBlocks(part),
    caches: { ...caches, llc },
    errorRatio: factor === 1 && part === pages ? 0 : SCALED_ERROR_RATIO,
  };
}

function scaledBlocks(pages: number, { caches, blockPages }: FootprintHost): ScaledFootprint {
  const enough = Math.min(pages, 2 * linesOf(caches.llc));
  const canDouble = (factor: number): boolean =>
    blockPages % (2 * factor * LEAST_BLOCK_PAGES) === 0 && linesOf(caches.l2) >= 2 * factor * LEAST_L2_LINES;
  let factor = 1;
  while (enough / factor > RUN_PAGES && canDouble(factor)) factor *= 2;
  const block = blockPages / factor;
  const llc = scaledLevel(caches.llc, factor);
  const wanted = Math.min(pages / factor, 2 * linesOf(llc));
  const part = pages < blockPages ? Math.ceil(pages / factor) : Math.ceil(wanted / block) * block;
  // After each block comes a walk over the rest of the zone: the mean of those of all blocks.
  const blocksOf = (nr: number): number => Math.ceil(nr / block);
  return {
    pages: part,
    blockPages: block,
    nrBlocks: Math.round((blocksOf(pages / factor) + blocksOf(part)) / 2),
    caches: { l1: caches.l1, l2: scaledLevel(caches.l2, factor), llc },
    errorRatio:
      factor === 1 && part === pages
        ? 0
        : blockPages < LARGE_BLOCK_PAGES
          ? SMALL_BLOCKS_ERROR_RATIO
          : SCALED_ERROR_RATIO,
  };
}

function scaledRandom(pages: number, { caches }: FootprintHost): ScaledFootprint {
  let factor = 1;
  while (pages / factor > RUN_PAGES) factor *= 2;
  const part = Math.ceil(pages / factor);
  const scaled = { l1: caches.l1, l2: scaledLevel(caches.l2, factor), llc: scaledLevel(caches.llc, factor) };
  return { ...inBlocks(part), caches: scaled, errorRatio: factor === 1 ? 0 : SCALED_ERROR_RATIO };
}

const inBlocks = (pages: number) => ({
  pages,
  blockPages: BLOCK_PAGES,
  nrBlocks: Math.ceil((WITH_SPARE * pages) / BLOCK_PAGES),
});

function scaledLevel({ bytes, ways }: LevelGeometry, factor: number): LevelGeometry {
  const setBytes = ways * STRUCT_PAGE_BYTES;
  return { bytes: Math.max(MIN_SETS, Math.floor(bytes / setBytes / factor)) * setBytes, ways };
}

const linesOf = ({ bytes }: LevelGeometry): number => bytes / STRUCT_PAGE_BYTES;
