import type { Random } from "../../cost/sample.ts";
import type { KernelVersion } from "../../linux/version.ts";
import type { DeviceProfile, HostProfile } from "../../machine/profiles.ts";
import type { CaseRow } from "../caseFile.ts";
import type { CaseMachine } from "../caseMachine.ts";
import type { CaseModel, CaseQuantity } from "../caseModel.ts";
import type { PassPrice } from "../predict.ts";

/** A row with what it timed. */
export interface ModelledRow {
  readonly row: CaseRow;
  readonly model: CaseModel;
  readonly kernel: KernelVersion;
}

/** What predictors need beyond rows and profiles; made once for all rows. */
export interface CaseContext {
  /** Packaged workloads that were counted on the hosts of the rows. */
  readonly workloads?: CountedWorkloads;
}

export interface CountedWorkloads {
  /** Without the `wl_` of their recordings. */
  readonly names: ReadonlySet<string>;
  /** ns of one run, memmap and data in DRAM: one draw, or the stated values. */
  readonly wholeNs: (name: string, host: HostProfile, dram: DeviceProfile, random: Random) => number;
}

/** Predicts rows of one operation. */
export interface CasePredictor {
  /** Quantities that it can give: rows of others are left out. */
  readonly quantities: readonly CaseQuantity[];
  /** Whether the operation is one on struct pages: medians of these are stated apart from those of devices. */
  readonly ofStructPages: boolean;
  /** Why this row cannot be predicted although its operation can; undefined when it can. */
  readonly refuses?: (row: ModelledRow, context: CaseContext) => string | undefined;
  /** The row's quantity in its unit, for one draw; the stated values when `random` is null. */
  readonly predict: (row: ModelledRow, machine: CaseMachine, random: Random, context: CaseContext) => number;
  /** Passes of the operation, each with the path that binds it, where it has any. */
  readonly passes?: (row: ModelledRow, machine: CaseMachine) => readonly PassPrice[];
}

/** In a virtual machine: nested page walks, and memory that the host may have to back. */
export function isGuest(row: CaseRow): boolean {
  return row.medium === "vm" || /\bkvm\b|\bguest\b|\bvm\b|wsl|qemu/i.test(row.platform);
}
