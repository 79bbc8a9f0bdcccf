/** What a line of `bpftrace -f json` holds. */
export type JsonLine =
  | { readonly kind: "printed"; readonly text: string }
  | { readonly kind: "loss"; readonly events: number }
  | { readonly kind: "other" };

/** @returns undefined for what is no such line */
export function readJsonLine(line: string): JsonLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  if (typeof type !== "string" || data === undefined) return undefined;
  if (type === "printf" && typeof data === "string") return { kind: "printed", text: data };
  if (type !== "lost_events") return { kind: "other" };
  const events: unknown = (data as { events?: unknown } | null)?.events;
  return { kind: "loss", events: Number.isSafeInteger(events) && (events as number) > 0 ? (events as number) : 0 };
}
