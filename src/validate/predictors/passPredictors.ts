import { drawDevice, drawHost } from "../../cost/drawMachine.ts";
import type { Random } from "../../cost/sample.ts";
import type { CaseMachine } from "../caseMachine.ts";
import { PUBLISHED_OPERATIONS, type PublishedOperation, recipeOf } from "../passes.ts";
import { type OperationMachine, type PassPrice, priceRecipe } from "../predict.ts";
import { type CasePredictor, isGuest, type ModelledRow } from "./predictor.ts";

// Loops over struct pages: initialising, freeing, scanning, taking references (`recipes.ts`).

/** Below 4 GiB an x86 guest has 3 GiB of RAM, whose zones are never initialised by the deferred threads. */
const LOW_ZONE_PAGES = (3 * 1024 ** 3) / 4096;

const recipePredictor = (operation: PublishedOperation): CasePredictor => ({
  quantities: ["whole-ns", "ns-a-page"],
  ofStructPages: true,
  refuses: ({ row }) => (pagesOf(row) === undefined ? "no page count published" : undefined),
  predict: (row, machine, random) => {
    const nrPages = pagesOf(row.row) ?? Number.NaN;
    const touched = touchedPages(row, nrPages, recipeOf(operation, row.kernel).pagesPerStructPage ?? 1, operation);
    const wholeNs = passesOf(row, operation, machine, random).reduce((sum, pass) => sum + pass.ns * touched, 0);
    return row.model.quantity === "whole-ns" ? wholeNs : wholeNs / nrPages;
  },
  passes: (row, machine) => passesOf(row, operation, machine, null),
});

const pagesOf = (row: ModelledRow["row"]): number | undefined => row.pages ?? row.struct_pages_touched ?? undefined;

function passesOf({ row, kernel }: ModelledRow, operation: PublishedOperation, machine: CaseMachine, random: Random) {
  const dram = drawDevice(machine.dram, random);
  const drawn: OperationMachine = {
    host: drawHost(machine.host, random),
    dram,
    memmap: machine.memmap === machine.dram ? dram : drawDevice(machine.memmap, random),
    nrCores: coresOf(row, machine),
    guest: isGuest(row),
  };
  return priceRecipe(recipeOf(operation, kernel), row.threads ?? 1, drawn) satisfies PassPrice[];
}

/** Struct pages that the operation walks, of the pages that the row counts. */
function touchedPages({ row }: ModelledRow, nrPages: number, pagesPerStructPage: number, operation: string): number {
  if (operation === "deferred-init" && isGuest(row) && nrPages > 2 * LOW_ZONE_PAGES) return nrPages - LOW_ZONE_PAGES;
  return Math.ceil(nrPages / pagesPerStructPage);
}

/** `16c x 2t` in the words of a platform: cores a node; otherwise the host's. */
function coresOf({ platform }: ModelledRow["row"], machine: CaseMachine): number {
  const stated = /(\d+)c x \d+t/.exec(platform);
  return stated === null ? machine.host.nrCores.value : Number(stated[1]);
}

/** One predictor for each recipe, under the recipe's name. */
export const recipePredictors: Readonly<Record<PublishedOperation, CasePredictor>> = Object.fromEntries(
  PUBLISHED_OPERATIONS.map((operation) => [operation, recipePredictor(operation)]),
) as Record<PublishedOperation, CasePredictor>;
