import { InputError } from "../../errors.ts";
import { errorTextOf, type HostRecording } from "../state/recording.ts";
import type { HostState } from "../state/state.ts";
import type { ScriptRun, StepResult } from "./runSteps.ts";

/**
 * A run as a recording: what `altmap conform` reads. The states are the model's, so that it agrees with itself; a kernel
 * that does the same steps can be compared with it.
 *
 * @returns the object of the recording format
 * @error   InputError naming the first step that recordings have no word for
 */
export function recordingFromRun({ script, steps }: ScriptRun): HostRecording & { name: string; steps: object[] } {
  return { name: script.name, ...script.boot, steps: steps.map(recordedStep) };
}

function recordedStep({ step, prediction }: StepResult): object {
  const { action, fail, veto, told, where } = step;
  const recordable = ["add", "remove", "state", "dax_memmap_on_memory", "dax_bind_kmem", "dax_unbind_kmem"];
  const strange = fail !== undefined || veto !== undefined || told.signal === true || told.during === true;
  if (!recordable.includes(action.op) || strange || prediction.waits) {
    throw new InputError({
      what: `"${step.words}" has no form in a recording`,
      where,
      expected:
        "plug, eject, write to memoryN/state or memmap_on_memory of a dax device, bind, unbind; no fault, veto or signal",
    });
  }
  const { errno, errorLines, stillPresent, endless, state } = prediction;
  return {
    ...action,
    ...(stillPresent !== undefined && { still_present: stillPresent }),
    ...(endless !== undefined && { endless: true }),
    error: errno === null ? null : saidOf(step, errno),
    dmesg: errorLines,
    after: recordedState(state, step.free),
  };
}

/** What a shell or daxctl says of an errno. */
function saidOf({ action, told }: StepResult["step"], errno: string): string {
  if (action.op === "state" || action.op === "dax_memmap_on_memory") return `sh: write error: ${errorTextOf(errno)}`;
  const block = action.op === "dax_unbind_kmem" ? told.refusal?.block : undefined;
  const named = block === undefined ? "" : `memory${block}/state: `;
  return `${named}${errorTextOf(errno)}`;
}

/** Zones in which others have pages are compared without their free lists. */
function recordedState({ dax, zones, ...state }: HostState, free: Readonly<Record<string, number>>): object {
  const seen = Object.fromEntries(
    Object.entries(zones).map(([key, { buddy, ...zone }]) => [
      key,
      key in free ? { ...zone, free: free[key] } : { ...zone, ...(buddy && { buddy }) },
    ]),
  );
  return { ...state, zones: seen, ...dax };
}
