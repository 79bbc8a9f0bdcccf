// Hotplug of pages of other sizes than those recorded: the same passes over as many struct pages.
import { SECTION_PAGES } from "../../../assembly/layout/hotplug.ts";
import { addTouchCounts, emptyTouchCounts } from "../../counts.ts";
import type { HotplugPlan } from "../../hotplug/plan.ts";
import type { WalkPhase } from "./walk.ts";

/** Blocks that the passes walk: 4 KiB pages, pageblocks of 512 pages. */
export interface WalkedBlocks {
  readonly blockPages: number;
  readonly nrBlocks: number;
}

/** The plan's blocks where they can be walked as they are, else such ones that hold at least as many struct pages. */
export function walkedBlocks({ blockPages, nrBlocks }: HotplugPlan): WalkedBlocks {
  if (blockPages % SECTION_PAGES === 0) return { blockPages, nrBlocks };
  return { blockPages: SECTION_PAGES, nrBlocks: Math.ceil((blockPages * nrBlocks) / SECTION_PAGES) };
}

/** How much more there is of the plan than was walked. */
export interface LayoutScale {
  /** Struct pages of the device, and of one block. */
  readonly pages: number;
  readonly blockPages: number;
}

/** All 1 for what was recorded: pages of 4 KiB. */
export function scaleOf({ blockPages, nrBlocks }: HotplugPlan, walked: WalkedBlocks): LayoutScale {
  return {
    pages: (blockPages * nrBlocks) / (walked.blockPages * walked.nrBlocks),
    blockPages: blockPages / walked.blockPages,
  };
}

/**
 * What was walked, for the plan's own pages. A pass reads and writes the struct page of a large page and of a small one
 * alike, so counts go by the number of struct pages. Assumed: no kernel of another page size was recorded.
 */
export function asPlanned(phase: WalkPhase, { pages, blockPages }: LayoutScale): WalkPhase {
  if (pages === 1 && blockPages === 1) return phase;
  return {
    ...phase,
    ...scaled(phase, pages),
    nrPages: phase.nrPages * pages,
    passes: phase.passes.map((pass) => ({ ...pass, ...scaled(pass, pages) })),
    stretches: phase.stretches.map((stretch) => ({
      ...stretch,
      ...scaled(stretch, blockPages),
      nrPages: stretch.nrPages * blockPages,
      passes: stretch.passes.map((pass) => ({ ...pass, ...scaled(pass, blockPages) })),
    })),
  };
}

type Counted = Pick<WalkPhase, "loads" | "stores" | "touches" | "counts">;

function scaled({ loads, stores, touches, counts }: Counted, pages: number): Counted {
  const sum = emptyTouchCounts();
  addTouchCounts(sum, counts, pages);
  return { loads: loads * pages, stores: stores * pages, touches: touches * pages, counts: sum };
}
