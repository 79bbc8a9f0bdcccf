import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { EVENT_BYTES, EVENT_PFN } from "../../assembly/layout/allocatorEvents.ts";
import { TraceText } from "../../src/recording/import/traceText.ts";
import { plainTraceText } from "../../test/twin/traceText.ts";
import type { Case, Suite } from "../suite.ts";

/** Recorded on a Linux 6.18 host. */
const DATA = new URL("../../test/recorded/data/", import.meta.url);
const FORMS = [
  ["perf script", "host-6.18-perf-script-gcc.txt.gz"],
  ["bpftrace", "host-6.18-bpftrace-gcc.txt.gz"],
] as const;
/** As `readInput` hands a plain file out. */
const PIECE_BYTES = 128 * 1024;

export const importSuite: Suite = {
  name: "import",
  question: "How many events a second come out of the text of a trace?",
  compares:
    "The importer, which parses bytes and checks frees page by page, and regular expressions line by line, which take " +
    "the same fields and check nothing. One core, text in memory, the recorded text again and again.",
  doesNotShow: "reading files, gunzip, or the simulation of the events.",
  cases(options) {
    return FORMS.map(([name, file]) => importCase(name, gunzipSync(readFileSync(new URL(file, DATA))), options.smoke));
  },
};

/** For a profile: the recorded perf script text, parsed as often as a run of the suite does. */
export function importOnce(): void {
  const text = gunzipSync(readFileSync(new URL(FORMS[0][1], DATA)));
  importRepeated(text, repeatsOf(text));
}

const repeatsOf = (text: Uint8Array): number => Math.ceil(20e6 / text.length);

function importCase(name: string, text: Uint8Array, smoke: boolean): Case {
  const repeats = smoke ? 1 : repeatsOf(text);
  const sums = { bytes: 0, expressions: 0 };
  const events = plainTraceText(Buffer.from(text).toString("latin1")).length;
  return {
    name,
    work: events * repeats,
    unit: "events",
    against: ["regular expressions"],
    rows: [
      {
        name: "importer",
        run: () => {
          sums.bytes = importRepeated(text, repeats);
        },
        checksum: () => String(sums.bytes),
      },
      {
        name: "regular expressions",
        run: () => {
          let sum = 0;
          for (let i = 0; i < repeats; i++) {
            for (const { pfn } of plainTraceText(Buffer.from(text).toString("latin1"))) sum = (sum + pfn) % 2 ** 40;
          }
          sums.expressions = sum;
        },
        checksum: () => String(sums.expressions),
      },
    ],
  };
}

/** @returns the sum of all page frames */
function importRepeated(text: Uint8Array, repeats: number): number {
  const trace = new TraceText("bench");
  let sum = 0;
  const add = (batch: Uint8Array): void => {
    const words = new Uint32Array(batch.buffer, batch.byteOffset, batch.length / 4);
    for (let at = EVENT_PFN / 4; at < words.length; at += EVENT_BYTES / 4) sum = (sum + words[at]!) % 2 ** 40;
  };
  for (let i = 0; i < repeats; i++) {
    for (let start = 0; start < text.length; start += PIECE_BYTES) {
      const piece = text.subarray(start, start + PIECE_BYTES);
      for (let at = 0; at < piece.length; ) {
        at = trace.read(piece, at);
        if (trace.isFull) add(trace.take());
      }
    }
  }
  trace.finish(false);
  add(trace.take());
  return sum;
}
