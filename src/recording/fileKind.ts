import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { magicKind } from "./binaryKinds.ts";
import { TraceText } from "./import/traceText.ts";
import type { FileKind, FileKindName } from "./kinds.ts";
import { BCC_TRACE, TEXT_KINDS } from "./textKinds.ts";

const SURE_MAGIC_BYTES = 4;

/** Enough to tell a file by: of JSON its first keys, of a trace its header and some lines. */
export const HEAD_BYTES = 8192;

const isEventText: FileKind = {
  name: "events",
  what: "text of allocator events",
  example: (path) => `altmap import ${path}`,
};
const isTouchTrace: FileKind = {
  name: "touches",
  what: "a touch trace (records of touched struct pages)",
  example: (path) => `altmap replay ${path}`,
};

/**
 * What a file shows itself to be by its first bytes, decoded from gzip; undefined when nothing says. A file that is one
 * of `takes` is that, whatever else it could be.
 */
export function tellFileKind(head: Uint8Array, takes: readonly FileKindName[]): FileKind | undefined {
  const isTaken = (kind: FileKind): boolean => takes.includes(kind.name);
  const text = latin1(head);
  const touches = looksLikeTouches(head) ? isTouchTrace : undefined;
  if (touches !== undefined && isTaken(touches)) return touches;
  // Of a touch trace the first bytes are a pfn, which can be like a short magic.
  const mayBeTouches = takes.includes("touches") && text.includes("\0");
  const magic = magicKind(text, mayBeTouches ? SURE_MAGIC_BYTES : 1);
  if (magic !== undefined) return { name: "binary", ...magic };
  if (touches !== undefined) return touches;
  // A touch trace that is damaged is for its reader to name.
  if (mayBeTouches) return undefined;
  if (text.includes("\0")) return { name: "binary", what: "binary, of no kind that altmap knows" };
  const kinds = TEXT_KINDS.filter(([mark]) => mark.test(text)).map(([, kind]) => kind);
  if (BCC_TRACE[0].test(text)) kinds.unshift(BCC_TRACE[1]);
  else if (looksLikeEvents(head)) kinds.unshift(isEventText);
  return kinds.find(isTaken) ?? kinds[0];
}

/** Whole lines of it hold events of a trace. */
function looksLikeEvents(head: Uint8Array): boolean {
  const trace = new TraceText("head");
  for (let at = 0; at < head.length && !trace.isFull; ) at = trace.read(head, at);
  trace.finish(head.length >= HEAD_BYTES);
  const { events, failedAllocations, otherEvents, garbageLines } = trace.report;
  return events + failedAllocations > 0 || otherEvents > garbageLines;
}

/** Whole records, of pages below 1 TiB that were each touched at least once; no text has a zero byte. */
function looksLikeTouches(head: Uint8Array): boolean {
  const nrWhole = Math.floor(head.length / TOUCH_BYTES);
  if (nrWhole === 0) return false;
  for (let at = 0; at < nrWhole * TOUCH_BYTES; at += TOUCH_BYTES) {
    // u32 pfn, u8 loads, u8 stores.
    if (head[at + 3]! >= 0x10 || head[at + 4]! + head[at + 5]! === 0) return false;
  }
  return head.includes(0);
}

/** Each byte as the character of its number. */
const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
