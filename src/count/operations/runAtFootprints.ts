import { PAGE_SHIFT } from "../../../assembly/layout/structPage.ts";
import type { FootprintRun } from "../../counts/workload.ts";
import { addTouchCounts, emptyTouchCounts, type TouchCounts } from "../../counts.ts";
import { OPERATIONS, type OperationName } from "../../scenario/operationNames.ts";
import { checkFootprint } from "./footprint.ts";
import { type FootprintHost, type ScaledFootprint, scaledFootprint } from "./footprintScale.ts";
import { INSTRUCTIONS_PER_TOUCH, type InstructionsPerTouch } from "./instructionsPerTouch.ts";
import { idleMemory, type OperationScript, runScript, SCRIPTS, unitsAt } from "./scripts.ts";

/** mm/page_alloc.c zone_batchsize of a zone of 64 MiB or more, and four batches on the list at most. */
const PCP_BATCH = 63;

/** Scripts that hold one of the operations: each is run once a footprint. */
export const scriptsOf = (names: readonly OperationName[]): readonly OperationScript[] =>
  SCRIPTS.filter((script) => script.some(({ name }) => name !== undefined && names.includes(name)));

/**
 * The named operations of a script at each footprint, by the page engine, the caches as the steps before left them.
 * Nothing but struct pages goes through the caches.
 *
 * @error InputError on a footprint outside 1 GiB to 1 TiB
 */
export function runAtFootprints(
  script: OperationScript,
  names: readonly OperationName[],
  footprints: readonly number[],
  host: FootprintHost,
  instructionsPerTouch?: InstructionsPerTouch,
): readonly FootprintRun[] {
  // Footprints that no cache holds are scaled to the same run.
  const known = new Map<string, ScriptCounts>();
  const counted = scaledFootprints(script, footprints, host).map((scaled) => {
    const key = JSON.stringify(scaled);
    const counts = known.get(key) ?? countScript(script, scaled, host.kernel, instructionsPerTouch);
    known.set(key, counts);
    return counts;
  });
  return footprintRuns(script, names, footprints, host, counted);
}

/** What the page engine runs in place of each footprint. @error InputError on one outside 1 GiB to 1 TiB */
export function scaledFootprints(
  script: OperationScript,
  footprints: readonly number[],
  host: FootprintHost,
): readonly ScaledFootprint[] {
  return footprints.map((footprintBytes) => scaledFootprint(script, checkFootprint(footprintBytes), host));
}

/** The named operations of a script, of what was counted in place of each footprint. */
export function footprintRuns(
  script: OperationScript,
  names: readonly OperationName[],
  footprints: readonly number[],
  host: FootprintHost,
  counted: readonly ScriptCounts[],
): readonly FootprintRun[] {
  const scaled = scaledFootprints(script, footprints, host);
  return names.flatMap((name) =>
    footprints.flatMap((footprintBytes, i) => {
      const count = counted[i]?.get(name);
      if (count === undefined) return [];
      const { errorRatio } = scaled[i]!;
      const whole = { pages: footprintBytes / 2 ** PAGE_SHIFT, blockPages: host.blockPages };
      return {
        name,
        footprintBytes,
        model: errorRatio === 0 ? "page by page" : "scaled",
        errorRatio,
        unit: OPERATIONS[name].unit,
        nrUnits: unitsAt(script, name, whole),
        counts: count.perUnit,
        countsInOrder: count.perUnitInOrder,
        work: undefined,
      };
    }),
  );
}

/** Of each operation of a script. */
export type ScriptCounts = ReadonlyMap<OperationName, UnitCounts>;

/** What an operation did to struct pages: of how many units, and of one. */
export interface UnitCounts {
  readonly units: number;
  readonly touchesPerUnit: number;
  /** As if pfns were at random, and as the page engine gives pages out of idle memory: mostly in their order. */
  readonly perUnit: TouchCounts;
  readonly perUnitInOrder: TouchCounts;
}

/** Runs a script on a footprint, as given. */
export function countScript(
  script: OperationScript,
  { pages, blockPages, nrBlocks, caches }: ScaledFootprint,
  kernel: string,
  instructionsPerTouch: InstructionsPerTouch = () => INSTRUCTIONS_PER_TOUCH,
): ScriptCounts {
  const memory = idleMemory(kernel, { blockPages, nrBlocks, caches });
  memory.engine.setPcp(PCP_BATCH, 4 * PCP_BATCH);
  const counts = new Map<OperationName, UnitCounts>();
  runScript(script, { pages, blockPages }, memory, (name, units, run) => {
    memory.engine.forget();
    memory.engine.setInstructionsPerTouch(instructionsPerTouch(name));
    run();
    const { random, inOrder } = memory.engine.counts();
    counts.set(name, {
      units,
      touchesPerUnit: memory.engine.totals().touches / units,
      perUnit: perUnitOf(random, units),
      perUnitInOrder: perUnitOf(inOrder, units),
    });
  });
  return counts;
}

function perUnitOf(counts: TouchCounts, units: number): TouchCounts {
  const perUnit = emptyTouchCounts();
  addTouchCounts(perUnit, counts, 1 / units);
  return perUnit;
}
