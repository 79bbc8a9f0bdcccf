import type { EvidenceLevel, Quantity } from "./provenance.ts";

interface Extra {
  readonly range?: readonly [number, number];
  readonly note?: string;
  readonly fitted?: boolean;
}

/** `q(81.4, "V", "nvsl")`: a quantity in one line, so that a profile reads as a table. */
export function q(value: number, level: EvidenceLevel, source: string, extra: Extra = {}): Quantity {
  return { value, level, source, ...extra };
}

/** Recalled: usable in a host profile, where it is marked. */
export function recalled(value: number, range?: readonly [number, number], note?: string): Quantity {
  return {
    value,
    level: "R",
    source: "recall",
    ...(range === undefined ? {} : { range }),
    ...(note === undefined ? {} : { note }),
  };
}

/** A constant of the machine that is exact, such as 64-byte lines. */
export function exact(value: number, source: string): Quantity {
  return { value, level: "V", source, range: [value, value] };
}
