import { ROLE_NEXT, ROLE_PREV, ROLE_SELF, ROLE_TAIL1, ROLE_TAIL2 } from "../../assembly/engineLayout.ts";
import { CLASS_DEPENDENT, CLASS_INDEPENDENT, CLASS_STREAM } from "../../assembly/layout.ts";
import { InputError } from "../errors.ts";

/** The steps of assembly/engineLayout.ts, in its order. */
export const STEP_NAMES = [
  "refillRemove",
  "refillSplit",
  "refillCheck",
  "refillCheckTail",
  "refillLink",
  "pcpTake",
  "pcpPrep",
  "pcpPrepTail",
  "pcpAdd",
  "drainTake",
  "mergePeekBusy",
  "mergePeekFree",
  "mergeMatch",
  "mergeRemove",
  "mergeDone",
  "insertHead",
  "insertTail",
  "anonFault",
  "folioAddLru",
  "folioAddLruFull",
  "lruAddFirst",
  "lruAddAgain",
  "lruAddAnon",
  "lruAddCache",
  "lruAddPut",
  "zapLast",
  "zapShared",
  "swapFree",
  "putShared",
  "releaseFirst",
  "releaseAgain",
  "releaseRemove",
  "releaseRemoveCache",
  "releaseLink",
  "unchargeFirst",
  "unchargeAgain",
  "prepareAnon",
  "prepareCache",
  "unlink",
  "forkShared",
  "forkExclusive",
  "cowCheck",
  "cowAlloc",
  "cowCopy",
  "cowRmap",
  "cowDrop",
  "shmemAlloc",
  "shmemAddLru",
  "shmemAddLruFull",
  "shmemWritten",
  "shmemRead",
  "shmemReadInactive",
  "shmemReadInactiveFull",
  "shmemReadPending",
  "shmemReadActive",
  "shmemReadDone",
  "activateFirst",
  "activateAgain",
  "activateMove",
  "activatePut",
  "truncateFind",
  "truncateFolio",
  "thpTake",
  "thpTakeTail",
  "thpPrepHead",
  "thpPrepTail",
  "thpFault",
  "thpAddLru",
  "thpMapped",
  "thpZap",
  "thpReleaseFirst",
  "thpReleaseAgain",
  "thpRelease",
  "thpUncharge",
  "thpFreeTail1",
  "thpFreeTail2",
  "thpFreeTail3",
  "thpFreeTail",
  "thpFreeHead",
  "gupPin",
  "gupNext",
  "gupUnpin",
  "scanIsolate",
  "scanEdge",
  "scanMove",
  "moveFree",
  "moveFreeAdd",
  "scanRange",
  "migrateIsolate",
  "migrateQueue",
  "migrateQueueDone",
  "migrateFind",
  "migrateBatch",
  "migrateUnmap",
  "migrateUnlink",
  "migrateRelink",
  "migrateMove",
  "migrateTake",
  "migrateDone",
  "scanMovable",
  "testHead",
  "testChunk",
  "offlineChunk",
  "contiguous",
  "compactBlock",
  "compactScan",
  "compactIsolate",
  "compactQueue",
  "compactUnmap",
  "compactMove",
  "compactMapped",
  "compactFreeScan",
  "compactTakeFree",
  "compactSplit",
  "compactTarget",
  "reclaimIsolate",
  "reclaimIsolated",
  "reclaimTake",
  "reclaimFolio",
  "reclaimLink",
  "fileAdd",
  "fileMap",
  "fileEndIo",
  "fileFind",
  "fileMark",
  "fileReadDone",
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/**
 * What one step touches in one kernel version. `rows` hold the accesses in their order: `role function:loads/stores
 * function:loads/stores`, rows parted by `|`. A row of a role whose page does not exist (the list head lies there) is
 * left out. Functions are named as /proc/kallsyms names them, so inlined ones appear as their caller.
 */
export interface RecipeStep {
  /** Where in the kernel the step is. */
  readonly cite: string;
  readonly rows: string;
}

/** Sizes of batches and other numbers that decide when a step happens. */
export interface KernelSizes {
  /** struct folio_batch / pagevec (include/linux/pagevec.h). */
  readonly folioBatch: number;
  /** Pages after which release_pages drops the lruvec lock (SWAP_CLUSTER_MAX); 0: once per batch. */
  readonly releaseLockBatch: number;
  /** struct mmu_gather: pages of the first bundle, and of each batch page (include/asm-generic/tlb.h). */
  readonly gatherBundle: number;
  readonly gatherBatch: number;
  readonly gatherBatches: number;
  /** Folios freed together: all that release_pages is given (0), or one folio_batch. */
  readonly freeBatch: number;
  /** Is read of shmem moving a page between lists (classic LRU), or only counting (multi-gen LRU)? */
  readonly activates: boolean;
  /** Does offlining put pages at the head of its list, unmap a batch and then move it (6.12), or one by one (6.1)? */
  readonly migratesInBatches: boolean;
  /** Pages that reclaim isolates at once. */
  readonly reclaimBatch: number;
  /** Is the huge page of a release freed at once (6.1), or with its batch? */
  readonly thpFreedAtOnce: boolean;
}

/** All that differs between kernel versions in what the engine does. */
export interface KernelRecipes {
  readonly kernel: string;
  readonly sizes: KernelSizes;
  readonly steps: Readonly<Record<StepName, RecipeStep>>;
}

/** A recipe as the engine runs it. */
export interface CompiledRecipes {
  readonly kernel: string;
  readonly sizes: KernelSizes;
  /** First row of each step, and one past the last of all. */
  readonly stepRow: Uint32Array;
  /** Per row: role, loads, stores. */
  readonly rowRole: Uint8Array;
  readonly rowLoads: Uint8Array;
  readonly rowStores: Uint8Array;
  /** Access class of each row (CLASS_* of assembly/layout.ts): neighbours on lists are found by pointers. */
  readonly rowClass: Uint8Array;
  /** Per row: what each function contributes. */
  readonly rowFunctions: readonly (readonly FunctionShare[])[];
}

export interface FunctionShare {
  readonly name: string;
  readonly loads: number;
  readonly stores: number;
}

/** The part of a version's table that is about migration, offlining and reclaim. */
export type MigrationSteps = Pick<
  KernelRecipes["steps"],
  | "scanIsolate"
  | "scanEdge"
  | "scanMove"
  | "moveFree"
  | "moveFreeAdd"
  | "scanRange"
  | "migrateIsolate"
  | "migrateQueue"
  | "migrateQueueDone"
  | "migrateFind"
  | "migrateBatch"
  | "migrateUnmap"
  | "migrateUnlink"
  | "migrateRelink"
  | "migrateMove"
  | "migrateTake"
  | "migrateDone"
  | "scanMovable"
  | "testHead"
  | "testChunk"
  | "offlineChunk"
  | "contiguous"
  | "compactBlock"
  | "compactScan"
  | "compactIsolate"
  | "compactQueue"
  | "compactUnmap"
  | "compactMove"
  | "compactMapped"
  | "compactFreeScan"
  | "compactTakeFree"
  | "compactSplit"
  | "compactTarget"
  | "reclaimIsolate"
  | "reclaimIsolated"
  | "reclaimTake"
  | "reclaimFolio"
  | "reclaimLink"
  | "fileAdd"
  | "fileMap"
  | "fileEndIo"
  | "fileFind"
  | "fileMark"
  | "fileReadDone"
>;

const ROLES: Readonly<Record<string, number>> = {
  self: ROLE_SELF,
  prev: ROLE_PREV,
  next: ROLE_NEXT,
  tail1: ROLE_TAIL1,
  tail2: ROLE_TAIL2,
};

/** list_del of a page, list debugging on: its neighbours are read by the check and written by the removal. */
export const listDel = (check: string, host: string): string =>
  `self ${check}:2/0 | prev ${check}:1/0 | next ${check}:1/0 | self ${host}:2/0 | next ${host}:0/1 | prev ${host}:0/1`;

/** list_add behind the list head: the page that was first is checked and written. */
export const listAddHead = (check: string, host: string): string => `next ${check}:1/0 ${host}:0/1 | self ${host}:0/2`;

/** list_add_tail: the page that was last is checked and written. */
export const listAddTail = (check: string, host: string): string =>
  `prev ${check}:1/0 | self ${host}:0/2 | prev ${host}:0/1`;

/** Turns a table into arrays. @error InputError on a row that cannot be read: a fault of the table */
export function compileRecipes(recipes: KernelRecipes): CompiledRecipes {
  const stepRow: number[] = [];
  const rows: { role: number; accessClass: number; functions: FunctionShare[] }[] = [];
  for (const name of STEP_NAMES) {
    stepRow.push(rows.length);
    for (const text of recipes.steps[name].rows.split("|")) {
      if (text.trim() === "") continue;
      const row = parseRow(text.trim(), `${recipes.kernel} ${name}`);
      rows.push({ ...row, accessClass: classOf(name, row.role) });
    }
  }
  stepRow.push(rows.length);
  const sum = (key: "loads" | "stores") =>
    Uint8Array.from(rows, (row) => row.functions.reduce((total, share) => total + share[key], 0));
  return {
    kernel: recipes.kernel,
    sizes: recipes.sizes,
    stepRow: Uint32Array.from(stepRow),
    rowRole: Uint8Array.from(rows, (row) => row.role),
    rowLoads: sum("loads"),
    rowStores: sum("stores"),
    rowClass: Uint8Array.from(rows, (row) => row.accessClass),
    rowFunctions: rows.map((row) => row.functions),
  };
}

/** Tails and pages of a batch are walked in order; list neighbours hang on pointers; the rest is known beforehand. */
function classOf(step: StepName, role: number): number {
  if (role === ROLE_PREV || role === ROLE_NEXT) return CLASS_DEPENDENT;
  return STREAMING.has(step) ? CLASS_STREAM : CLASS_INDEPENDENT;
}

const STREAMING: ReadonlySet<StepName> = new Set([
  "refillCheckTail",
  "thpTakeTail",
  "thpPrepTail",
  "thpFreeTail",
  "scanIsolate",
  "scanEdge",
  "scanMove",
  "scanRange",
  "scanMovable",
  "compactScan",
  "compactFreeScan",
]);

function parseRow(text: string, where: string): { role: number; functions: FunctionShare[] } {
  const [roleName = "", ...words] = text.split(/\s+/);
  const role = ROLES[roleName];
  const functions = words.map((word) => {
    const match = /^([\w.]+):(\d+)\/(\d+)$/.exec(word);
    if (!match) throw new InputError({ where, what: `recipe word "${word}"`, expected: "function:loads/stores" });
    return { name: match[1] as string, loads: Number(match[2]), stores: Number(match[3]) };
  });
  if (role === undefined || functions.length === 0)
    throw new InputError({ where, what: `recipe row "${text}"`, expected: "role function:loads/stores ..." });
  return { role, functions };
}
