import { InputError } from "../../errors.ts";
import { compareState, type Difference } from "./compare.ts";
import { hostFromRecording } from "./host.ts";
import { observe, predictStep } from "./predict.ts";
import { parseRecording, stepOf } from "./recording.ts";

export interface StepDifference extends Difference {
  /** Index into `steps`. */
  readonly step: number;
}

/** How one recording compared with the state machine. */
export interface FixtureReport {
  readonly name: string;
  readonly steps: number;
  readonly checks: number;
  /** Steps whose success or failure was taken from the recording. */
  readonly conditioned: number;
  readonly conditioned_steps: readonly { readonly step: number; readonly why: string }[];
  readonly diffs: readonly StepDifference[];
}

/**
 * Replays one recording through the state machine and compares after every step.
 *
 * @error InputError naming the file, and the step where one is impossible
 */
export function conformRecording(text: string, file: string): FixtureReport {
  const recording = parseRecording(text, file);
  const host = hostFromRecording(recording, file);
  const diffs: StepDifference[] = [];
  const conditionedSteps: { step: number; why: string }[] = [];
  let checks = 0;
  let before = recording.initial;
  for (const [index, step] of recording.steps.entries()) {
    const expected = atStep(file, index, () => predictStep(host, stepOf(step), step));
    if (expected.conditioned !== undefined) conditionedSteps.push({ step: index, why: expected.conditioned });
    const comparison = compareState(host, expected, before, step);
    checks += comparison.checks;
    for (const difference of comparison.differences) diffs.push({ step: index, ...difference });
    observe(host, step.after);
    before = step.after;
  }
  const steps = recording.steps.length;
  const conditioned = conditionedSteps.length;
  return { name: recording.name, steps, checks, conditioned, conditioned_steps: conditionedSteps, diffs };
}

function atStep<T>(file: string, index: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) throw new InputError({ ...error.problem, where: `${file} step ${index}` });
    throw error;
  }
}

/** How recordings compared with the state machine: `altmap/conform-v1`. */
export interface ConformDocument {
  readonly schema: "altmap/conform-v1";
  readonly passed: number;
  readonly failed: number;
  readonly fixtures: readonly FixtureReport[];
}
