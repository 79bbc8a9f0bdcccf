import type { HotplugEvent } from "../scenario/schema.ts";

/**
 * Instructions that hotplug of memory blocks executed, from the recordings of Debian's 6.1.192 and 6.12.117
 * (`instructions` of traffic/hp_*.json: everything the guest executed, the shell's echo and, for add, ACPI's device
 * scan included, so an upper bound per page and mostly a constant for add).
 */
export interface HotplugInstructions {
  /** hp_add_128_mom: adding one block, whatever else a hot-plugged device entails. */
  readonly addFixed: number;
  /** Each further block. 6.1: hp_add_256_nomom less hp_add_128_mom less 4 MiB zeroed byte by byte; 6.12: assumed. */
  readonly addPerBlock: number;
  /** hp_online_movable_128_mom over 32,768 pages. */
  readonly onlinePerPage: number;
  /** hp_offline_128_mom over 32,768 pages. */
  readonly offlinePerPage: number;
  readonly recordedOn: string;
}

const BY_KERNEL: Readonly<Record<"6.1" | "6.12", HotplugInstructions>> = {
  "6.1": {
    addFixed: 5_146_804,
    addPerBlock: 9_386_424 - 5_146_804 - 4 * 1024 ** 2,
    onlinePerPage: 2_794_003 / 32768,
    offlinePerPage: 4_366_108 / 32768,
    recordedOn: "6.1.192",
  },
  "6.12": {
    addFixed: 9_868_901,
    addPerBlock: 9_386_424 - 5_146_804 - 4 * 1024 ** 2,
    onlinePerPage: 2_410_336 / 32768,
    offlinePerPage: 5_537_203 / 32768,
    recordedOn: "6.12.117",
  },
};

/** The recorded kernel that stands for `version`: 6.1 before the page-type rework of 6.11, 6.12 from it on. */
export function hotplugInstructions(recordedKernel: "6.1" | "6.12"): HotplugInstructions {
  return BY_KERNEL[recordedKernel];
}

/** Instructions of one event over a device. Removal is taken to cost what adding costs, device scan left out. */
export function eventInstructions(
  event: HotplugEvent,
  nrBlocks: number,
  nrPages: number,
  recorded: HotplugInstructions,
): number {
  switch (event) {
    case "add":
      return recorded.addFixed + (nrBlocks - 1) * recorded.addPerBlock;
    case "remove":
      return nrBlocks * recorded.addPerBlock;
    case "offline":
      return nrPages * recorded.offlinePerPage;
    default:
      return nrPages * recorded.onlinePerPage;
  }
}
