import type { ArchitectureName, DaxKind, DriverName, WhatIf } from "../scenario/words.ts";

export type MemmapOnMemoryMode = "N" | "Y" | "force";

/** All that decides where the memmap of one add request goes. */
export interface PlacementInput {
  /** As `uname -r` or a distribution prints it: `6.1.192`, `6.12`. */
  readonly kernel: string;
  readonly architecture: ArchitectureName;
  readonly blockBytes: number;
  /** @default 64 */
  readonly structPageBytes?: number;
  readonly mode: MemmapOnMemoryMode;
  readonly driver: DriverName;
  /** The per-device request of dax/kmem, or of one s390 block. @default that of `daxKind`; s390: false */
  readonly attribute?: boolean;
  /** @default "pmem" */
  readonly daxKind?: DaxKind;
  /** hugetlb pages free their vmemmap (HVO): in the way before 6.0. @default false */
  readonly hvo?: boolean;
  /** CONFIG_MHP_MEMMAP_ON_MEMORY. @default true */
  readonly configured?: boolean;
  /** CONFIG_SPARSEMEM_VMEMMAP. @default true */
  readonly sparsememVmemmap?: boolean;
  /** @default the architecture's */
  readonly pageblockOrder?: number | undefined;
  /** ppc64 booted with disable_radix. @default false */
  readonly hashMmu?: boolean;
  /** @default none */
  readonly whatIf?: readonly WhatIf[];
  /** What is added; a driver that adds block by block makes one request of each. @default one block */
  readonly rangeBytes?: number;
  /** Where it is added. @default a whole block */
  readonly startBytes?: number | undefined;
}

/** Pages per memory block. */
export interface MemmapLayout {
  /** Pages that the memmap itself fills. */
  readonly memmapPages: number;
  /** Pages kept from the buddy when self-hosted: the memmap, in force mode rounded up to pageblocks. */
  readonly reservedPages: number;
  readonly wastePages: number;
}
