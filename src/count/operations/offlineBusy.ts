import { ENGINE_BLOCK_PAGES, ENGINE_MAX_ORDER } from "../../../assembly/layout/engine.ts";
import { PAGE_SHIFT } from "../../../assembly/layout/structPage.ts";
import type { CacheGeometry } from "../../counts.ts";
import { InputError } from "../../errors.ts";
import { recipesOf } from "../../linux/recipes/ofKernel.ts";
import { formatBytes, TIB } from "../../units.ts";
import { type BlockFilling, BusyRange, type BusyRangeCounts } from "../../wasm/busyRange.ts";
import { INSTRUCTIONS_PER_TOUCH } from "./instructionsPerTouch.ts";

/** Page numbers are 32 bits, and the end of the range is one of them. */
const MAX_RANGE_BYTES = 16 * TIB;

/** Memory blocks in use that go offline one after the other. */
export interface OfflineBusyInput extends Partial<BlockFilling> {
  /** Release, `6.12`. */
  readonly kernel: string;
  /** Of the zone: whole blocks, less than 16 TiB. */
  readonly rangeBytes: number;
  /** From the start of the range: blocks that go, all of them as full as `usedShare` says. @default rangeBytes */
  readonly offlineBytes?: number;
  /** None: touches are counted and pass no caches. */
  readonly caches?: CacheGeometry;
  /** For the windows of misses. @default a mean over kernels and programs */
  readonly instructionsPerTouch?: number;
  /** Told each block that has gone. */
  readonly progress?: (block: number) => void;
}

/**
 * offline_pages() of blocks in use: isolation, scan, migration, dissolving, tests, one call into WebAssembly a block, each
 * touch of a struct page through the caches. Struct pages of the new pages, which lie elsewhere, are not in it.
 *
 * @returns folios moved, touches, loads and stores of struct pages, and where the caches served them
 * @error InputError for what is no range of whole blocks below 16 TiB, or no filling
 */
export function offlineBusy(input: OfflineBusyInput): BusyRangeCounts {
  const { kernel, rangeBytes, offlineBytes = rangeBytes, caches, progress } = input;
  const filling: BlockFilling = {
    blockPages: input.blockPages ?? 2 ** 19,
    folioOrder: input.folioOrder ?? 0,
    usedShare: input.usedShare ?? 1,
    lru: input.lru ?? "in order",
  };
  check(filling, rangeBytes, offlineBytes);
  const range = new BusyRange(recipesOf(kernel), rangeBytes / 2 ** PAGE_SHIFT, filling, caches);
  range.setInstructionsPerTouch(input.instructionsPerTouch ?? INSTRUCTIONS_PER_TOUCH);
  return range.offline(offlineBytes / 2 ** PAGE_SHIFT / filling.blockPages, progress);
}

function check({ blockPages, folioOrder, usedShare }: BlockFilling, rangeBytes: number, offlineBytes: number): void {
  const refuse = (what: string, expected: string): never => {
    throw new InputError({ what, expected, example: "rangeBytes: 2 ** 40, offlineBytes: 2 ** 38, usedShare: 0.5" });
  };
  const blockBytes = blockPages * 2 ** PAGE_SHIFT;
  if (!(blockPages >= ENGINE_BLOCK_PAGES && blockPages <= 2 ** 24 && Number.isInteger(Math.log2(blockPages))))
    refuse(`blocks of ${blockPages} pages`, "a power of two, 128 MiB to 64 GiB");
  for (const [name, bytes] of Object.entries({ rangeBytes, offlineBytes }))
    if (!(bytes > 0 && bytes < MAX_RANGE_BYTES && bytes % blockBytes === 0))
      refuse(`${name} of ${bytes} bytes`, `whole blocks of ${formatBytes(blockBytes)}, less than 16 TiB`);
  if (offlineBytes > rangeBytes)
    refuse(`${formatBytes(offlineBytes)} of ${formatBytes(rangeBytes)}`, "at most the range");
  if (!(usedShare >= 0 && usedShare <= 1)) refuse(`a share in use of ${usedShare}`, "0 to 1");
  if (!(Number.isInteger(folioOrder) && folioOrder >= 0 && folioOrder < ENGINE_MAX_ORDER))
    refuse(`folios of order ${folioOrder}`, "0 to 9");
}
