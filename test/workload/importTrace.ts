import { writeFileSync } from "node:fs";
import { EVENT_BYTES } from "../../assembly/layout/allocatorEvents.ts";
import type { ImportReport } from "../../src/recording/import/importReport.ts";
import { importTrace } from "../../src/recording/import/importTrace.ts";
import { TraceText, type TraceTextOptions } from "../../src/recording/import/traceText.ts";
import { eventAt, type TraceEvent } from "./eventAt.ts";

// Drivers of the importer for tests.

export interface Imported {
  readonly events: TraceEvent[];
  readonly report: ImportReport;
}

const eventsOf = (batch: Uint8Array): TraceEvent[] =>
  Array.from({ length: batch.length / EVENT_BYTES }, (_, index) => eventAt(batch, index));

export async function importFile(path: string, options: TraceTextOptions = {}): Promise<Imported> {
  const { batches, report } = importTrace(path, options);
  const events: TraceEvent[] = [];
  for await (const batch of batches) events.push(...eventsOf(batch));
  return { events, report };
}

export function importBytes(
  path: string,
  bytes: Uint8Array | string,
  options: TraceTextOptions = {},
): Promise<Imported> {
  writeFileSync(path, bytes);
  return importFile(path, options);
}

/** Feeds pieces straight to the parser, as they would come from a file. */
export function importPieces(pieces: readonly Uint8Array[], options: TraceTextOptions = {}): Imported {
  const text = new TraceText("pieces", options);
  const events: TraceEvent[] = [];
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      at = text.read(piece, at);
      if (text.isFull) events.push(...eventsOf(text.take()));
    }
  }
  text.finish(false);
  events.push(...eventsOf(text.take()));
  return { events, report: text.report };
}

export const importText = (text: string, options: TraceTextOptions = {}): Imported =>
  importPieces([Buffer.from(text, "latin1")], options);
