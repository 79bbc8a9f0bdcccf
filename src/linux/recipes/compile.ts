import {
  ROLE_NEXT,
  ROLE_PREV,
  ROLE_SELF,
  ROLE_SUB,
  ROLE_TAIL1,
  ROLE_TAIL2,
  ROLE_TAIL3,
} from "../../../assembly/layout/steps.ts";
import { CLASS_DEPENDENT, CLASS_INDEPENDENT, CLASS_STREAM } from "../../../assembly/layout/touch.ts";
import { InputError } from "../../errors.ts";
import { type KernelRecipes, type KernelSizes, STEP_NAMES, type StepName } from "./table.ts";

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
  /** Access class of each row (CLASS_* of assembly/layout/touch.ts): neighbours on lists are found by pointers. */
  readonly rowClass: Uint8Array;
  /** Per row: what each function contributes. */
  readonly rowFunctions: readonly (readonly FunctionShare[])[];
}

export interface FunctionShare {
  readonly name: string;
  readonly loads: number;
  readonly stores: number;
}

const ROLES: Readonly<Record<string, number>> = {
  self: ROLE_SELF,
  prev: ROLE_PREV,
  next: ROLE_NEXT,
  tail1: ROLE_TAIL1,
  tail2: ROLE_TAIL2,
  tail3: ROLE_TAIL3,
  sub: ROLE_SUB,
};

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
  if (role === ROLE_SUB) return CLASS_STREAM;
  return STREAMING.has(step) ? CLASS_STREAM : CLASS_INDEPENDENT;
}

const STREAMING: ReadonlySet<StepName> = new Set([
  "refillCheckTail",
  "compoundTakeTail",
  "compoundPrepTail",
  "thpFreeTail",
  "scanIsolate",
  "scanEdge",
  "scanMove",
  "stealScan",
  "stealScanMovable",
  "stealScanFree",
  "scanRange",
  "scanMovable",
  "compactScan",
  "compactScanFree",
  "compactFreeScan",
  "compactSplit",
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
