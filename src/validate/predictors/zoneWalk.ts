import { drawDevice, drawHost } from "../../cost/drawMachine.ts";
import { exposedNs } from "../../cost/exposure.ts";
import { drawUniform } from "../../cost/sample.ts";
import { LINES_PER_PAGEBLOCK, walkLevels, walkLookInstructions } from "../../cost/zoneContiguous.ts";
import { type CasePredictor, isGuest, type ModelledRow } from "./predictor.ts";

const PAGEBLOCK_PAGES = 512;
/** Where a row does not say: virtio-mem on x86_64 in blocks of 128 MiB. */
const BLOCK_PAGES = 32_768;
const RECORDED_INLINED = 6008;

/**
 * set_zone_contiguous() after each of n blocks, priced as hotplug does.
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
      const instructions = walkLookInstructions(row.kernel >= RECORDED_INLINED ? "6.12" : "6.1");
      const served = walkLevels(Math.max(1, (row.row.pages ?? 0) / BLOCK_PAGES), BLOCK_PAGES, {
        l2Bytes: machine.host.l2Bytes.value,
        llcBytes: machine.host.llcBytes.value,
      });
      const walk = isGuest(row.row) ? drawUniform(0, 1, random) * host.pageWalkNs : 0;
      const wait = (ns: number) =>
        exposedNs("independent", Math.max(0, ns - host.l1Ns) + walk, instructions / LINES_PER_PAGEBLOCK, host);
      const line =
        served.l2 * wait(host.l2Ns) + served.llc * wait(host.llcNs) + served.memory * wait(memory.idleReadNs);
      const lookNs = (instructions * host.memmapCpi) / host.turboGHz + LINES_PER_PAGEBLOCK * line;
      return looksOf(row) * lookNs;
    },
  },
};

/** Pageblocks looked at: as the row counts them, else those of 128 MiB blocks one after the other. */
function looksOf({ row }: ModelledRow): number {
  if (row.unit === "pageblocks walked" && row.value != null) return row.value;
  const perBlock = BLOCK_PAGES / PAGEBLOCK_PAGES;
  const nrBlocks = (row.pages ?? 0) / BLOCK_PAGES;
  return perBlock * ((nrBlocks * (nrBlocks - 1)) / 2);
}
