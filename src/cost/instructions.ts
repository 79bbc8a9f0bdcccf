import type { HotplugEvent } from "../scenario/schema.ts";

/**
 * Instructions of hotplug, from the recordings of Debian's 6.1.192 and 6.12.117 (traces/hp_*.touch.gz say how many
 * passed before each touch). Per page: those between touches of hot-added struct pages less than 2,000 apart, which is
 * the loops. Per block: the rest of the recording, in which the shell's echo, sysfs, locks and drained lists are, and
 * for the first block added ACPI's device scan.
 */
export interface HotplugInstructions {
  /** hp_add_128_mom: adding one block, whatever else a hot-plugged device entails. */
  readonly addFirstBlock: number;
  /** 6.1: hp_add_256_nomom less hp_add_128_mom less 4 MiB zeroed byte by byte; 6.12: taken to be the same. */
  readonly addFurtherBlock: number;
  /** hp_online_movable_128_mom. */
  readonly onlinePerBlock: number;
  readonly onlinePerPage: number;
  /** hp_offline_128_mom. */
  readonly offlinePerBlock: number;
  readonly offlinePerPage: number;
}

const ADD_FURTHER_BLOCK = 9_386_424 - 5_146_804 - 4 * 1024 ** 2;
const RECORDED_PAGES = 32_768;

const BY_KERNEL: Readonly<Record<"6.1" | "6.12", HotplugInstructions>> = {
  "6.1": {
    addFirstBlock: 5_146_804,
    addFurtherBlock: ADD_FURTHER_BLOCK,
    onlinePerBlock: 2_794_003 - 2_366_354,
    onlinePerPage: 2_366_354 / RECORDED_PAGES,
    offlinePerBlock: 4_366_108 - 3_276_685,
    offlinePerPage: 3_276_685 / RECORDED_PAGES,
  },
  "6.12": {
    addFirstBlock: 9_868_901,
    addFurtherBlock: ADD_FURTHER_BLOCK,
    onlinePerBlock: 2_410_336 - 1_966_566,
    onlinePerPage: 1_966_566 / RECORDED_PAGES,
    offlinePerBlock: 5_537_203 - 2_898_166,
    offlinePerPage: 2_898_166 / RECORDED_PAGES,
  },
};

/** Instructions of one event over a device. Removing a block is taken to cost what adding a further one does. */
export function eventInstructions(
  event: HotplugEvent,
  nrBlocks: number,
  nrPages: number,
  recordedKernel: "6.1" | "6.12",
): number {
  const recorded = BY_KERNEL[recordedKernel];
  switch (event) {
    case "add":
      return recorded.addFirstBlock + (nrBlocks - 1) * recorded.addFurtherBlock;
    case "remove":
      return nrBlocks * recorded.addFurtherBlock;
    case "offline":
      return nrBlocks * recorded.offlinePerBlock + nrPages * recorded.offlinePerPage;
    default:
      return nrBlocks * recorded.onlinePerBlock + nrPages * recorded.onlinePerPage;
  }
}
