import { CLASS_DEPENDENT, CLASS_INDEPENDENT, CLASS_STREAM } from "../../assembly/layout/layout.ts";
import type { HostDraw } from "./drawMachine.ts";

/**
 * What one access costs the core that waits for it, given the latency of the place that serves it.
 *
 * dependent    the next instruction needs the line: all of the latency
 * independent  as many misses overlap as the core keeps lines in flight
 * stream       the prefetchers keep more lines in flight than the core itself
 * unclassified somewhere from independent to dependent; drawn, so that the interval holds both
 */
export function exposedNs(accessClass: number, latencyNs: number, host: HostDraw): number {
  const independent = latencyNs / host.nrLinesInFlight;
  switch (accessClass) {
    case CLASS_STREAM:
      return latencyNs / host.nrStreamLinesInFlight;
    case CLASS_INDEPENDENT:
      return independent;
    case CLASS_DEPENDENT:
      return latencyNs;
    default:
      return independent + host.unclassifiedExposure * (latencyNs - independent);
  }
}
