import type { DriverName } from "../../scenario/words.ts";
import type { BlockUse, Errno } from "./memoryBlock.ts";
import type { Step } from "./recording.ts";

/** Files that set a policy of onlining, by their names below /sys/devices/system/memory and /sys/module/memory_hotplug. */
export const POLICY_FILES = [
  "auto_online_blocks",
  "online_policy",
  "auto_movable_ratio",
  "auto_movable_numa_aware",
] as const;
export type PolicyFile = (typeof POLICY_FILES)[number];

/** Drivers whose calls of add_memory() an `add_memory` step stands for. */
export const ADD_DRIVERS = ["direct", "virtio-mem", "hyper-v", "xen-balloon"] as const satisfies readonly DriverName[];
export type AddDriver = (typeof ADD_DRIVERS)[number];

/** What is done in a step: what recordings have, and what administrators and drivers do beyond it. Sizes in bytes. */
export type Action =
  | Step
  | { readonly op: "dax_unbind_driver"; readonly device: string }
  | { readonly op: "policy"; readonly file: PolicyFile; readonly value: string }
  | { readonly op: "parameter"; readonly value: string }
  | {
      readonly op: "add_memory";
      readonly driver: AddDriver;
      readonly startBytes: number;
      readonly sizeBytes: number;
      readonly node: number;
      /** virtio-mem: what the device plugs at once. */
      readonly unitBytes?: number | undefined;
    }
  | {
      readonly op: "remove_memory";
      readonly startBytes: number;
      readonly sizeBytes: number;
      /** offline_and_remove_memory(), as virtio-mem calls it. */
      readonly offline: boolean;
    }
  | { readonly op: "probe"; readonly startBytes: number; readonly node: number }
  | { readonly op: "sclp_config" | "sclp_memmap_on_memory"; readonly block: number; readonly value: string }
  | { readonly op: "use"; readonly block: number; readonly use: BlockUse };

/** What the model cannot know of a step, as a recording or a script tells it. */
export interface Told {
  /** A block of unknown use could not be offlined; without `block`, the first such one. */
  readonly refusal?: { readonly errno: Errno; readonly block?: number | undefined } | undefined;
  /** Offlining a block of unknown use never ended. */
  readonly endless?: boolean | undefined;
  /** The node that a DIMM belongs to. */
  readonly node?: number | undefined;
  /** What was said of a DIMM for which the platform found no room. */
  readonly platformError?: string | null | undefined;
  /** A signal reaches whoever writes: to a block while its pages cannot be moved, to a knob while it waits. */
  readonly signal?: boolean | undefined;
  /** The write to the knob falls into the bind or unbind of its device. */
  readonly during?: boolean | undefined;
}

/** What a step returned. */
export interface Performed {
  readonly errno?: string | null | undefined;
  /** Of an eject: whether the device is still there. */
  readonly stillPresent?: boolean;
  /** The step never got its turn: an earlier one holds device_hotplug_lock for ever. */
  readonly waits?: boolean;
}
