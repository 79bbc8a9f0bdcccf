import { platform } from "../platform.ts";

/** Something that is counted by itself. */
export interface CountPart<Counts> {
  /** All that the counts follow from, beside the engine; undefined where a file of the user's may change. */
  readonly key: readonly unknown[] | undefined;
  readonly count: () => Counts | Promise<Counts>;
}

/** One that is counted at once. */
export interface PartNow<Counts> extends CountPart<Counts> {
  readonly count: () => Counts;
}

/** What this thread has counted or read: a sweep over scenarios asks for the same again and again. */
const remembered = new Map<string, unknown>();
/** A few answers' worth: that of a sweep over many machines would fill the memory. */
const MOST_REMEMBERED = 256;

/** What was counted before under this key, by this thread or by a run that kept it. */
export function countedBefore(key: CountPart<unknown>["key"]): unknown {
  if (key === undefined) return undefined;
  const text = JSON.stringify(key);
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const kept = platform().keptCounts?.get(text);
  if (kept !== undefined) remember(text, kept);
  return kept;
}

/** The counts of a part: those from before, or counted now and kept. */
export async function countedOnce<Counts>({ key, count }: CountPart<Counts>): Promise<Counts> {
  return (countedBefore(key) as Counts | undefined) ?? keep(key, await count());
}

/** The same of what is counted at once. */
export function countedOnceNow<Counts>({ key, count }: PartNow<Counts>): Counts {
  return (countedBefore(key) as Counts | undefined) ?? keep(key, count());
}

function keep<Counts>(key: CountPart<Counts>["key"], counts: Counts): Counts {
  if (key === undefined) return counts;
  const text = JSON.stringify(key);
  remember(text, counts);
  platform().keptCounts?.put(text, counts);
  return counts;
}

function remember(text: string, counts: unknown): void {
  remembered.set(text, counts);
  const oldest = remembered.size > MOST_REMEMBERED ? remembered.keys().next().value : undefined;
  if (oldest !== undefined) remembered.delete(oldest);
}
