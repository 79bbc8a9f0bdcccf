import type { Difference } from "./compare.ts";
import type { Operation, Step } from "./fixture.ts";
import type { Recorder } from "./recorder.ts";

export interface Verdict {
  readonly differences: Difference[];
  /** The outcome hung on what the kernel happened to keep in a block, so it was taken from the kernel. */
  readonly conditioned: boolean;
}

/** The model beside a guest. `predict` comes before the guest runs the step, `compare` after. */
export interface Predictor {
  predict(operation: Operation): void;
  compare(step: Step): Verdict;
}

export function predictorFor(_recorder: Recorder): Predictor {
  throw new Error("the state machine is not here yet");
}
