import {
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  NR_CLASSES,
  NR_LEVELS,
  NR_RW,
  OWNER_HOT_ADDED,
  PAGE_SHIFT,
} from "../../../assembly/layout/layout.ts";
import { addTouchCounts, demandIndex, emptyTouchCounts, type TouchCounts } from "../../counts.ts";
import { OPERATIONS, type OperationName } from "../../scenario/operationNames.ts";
import { checkFootprint, type FootprintRun } from "./footprint.ts";
import { type FootprintHost, type ScaledFootprint, scaledFootprint } from "./footprintScale.ts";
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
): readonly FootprintRun[] {
  // Footprints that no cache holds are scaled to the same run.
  const known = new Map<string, ReadonlyMap<OperationName, UnitCounts>>();
  const counted = footprints.map((footprintBytes) => {
    const scaled = scaledFootprint(script, checkFootprint(footprintBytes), host);
    const key = `${scaled.pages} ${scaled.nrBlocks} ${scaled.caches.l2.bytes} ${scaled.caches.llc.bytes}`;
    const counts = known.get(key) ?? countScript(script, scaled, host.kernel);
    known.set(key, counts);
    return { footprintBytes, scaled, counts };
  });
  return names.flatMap((name) =>
    counted.flatMap(({ footprintBytes, scaled, counts }) => {
      const count = counts.get(name);
      if (count === undefined) return [];
      const whole = { pages: footprintBytes / 2 ** PAGE_SHIFT, blockPages: host.blockPages };
      return {
        name,
        footprintBytes,
        model: scaled.errorRatio === 0 ? "page by page" : "scaled",
        errorRatio: scaled.errorRatio,
        unit: OPERATIONS[name].unit,
        nrUnits: unitsAt(script, name, whole),
        counts: count.perUnit,
        work: undefined,
      };
    }),
  );
}

/** What an operation did to struct pages: of how many units, and of one. */
export interface UnitCounts {
  readonly units: number;
  readonly touchesPerUnit: number;
  readonly perUnit: TouchCounts;
}

/** Runs a script on a footprint, as given. */
export function countScript(
  script: OperationScript,
  { pages, blockPages, nrBlocks, caches }: ScaledFootprint,
  kernel: string,
): ReadonlyMap<OperationName, UnitCounts> {
  const memory = idleMemory(kernel, { blockPages, nrBlocks, caches });
  memory.engine.setPcp(PCP_BATCH, 4 * PCP_BATCH);
  const counts = new Map<OperationName, UnitCounts>();
  runScript(script, { pages, blockPages }, memory, (name, units, run) => {
    memory.engine.forget();
    run();
    const perUnit = emptyTouchCounts();
    addTouchCounts(perUnit, unclassified(memory.engine.counts()), 1 / units);
    counts.set(name, { units, touchesPerUnit: memory.engine.totals().touches / units, perUnit });
  });
  return counts;
}

/** How touches overlap is known only of scans in address order; of the rest as little as of a recorded trace. */
function unclassified(counts: TouchCounts): TouchCounts {
  const demand = new Float64Array(counts.demand.length);
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
    const to = accessClass === CLASS_STREAM ? CLASS_STREAM : CLASS_UNCLASSIFIED;
    for (let rw = 0; rw < NR_RW; rw++)
      for (let level = 0; level < NR_LEVELS; level++) {
        const at = demandIndex(to, OWNER_HOT_ADDED, rw, level);
        const from = demandIndex(accessClass, OWNER_HOT_ADDED, rw, level);
        demand[at] = (demand[at] ?? 0) + (counts.demand[from] ?? 0);
      }
  }
  return { ...counts, demand };
}
