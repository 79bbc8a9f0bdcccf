import type { ArchitectureName } from "../scenario/words.ts";
import type { CxlWindowFacts, DaxFacts } from "./daxFacts.ts";
import type { KernelFacts } from "./kernelFacts.ts";
import type { NodeInspection } from "./nodes.ts";
import type { PoolFacts } from "./pools.ts";

/** What a Linux machine says of its memory, its hotplug and where its memmaps lie. Bytes; null: it does not say. */
export interface Inspection {
  readonly root: string;
  readonly kernel: KernelFacts;
  readonly architecture: ArchitectureName | null;
  readonly pageBytes: number;
  readonly memoryBlockBytes: number | null;
  readonly cpus: number | null;
  readonly nodes: readonly NodeInspection[];
  readonly dax: readonly DaxFacts[];
  readonly cxlWindows: readonly CxlWindowFacts[];
  readonly pools: PoolFacts;
  /** Why the memmap of hot-added memory lies where it does, and what is not as it was asked. */
  readonly reasons: readonly MachineReason[];
  /** Files that are missing and would have told more. */
  readonly missing: readonly string[];
}

/** One reason why a memmap lies where it does. */
export interface MachineReason {
  /** A node or a dax device, as its name; "machine" for all. */
  readonly of: string;
  readonly text: string;
  readonly source: string;
}
