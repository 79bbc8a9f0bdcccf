import { compareState } from "../../src/hotplug/state/compare.ts";
import { hostFromRecording } from "../../src/hotplug/state/host.ts";
import { dependsOnOutcome, observe, type Prediction, predictStep } from "../../src/hotplug/state/predict.ts";
import {
  type Step as ModelStep,
  parseRecording,
  type RecordedState,
  type StateRecording,
} from "../../src/hotplug/state/recording.ts";
import type { Difference } from "./compare.ts";
import type { Fixture, Operation, Step } from "./fixture.ts";

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
  const read = (steps: readonly Step[]): StateRecording =>
    parseRecording(JSON.stringify({ ...recorded, steps }), recorded.name);
  const { initial } = read([]);
  const host = hostFromRecording(read([]), recorded.name);
  let before: RecordedState = initial;
  let index = -1;
  let prediction: Prediction | undefined;
  return {
    predict(operation) {
      index++;
      const step = modelStep(operation);
      prediction = dependsOnOutcome(host, step) === undefined ? predictStep(host, step) : undefined;
    },
    compare(step) {
      const [outcome] = read([step]).steps;
      if (outcome === undefined) throw new Error("a recording of one step has none");
      const expected = prediction ?? predictStep(host, outcome, outcome);
      const { differences } = compareState(host, expected, before, outcome);
      observe(host, outcome.after);
      before = outcome.after;
      return {
        conditioned: prediction === undefined,
        differences: differences.map((difference) => ({ step: index, ...difference })),
      };
    },
  };
}

function modelStep(operation: Operation): ModelStep {
  return operation.op === "add" ? { ...operation, addr: [...operation.addr] } : operation;
}
