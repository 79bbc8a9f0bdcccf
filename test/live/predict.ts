import { compareState } from "../../src/hotplug/compare.ts";
import { hostFromRecording } from "../../src/hotplug/host.ts";
import { dependsOnOutcome, observe, type Prediction, predictStep } from "../../src/hotplug/predict.ts";
import { parseRecording } from "../../src/hotplug/recording.ts";
import type { Difference } from "./compare.ts";
import type { Fixture, Operation, State, Step } from "./fixture.ts";

export interface Verdict {
  readonly differences: Difference[];
  /** The outcome hung on what the kernel happened to keep in a block, so it was taken from the kernel. */
  readonly conditioned: boolean;
}

/** The state machine beside a guest. `predict` comes before the guest runs the step, `compare` after. */
export interface Predictor {
  predict(operation: Operation): void;
  compare(step: Step): Verdict;
}

/** A machine as it booted: what `recorded` says of system and initial state, without its steps. */
export function predictorFor(recorded: Fixture): Predictor {
  // Through the reader of `altmap conform`: a live recording is nothing else than a recorded one.
  const host = hostFromRecording(parseRecording(JSON.stringify(recorded), recorded.name), recorded.name);
  let before: State = recorded.initial;
  let index = -1;
  let prediction: Prediction | undefined;
  return {
    predict(operation) {
      index++;
      prediction = dependsOnOutcome(host, operation) === undefined ? predictStep(host, operation) : undefined;
    },
    compare(step) {
      const conditioned = prediction === undefined;
      const expected = prediction ?? predictStep(host, step, step);
      const { differences } = compareState(host, expected, before, step);
      observe(host, step.after);
      before = step.after;
      return { conditioned, differences: differences.map((difference) => ({ step: index, ...difference })) };
    },
  };
}
