import type { WhatIf } from "../../scenario/words.ts";
import type { Action, Told } from "../state/action.ts";
import type { Errno } from "../state/memoryBlock.ts";
import type { HostRecording } from "../state/recording.ts";
import type { FAULT_STAGES, VETOABLE } from "./scriptSchema.ts";

/** A fault that strikes one memory block of what a step adds. */
export interface Fault {
  readonly stage: (typeof FAULT_STAGES)[number];
  readonly chunk: number;
  readonly errno: Errno;
}

/** What a notifier answers. */
export interface Veto {
  readonly event: (typeof VETOABLE)[number];
  /** undefined: the first block that it is told of. */
  readonly chunk: number | undefined;
  readonly errno: Errno;
}

export interface ScriptStep {
  /** Where it stands, for errors: `script.yaml:12`. */
  readonly where: string;
  /** As a person would say it. */
  readonly words: string;
  readonly action: Action;
  readonly told: Told;
  readonly fail: Fault | undefined;
  readonly veto: Veto | undefined;
  /** Free pages after the step that others than the model leave, by `node:zone`. */
  readonly free: Readonly<Record<string, number>>;
}

/** A script of `altmap try`: a machine as it booted, and steps. */
export interface Script {
  readonly name: string;
  readonly where: string;
  readonly boot: HostRecording;
  /** The boot state was made from `machine`, not recorded: its managed pages are assumed. */
  readonly isAssumed: boolean;
  readonly whatIf: readonly WhatIf[];
  /** s390. */
  readonly standby: { readonly startBytes: number; readonly sizeBytes: number } | undefined;
  readonly priced: { readonly host: string | undefined; readonly device: string | undefined };
  readonly steps: readonly ScriptStep[];
}
