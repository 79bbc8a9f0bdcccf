import type { CacheGeometry } from "../../counts.ts";
import { recipesOf } from "../../linux/recipes/ofKernel.ts";
import type { Operation } from "../../recording/operationsSchema.ts";
import type { OperationName } from "../../scenario/operationNames.ts";
import type { TouchSink } from "../../wasm/pageEngine.ts";
import { WasmPageEngine } from "../../wasm/wasmPageEngine.ts";
import { FreshPages } from "../coremm/freshPages.ts";
import { BLOCK_PAGES, freeRange } from "../coremm/hotLayout.ts";
import { OperationRunner } from "../coremm/runOperations.ts";

/** Where hot-added memory starts: a whole number of blocks. */
export const BASE_PFN = 0x100000;
const HUGE_PAGES = 512;
/** Random operations of a churn: until the caches are as it leaves them, and counted. */
const CHURN_WARM = 100_000;
const CHURN_COUNTED = 50_000;

export interface ScriptSize {
  readonly pages: number;
  /** Pages of the blocks in which they lie. */
  readonly blockPages: number;
}

interface ScriptStep {
  readonly does: (size: ScriptSize) => readonly Operation[];
  /** A step with a name is measured; without, it only makes the state. */
  readonly name?: OperationName;
  /** How many of the operation's units that is. @default pages */
  readonly units?: (size: ScriptSize) => number;
}

/** Steps in order, on memory that nobody uses. */
export type OperationScript = readonly ScriptStep[];

const half = ({ pages }: ScriptSize): number => Math.ceil(pages / 2);
const huge = ({ pages }: ScriptSize): number => Math.ceil(pages / HUGE_PAGES);
const fault = ({ pages }: ScriptSize): readonly Operation[] => [{ op: "anon_fault", pages }];
const exit = ({ pages }: ScriptSize): readonly Operation[] => [{ op: "exit_anon", pages }];
const thpFault = (size: ScriptSize): readonly Operation[] => [{ op: "thp_fault", huge_pages: huge(size) }];
const thpExit = (size: ScriptSize): readonly Operation[] => [{ op: "munmap_thp", huge_pages: huge(size) }];

const churn = ({ pages }: ScriptSize, times: number): readonly Operation[] => [
  { op: "repeat", times, of: [{ op: "zap_random_page", among: pages }, { op: "anon_fault_same_page" }] },
];

/** offline_busy of every block of the pages, one after the other. */
function offline({ pages, blockPages }: ScriptSize): readonly Operation[] {
  return Array.from({ length: Math.max(1, Math.ceil(pages / blockPages)) }, (_, i) => ({
    op: "offline_busy" as const,
    block: (BASE_PFN + i * blockPages) / BLOCK_PAGES,
    self_hosted: false,
    busy_pages_about: Math.min(pages, blockPages),
  }));
}

/** Every named operation comes once. */
export const SCRIPTS: readonly OperationScript[] = [
  [
    { name: "fault", does: fault },
    { name: "fork", does: ({ pages }) => [{ op: "fork", anon_pages: pages }] },
    { name: "child_exit", does: ({ pages }) => [{ op: "child_exit", shared_anon_pages: pages, own_anon_pages: 0 }] },
    { name: "exit", does: exit },
  ],
  [
    { does: (size) => [{ op: "anon_fault", pages: half(size) }] },
    { does: (size) => [{ op: "fork", anon_pages: half(size) }] },
    { name: "cow", units: half, does: (size) => [{ op: "cow_fault_in_child", pages: half(size) }] },
  ],
  [
    { does: fault },
    {
      name: "gup",
      does: ({ pages }) => [
        { op: "gup", pages },
        { op: "unpin", pages },
      ],
    },
  ],
  [
    { name: "tmpfs_write", does: ({ pages }) => [{ op: "shmem_write", pages }] },
    { name: "tmpfs_read", does: ({ pages }) => [{ op: "shmem_read", pages }] },
    { name: "tmpfs_truncate", does: ({ pages }) => [{ op: "shmem_truncate", pages }] },
  ],
  [
    { does: ({ pages }) => [{ op: "shmem_write", pages }] },
    { name: "reclaim", does: ({ pages }) => [{ op: "reclaim", pages }] },
  ],
  [{ does: fault }, { name: "offline", does: offline }],
  [
    { name: "thp_fault", units: huge, does: thpFault },
    { name: "thp_exit", units: huge, does: thpExit },
  ],
  [
    { does: fault },
    { does: (size) => churn(size, CHURN_WARM) },
    { name: "churn", units: () => CHURN_COUNTED, does: (size) => churn(size, CHURN_COUNTED) },
  ],
];

/** Idle memory of whole blocks that starts at BASE_PFN, and what runs operations on it. */
export interface IdleMemory {
  readonly engine: WasmPageEngine;
  readonly runner: OperationRunner;
}

export interface IdleMemoryOptions {
  readonly blockPages: number;
  readonly nrBlocks: number;
  readonly sink?: TouchSink;
  readonly caches?: CacheGeometry;
}

/** @param kernel release, `6.12` */
export function idleMemory(kernel: string, { blockPages, nrBlocks, sink, caches }: IdleMemoryOptions): IdleMemory {
  const starts = Array.from({ length: nrBlocks }, (_, i) => BASE_PFN + i * blockPages);
  const layout = {
    basePfn: BASE_PFN,
    nrPages: nrBlocks * blockPages,
    online: starts.map((startPfn) => ({ startPfn, selfHosted: false })),
    ranges: starts.map((startPfn) => ({ startPfn, nrPages: blockPages })),
  };
  const engine = new WasmPageEngine(recipesOf(kernel), layout, sink, caches === undefined ? {} : { caches });
  engine.quietly(() => freeRange(engine, layout.basePfn, layout.nrPages));
  return { engine, runner: new OperationRunner(engine, new FreshPages(engine), [], layout) };
}

/** Runs a script; `measure` is given each step that has a name, with how many units it works on, and must run it. */
export function runScript(
  script: OperationScript,
  size: ScriptSize,
  { engine, runner }: IdleMemory,
  measure: (name: OperationName, units: number, run: () => void) => void,
): void {
  for (const step of script) {
    const run = (): void => {
      runner.run(step.does(size));
      engine.flush();
    };
    if (step.name === undefined) run();
    else measure(step.name, unitsOf(step, size), run);
  }
}

const unitsOf = ({ units }: ScriptStep, size: ScriptSize): number => units?.(size) ?? size.pages;

/** How many units of an operation a footprint has; undefined for one that has no end. */
export function unitsAt(script: OperationScript, operation: OperationName, size: ScriptSize): number | undefined {
  const step = script.find(({ name }) => name === operation);
  return step === undefined || operation === "churn" ? undefined : unitsOf(step, size);
}
