import type { Action, Told } from "./action.ts";
import type { Host } from "./host.ts";
import type { Errno } from "./memoryBlock.ts";
import { perform } from "./perform.ts";
import { errnoFromText, type Outcome, type RecordedState, type Step } from "./recording.ts";
import { type HostState, hostState } from "./state.ts";
import { dependsOnOutcome } from "./uncertainty.ts";

/**
 * Stepwise prediction, for recordings, scripts and live kernels:
 *
 *     const host = hostFromRecording(recording, file);    // the machine as it booted
 *     const why = dependsOnOutcome(host, step);           // undefined: predict before the step is done
 *     const expected = predictStep(host, step, why === undefined ? undefined : outcome);
 *     const { differences } = compareState(host, expected, before, outcome);
 *     observe(host, outcome.after);                       // learn which zones others use by now
 */

/** What a step must give. */
export interface Prediction {
  readonly state: HostState;
  /** Change of MemTotal. */
  readonly memTotalChangeKb: number;
  readonly errno: string | null;
  /** Error lines of the kernel and of daxctl, in order, ACPI instance numbers masked. */
  readonly errorLines: readonly string[];
  /** Of an eject: whether the device is still there. */
  readonly stillPresent: boolean | undefined;
  /** Why success or failure was taken from the outcome; undefined when it was predicted. */
  readonly conditioned: string | undefined;
  /** Why the step never ends; undefined when it does. */
  readonly endless: string | undefined;
  /** An earlier step never ends, and this one waits for it. */
  readonly waits: boolean;
}

/**
 * Does one step on the model. A step that dependsOnOutcome takes success or the failing block from `outcome`; without
 * one it is predicted to succeed.
 *
 * @error InputError for a step that is impossible here: an unknown block, DIMM or device, a DIMM plugged twice
 */
export function predictStep(host: Host, step: Step, outcome?: Outcome): Prediction {
  return predictAction(host, step, outcome === undefined ? {} : toldBy(host, step, outcome));
}

/** The same of a script's step. @param told what the model cannot know @error as predictStep */
export function predictAction(host: Host, action: Action, told: Told): Prediction {
  const { machine } = host;
  const before = machine.totalramPages;
  machine.log.length = 0;
  machine.events.length = 0;
  const conditioned = dependsOnOutcome(host, action);
  const wasEndless = machine.endless !== undefined;
  const result = perform(host, action, told);
  return {
    state: hostState(host),
    memTotalChangeKb: ((machine.totalramPages - before) * machine.settings.arch.pageBytes) / 1024,
    errno: result.errno ?? null,
    errorLines: [...machine.log],
    stillPresent: result.stillPresent,
    conditioned,
    endless: wasEndless ? undefined : machine.endless?.reason,
    waits: result.waits === true,
  };
}

/** Learns from a state which kernel zones others than this model allocate in: the next offlining there is uncertain. */
export function observe(host: Host, after: Pick<RecordedState, "zones">): void {
  for (const zone of host.machine.zones.values()) {
    if (zone.freeLists === undefined) continue;
    const free = after.zones[zone.key]?.free;
    if (free === undefined) continue;
    const missing = zone.freeLists.freePages - free;
    // Memmap pieces that were freed, or fetched ahead, wait on per-cpu lists; anything else is somebody's allocation.
    const wholePieces = missing % host.machine.pageblockPages === 0;
    const onPcp = wholePieces && missing > 0 && missing <= zone.pcpMemmapPages;
    zone.inUse = missing !== 0 && !onPcp;
    zone.disturbed ||= zone.inUse;
  }
}

/** Errors that an offlining can end with whatever the model knows; anything else must be predicted. */
const REFUSALS: readonly (string | null)[] = ["EBUSY", "EINTR", "ENOMEM"];

/** What a recorded outcome says of what the model cannot know. */
export function toldBy(host: Host, step: Step, outcome: Outcome): Told {
  const errno = errnoFromText(outcome.error);
  const refused = outcome.still_present === true || REFUSALS.includes(errno);
  const [startBytes] = step.op === "add" ? step.addr : [];
  return {
    ...(refused && { refusal: { errno: refusalErrno(errno), block: failedBlock(outcome) } }),
    ...(outcome.endless === true && { endless: true }),
    ...(step.op === "add" && startBytes === undefined && { platformError: errno }),
    ...(startBytes !== undefined && { node: nodeFromOutcome(host, startBytes, outcome) }),
  };
}

function refusalErrno(errno: string | null): Errno {
  return errno === "EINTR" || errno === "ENOMEM" ? errno : "EBUSY";
}

/** The block that an outcome names as the one that failed. */
function failedBlock(outcome: Outcome): number | undefined {
  const text = [...outcome.dmesg, outcome.error ?? ""].join("\n");
  const named = /memory memory(\d+): Offline failed|memory(\d+)\/state/.exec(text);
  const failed = named?.[1] ?? named?.[2];
  return failed === undefined ? undefined : Number(failed);
}

/** The node of a DIMM is an input that only its platform knows; without it, the recorded link stands for it. */
function nodeFromOutcome(host: Host, startBytes: number, outcome: Outcome): number | undefined {
  const block = String(Math.floor(startBytes / host.machine.settings.blockBytes));
  const link = outcome.after.node_blocks.find((candidate) => candidate.split(":")[1] === block);
  return link === undefined ? undefined : Number(link.split(":")[0]);
}

export { dependsOnOutcome } from "./uncertainty.ts";
