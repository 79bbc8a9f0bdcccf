import { drawDevice, drawHost } from "../../cost/drawMachine.ts";
import { exposedNs } from "../../cost/exposure.ts";
import { drawUniform } from "../../cost/sample.ts";
import { WALK_INSTRUCTIONS } from "../../cost/zoneContiguous.ts";
import { type CasePredictor, isGuest, type ModelledRow } from "./predictor.ts";

const LINE_BYTES = 64;
const PAGEBLOCK_PAGES = 512;
/** First and last struct page of a pageblock: 32 KiB apart, the last next to the first of the one behind. */
const LINES_PER_PAGEBLOCK = 2;
const RECORDED_INLINED = 6008;

/**
 * set_zone_contiguous() after each of n blocks: walk k looks again at what walk k - 1 looked at, so its lines come from
 * the smallest cache that holds those of all pageblocks so far. Of all looks together the share made while the walk
 * is no longer than s is (s / n)^2.
 *
 * In a guest whose host backs it by 4 KiB each of these lines has a TLB entry of its own, so many that each is walked
 * for; backed by 2 MiB, hardly any is. Rows do not say which: anywhere between.
 */
export const walkPredictors: Readonly<Record<string, CasePredictor>> = {
  "zone-contiguous-walk": {
    quantities: ["whole-ns"],
    ofStructPages: true,
    refuses: ({ row }) => (row.pages == null ? "no page count published" : undefined),
    predict: (row, machine, random) => {
      const host = drawHost(machine.host, random);
      const memory = drawDevice(machine.memmap, random);
      const instructions = WALK_INSTRUCTIONS[row.kernel >= RECORDED_INLINED ? "6.12" : "6.1"];
      const walkedBytes = ((row.row.pages ?? 0) / PAGEBLOCK_PAGES) * LINES_PER_PAGEBLOCK * LINE_BYTES;
      const within = (bytes: number) => Math.min(1, bytes / walkedBytes) ** 2;
      const l2 = within(machine.host.l2Bytes.value);
      const llc = Math.max(l2, within(machine.host.llcBytes.value));
      const walk = isGuest(row.row) ? drawUniform(0, 1, random) * host.pageWalkNs : 0;
      const wait = (ns: number) =>
        exposedNs("independent", Math.max(0, ns - host.l1Ns) + walk, instructions / LINES_PER_PAGEBLOCK, host);
      const line = l2 * wait(host.l2Ns) + (llc - l2) * wait(host.llcNs) + (1 - llc) * wait(memory.idleReadNs);
      const lookNs = (instructions * host.memmapCpi) / host.turboGHz + LINES_PER_PAGEBLOCK * line;
      return looksOf(row) * lookNs;
    },
  },
};

/** Pageblocks looked at: as the row counts them, else those of 128 MiB blocks one after the other. */
function looksOf({ row }: ModelledRow): number {
  if (row.unit === "pageblocks walked" && row.value != null) return row.value;
  const perBlock = 64;
  const nrBlocks = (row.pages ?? 0) / PAGEBLOCK_PAGES / perBlock;
  return perBlock * ((nrBlocks * (nrBlocks - 1)) / 2);
}
