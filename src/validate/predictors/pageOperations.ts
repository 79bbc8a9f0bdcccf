import { drawDevice, drawHost } from "../../cost/drawMachine.ts";
import type { HostDraw } from "../../cost/draws.ts";
import { exposedNs, inOrderNs } from "../../cost/exposure.ts";
import { draw, drawUniform, type Random } from "../../cost/sample.ts";
import { completeHost } from "../../machine/assumed.ts";
import type { DeviceProfile } from "../../machine/profiles.ts";
import type { Quantity } from "../../machine/provenance.ts";
import { streamedRates } from "../../machine/streams.ts";
import type { CaseMachine } from "../caseMachine.ts";
import { folioPagesOf, type PfnOrder } from "../caseModel.ts";
import { PAGE_OPERATIONS, type PageOperation, pageOperation, type Work } from "./pageWork.ts";
import type { CasePredictor } from "./predictor.ts";

// Operations on mapped, cached and free pages: work that does not depend on where struct pages lie, and their misses.

/** Cycles of another core over Zen 4's for the same kernel path. Assumed. */
const CYCLES_OVER_ZEN4: Quantity = { value: 1, range: [0.75, 1.35], level: "R", source: "assumed" };

const pagePredictor: CasePredictor = {
  quantities: ["whole-ns", "ns-a-page", "cold-less-hot-ns-a-page"],
  ofStructPages: true,
  refuses: ({ row, model }) =>
    model.quantity === "whole-ns" && row.pages == null ? "no page count published" : undefined,
  predict: (row, machine, random) => {
    const operation = pageOperation(row.model.operation, row.kernel)!;
    const folioPages = folioPagesOf(row.model, operation.folioPages);
    const host = drawHost(machine.host, random);
    const misses = missesNs(operation, row.model.pfn_order, folioPages, machine, host, random);
    if (row.model.quantity === "cold-less-hot-ns-a-page") return misses;
    const a = (work: Work) => workNs(work, operation, machine, host, random);
    const pageNs = a(operation.perPage) + a(operation.perFolio) / folioPages + misses;
    return row.model.quantity === "whole-ns" ? pageNs * (row.row.pages ?? Number.NaN) : pageNs;
  },
};

/** What the first touches of struct pages cost a page, beyond finding them in L2. */
function missesNs(
  { perPage, perFolio, dependence }: PageOperation,
  order: PfnOrder | undefined,
  folioPages: number,
  machine: CaseMachine,
  host: HostDraw,
  random: Random,
): number {
  const latencyNs = Math.max(0, drawDevice(machine.memmap, random).idleReadNs - host.l2Ns);
  const [tails, heads] = [perPage.structPageLines ?? 0, perFolio.structPageLines ?? 0];
  const instructions = stated(perFolio) + folioPages * stated(perPage);
  const distance = instructions / Math.max(1, heads + folioPages * tails);
  // Where the order is not known it lies anywhere between.
  const inOrder = order === undefined ? drawUniform(0, 1, random) : order === "in-order" ? 1 : 0;
  const streamed = inOrderNs(latencyNs, distance, host);
  const random4KiB = exposedNs(dependence, latencyNs, distance, host);
  const head = inOrder * streamed + (1 - inOrder) * random4KiB;
  // The tails of one folio lie in order whatever its own place.
  const tail = folioPages > 1 ? streamed : head;
  return tails * tail + (heads / folioPages) * head;
}

/** Instructions, or cycles where only time is known: CPI is about one on such paths. */
const stated = ({ instructions, zen4Cycles }: Work): number => (instructions ?? zen4Cycles)?.value ?? 0;

function workNs(work: Work, operation: PageOperation, machine: CaseMachine, host: HostDraw, random: Random): number {
  const { instructions, zen4Cycles, bytesSet = 0, bytesCopied = 0 } = work;
  const relative = machine.host.family === "zen4" ? 1 : draw(CYCLES_OVER_ZEN4, random);
  const cycles =
    (instructions === undefined ? 0 : draw(instructions, random) * host.cpi) +
    (zen4Cycles === undefined ? 0 : draw(zen4Cycles, random) * relative);
  const ns = cycles / host.turboGHz;
  if (bytesSet + bytesCopied === 0) return ns;
  const rates = streamedRates(machine.host, machine.dram, machine.dram);
  const sets = bytesSet === 0 ? 0 : draw(rates.clearStartNs, random) + bytesSet / draw(rates.clearGBps, random);
  if (bytesCopied === 0) return ns + sets;
  // Between nodes each line is fetched here and written there, or the other way round.
  const far = streamedRates(machine.host, machine.dram, otherNode(machine)).copyGBps;
  const near = draw(rates.copyGBps, random);
  const copyGBps = operation.betweenNodes === true ? 2 / (1 / near + far.value / rates.copyGBps.value / near) : near;
  return ns + sets + draw(rates.copyStartNs, random) + bytesCopied / copyGBps;
}

function otherNode({ host, dram }: CaseMachine): DeviceProfile {
  return { ...dram, id: `${dram.id} of the other node`, idleReadNs: completeHost(host, dram).remoteDramNs };
}

/** One predictor for each page operation. */
export const pagePredictors: Readonly<Record<string, CasePredictor>> = Object.fromEntries(
  Object.keys(PAGE_OPERATIONS).map((name) => [name, pagePredictor]),
);
