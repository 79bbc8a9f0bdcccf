import { type CompleteHost, completeHost } from "./assumed.ts";
import type { HostProfile } from "./profiles.ts";
import { type Quantity, rangeOf } from "./provenance.ts";

/**
 * Instructions between two misses up to which they overlap: the reorder buffer in micro-ops over the micro-ops of an
 * instruction (the first-order interval model of Karkhanis and Smith 2004, Eyerman et al. 2009).
 *
 * Whether the sibling thread is busy is not known: the range reaches from what a thread keeps beside one to the whole
 * buffer, the value is their geometric middle.
 */
export function windowInstructions(host: HostProfile | CompleteHost): Quantity {
  const { reorderBufferMicroOps, reorderBufferSiblingShare, microOpsPerInstruction } =
    "lineBytes" in host && "clearStartNs" in host ? (host as CompleteHost) : completeHost(host);
  const shared = host.nrThreadsPerCore.value > 1 ? reorderBufferSiblingShare.value : 1;
  const [fewest, most] = rangeOf(microOpsPerInstruction);
  const whole = reorderBufferMicroOps.value / microOpsPerInstruction.value;
  const [bufferLow, bufferHigh] = rangeOf(reorderBufferMicroOps);
  return {
    value: whole * Math.sqrt(shared),
    range: [(bufferLow * shared) / most, bufferHigh / fewest],
    level: "C",
    source: reorderBufferMicroOps.source,
    note: `${reorderBufferMicroOps.value} micro-ops over ${microOpsPerInstruction.value} an instruction; sibling busy to idle`,
  };
}
