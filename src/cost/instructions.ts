import type { HotplugPassName } from "../counts.ts";
import { entryOf, type KernelTable, type RecordedKernel } from "../linux/recordedKernels.ts";
import type { HotplugEvent } from "../scenario/schema.ts";

/** Passes that are priced as one: their struct pages follow each other, or one of them is a page or two. */
export type PricedPass = "init" | "free pass" | "undo isolation" | "isolate" | "scan" | "leave zone" | "poison";

export const PRICED_AS: Readonly<Record<HotplugPassName, PricedPass>> = {
  poison: "poison",
  "self-hosted init": "init",
  init: "init",
  "free pass": "free pass",
  "undo isolation": "undo isolation",
  account: "undo isolation",
  isolate: "isolate",
  scan: "scan",
  "leave zone": "leave zone",
};

/**
 * Instructions of hotplug, from the recordings of Debian's 6.1.192 and 6.12.117 (traces/hp_*.touch.gz say how many
 * passed before each touch). By pass: those between touches of hot-added struct pages less than 2,000 apart, which is
 * the loops; a pass begins where the touches start again at the first page. Per block: the rest of the recording, in
 * which the shell's echo, sysfs, locks and drained lists are, and for the first block added ACPI's device scan.
 */
interface HotplugInstructions {
  /** hp_add_128_mom: adding one block, whatever else a hot-plugged device entails. */
  readonly addFirstBlock: number;
  /** 6.1: hp_add_256_nomom less hp_add_128_mom less 4 MiB zeroed byte by byte; 6.12: taken to be the same. */
  readonly addFurtherBlock: number;
  /** hp_online_movable_128_mom. */
  readonly onlinePerBlock: number;
  /** hp_offline_128_mom. */
  readonly offlinePerBlock: number;
  /** Of a block of 32,768 pages. */
  readonly passes: Readonly<Record<PricedPass, number>>;
}

const ADD_FURTHER_BLOCK = 9_386_424 - 5_146_804 - 4 * 1024 ** 2;
const RECORDED_PAGES = 32_768;
/** CONFIG_DEBUG_VM is not recorded: `rep stosq` of each section, once an instruction. */
const POISON = 0;

const ON_6_12: HotplugInstructions = {
  addFirstBlock: 9_868_901,
  addFurtherBlock: ADD_FURTHER_BLOCK,
  onlinePerBlock: 2_410_336 - 1_966_566,
  offlinePerBlock: 5_537_203 - 2_898_166,
  passes: {
    init: 828_949,
    "free pass": 1_086_291,
    "undo isolation": 51_326,
    isolate: 567_231,
    scan: 2_322_823,
    "leave zone": 8_112,
    poison: POISON,
  },
};

/**
 * 6.18 and 7.3: passes by the same rule from their traces, but of touches less than 2,500 apart, as 2,300 lie between two
 * chunks of the free pass. On 7.3 page_is_unmovable() is called for each page. Per block: 6.12's, as the recorder of these
 * two saw more of what else the guest did.
 */
const BY_KERNEL: KernelTable<HotplugInstructions> = {
  "6.1": {
    addFirstBlock: 5_146_804,
    addFurtherBlock: ADD_FURTHER_BLOCK,
    onlinePerBlock: 2_794_003 - 2_366_354,
    offlinePerBlock: 4_366_108 - 3_276_685,
    passes: {
      init: 1_319_091,
      "free pass": 816_618,
      "undo isolation": 230_645,
      isolate: 755_614,
      scan: 2_515_812,
      "leave zone": 5_259,
      poison: POISON,
    },
  },
  "6.12": ON_6_12,
  "6.18": {
    ...ON_6_12,
    passes: {
      init: 764_033,
      "free pass": 1_286_922,
      "undo isolation": 64_077,
      isolate: 648_306,
      scan: 1_196_287,
      "leave zone": 8_835,
      poison: POISON,
    },
  },
  "7.3": {
    ...ON_6_12,
    passes: {
      init: 767_323,
      "free pass": 1_415_218,
      "undo isolation": 68_169,
      isolate: 1_272_259,
      scan: 1_131_130,
      "leave zone": 10_821,
      poison: POISON,
    },
  },
};

/** Instructions of one pass over `nrPages` struct pages. */
export function passInstructions(pass: PricedPass, nrPages: number, kernel: RecordedKernel): number {
  return (entryOf(BY_KERNEL, kernel).passes[pass] * nrPages) / RECORDED_PAGES;
}

/** Work that is once for each block, or once for the device. */
interface BlockWork {
  readonly name: string;
  readonly instructions: number;
}

/**
 * Shares of what adding a block of 128 MiB takes: read in arch/x86/mm/init_64.c phys_pmd_init (64 entries of the direct
 * map), vmemmap_populate_hugepages and mm/sparse.c sparse_add_section; the rest is the block device with its sysfs
 * files. Of larger blocks there is more of all but the last. Assumed: no recording tells them apart.
 */
const ADD_PAGE_TABLES = 4_000;
const ADD_VMEMMAP = 1_500;
const ADD_SECTION = 2_000;
const ADD_DEVICE = ADD_FURTHER_BLOCK - ADD_PAGE_TABLES - ADD_VMEMMAP - ADD_SECTION;

/** What an event runs beside its passes. Removing a block is taken to cost what adding a further one does. */
export function blockWork(
  event: HotplugEvent,
  nrBlocks: number,
  nrSections: number,
  kernel: RecordedKernel,
): readonly BlockWork[] {
  const recorded = entryOf(BY_KERNEL, kernel);
  const first = recorded.addFirstBlock - recorded.addFurtherBlock;
  switch (event) {
    case "add":
      return [
        { name: "device scan, resources and node (once)", instructions: first },
        ...perBlock(nrBlocks, nrSections),
      ];
    case "remove":
      return perBlock(nrBlocks, nrSections);
    case "offline":
      return [{ name: "locks, drained lists, sysfs", instructions: nrBlocks * recorded.offlinePerBlock }];
    default:
      return [{ name: "locks, notifiers, sysfs", instructions: nrBlocks * recorded.onlinePerBlock }];
  }
}

function perBlock(nrBlocks: number, nrSections: number): readonly BlockWork[] {
  return [
    { name: "page tables of the direct map", instructions: nrSections * ADD_PAGE_TABLES },
    { name: "vmemmap population", instructions: nrSections * ADD_VMEMMAP },
    { name: "sections", instructions: nrSections * ADD_SECTION },
    { name: "memory block devices", instructions: nrBlocks * ADD_DEVICE },
  ];
}
