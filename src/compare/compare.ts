import { type Leaf, leavesOf } from "./leaves.ts";

/** One number of two documents. */
export interface NumberDifference {
  readonly path: string;
  readonly key: string;
  readonly before: number | null;
  readonly after: number | null;
  /** (after - before) / before; null where one is missing, or before is 0. */
  readonly changeRatio: number | null;
  /** The intervals have no value in common; without intervals, the numbers differ. */
  readonly isBeyondError: boolean;
}

/** Two documents side by side. */
export interface DocumentComparison {
  /** Numbers that are in both and equal. */
  readonly equal: number;
  /** Numbers that differ, but within their error. */
  readonly withinError: number;
  /** Beyond error: sums before their parts, then the largest change first; what only one has comes last. */
  readonly changed: readonly NumberDifference[];
  /** Every number of both. */
  readonly all: readonly NumberDifference[];
}

/** Compares every number of two documents; `input` is what was asked, and is compared too. */
export function compareDocuments(before: unknown, after: unknown): DocumentComparison {
  const [old, now] = [byPath(before), byPath(after)];
  const all = [...new Set([...old.keys(), ...now.keys()])].map((path) =>
    difference(path, old.get(path), now.get(path)),
  );
  const differ = all.filter((one) => one.before !== one.after);
  const changed = differ.filter(({ isBeyondError }) => isBeyondError);
  return {
    equal: all.length - differ.length,
    withinError: differ.length - changed.length,
    changed: [...changed].sort((a, b) => depth(a) - depth(b) || weight(b) - weight(a) || (a.path < b.path ? -1 : 1)),
    all,
  };
}

const depth = ({ path }: NumberDifference): number => path.split(".").length;
const weight = ({ changeRatio }: NumberDifference): number => (changeRatio === null ? -1 : Math.abs(changeRatio));

function byPath(document: unknown): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const leaf of leavesOf(document)) {
    let path = leaf.path;
    for (let n = 2; leaves.has(path); n++) path = `${leaf.path}#${n}`;
    leaves.set(path, leaf);
  }
  return leaves;
}

function difference(path: string, before: Leaf | undefined, after: Leaf | undefined): NumberDifference {
  const key = (before ?? after)!.key;
  const [a, b] = [before?.value ?? null, after?.value ?? null];
  if (a === null || b === null) return { path, key, before: a, after: b, changeRatio: null, isBeyondError: true };
  const changeRatio = a === 0 ? null : (b - a) / Math.abs(a);
  const [low, high] = before!.interval ?? [a, a];
  const [lowAfter, highAfter] = after!.interval ?? [b, b];
  return { path, key, before: a, after: b, changeRatio, isBeyondError: high < lowAfter || highAfter < low };
}
