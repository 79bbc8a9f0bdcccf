import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_BYTES } from "../../assembly/layout/allocatorEvents.ts";
import { TraceLine } from "../../src/recording/import/traceLine.ts";
import { MAX_LINE_BYTES, TraceText } from "../../src/recording/import/traceText.ts";
import { eventAt } from "./eventAt.ts";
import { type Imported, importBytes, importFile, importText } from "./importTrace.ts";
import { LINES } from "./traceLines.ts";

// The import of one text is the same however the text is cut, and whatever lay in memory before.

const DATA = new URL("../recorded/data/", import.meta.url).pathname;
const LONG = process.env["ALTMAP_LONG"] === "1";
/** All 256 in the long run; else those that mean something to a parser, and a few that do not. */
const POISONS = LONG
  ? Array.from({ length: 256 }, (_, byte) => byte)
  : [0, 255, 0x80, ...Buffer.from("\t\n\r xX0Bb9afAFgus.,:;=-+()[]{}<>|/*~\"'#@!$%^_", "latin1")];

/** Reads pieces that are cut at `cuts`; what the buffer for half lines does not hold is `poison` before each. */
function importCut(text: Uint8Array, cuts: readonly number[], poison: number): Imported {
  const pending = new Uint8Array(MAX_LINE_BYTES).fill(poison);
  const trace = new TraceText("pieces", { pending });
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < text.length), text.length])].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    const piece = text.slice(start, end);
    for (let at = 0; at < piece.length; ) at = trace.read(piece, at);
    pending.fill(poison, end - 1 - text.lastIndexOf(10, end - 1));
    start = end;
  }
  trace.finish(false);
  const batch = trace.take();
  const events = Array.from({ length: batch.length / EVENT_BYTES }, (_, index) => eventAt(batch, index));
  return { events, report: trace.report };
}

const lines = fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 12 });
const texts = fc
  .record({ lines, newline: fc.constantFrom("\n", "\r\n"), ends: fc.boolean() })
  .map(({ lines: some, newline, ends }) => Buffer.from(some.join(newline) + (ends ? newline : ""), "latin1"));

describe("a text that is cut", () => {
  it("in two at any byte, the rest of the buffer holding any byte, gives what the whole gives", () => {
    let poisonAt = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const whole = importText(text.toString("latin1"));
        for (let cut = 1; cut < text.length; cut++) {
          const poison = POISONS[poisonAt++ % POISONS.length]!;
          expect(importCut(text, [cut], poison), `cut at ${cut}, poison ${poison}`).toEqual(whole);
        }
      }),
      { numRuns: LONG ? 2000 : 30, seed: 8 },
    );
  });

  it("in many pieces gives what the whole gives", () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(2000)), fc.constantFrom(...POISONS), (text, cuts, poison) => {
        const whole = importText(text.toString("latin1"));
        expect(importCut(text, cuts, poison)).toEqual(whole);
        const bytes = Array.from({ length: text.length }, (_, at) => at);
        expect(importCut(text, bytes, poison)).toEqual(whole);
      }),
      { numRuns: LONG ? 20_000 : 300, seed: 9 },
    );
  });

  it("within each line of the table, at its end, gives what the whole gives for every byte behind", () => {
    for (const line of LINES) {
      for (const text of [line, `${line}\n`, `${line}\r\n`]) {
        const bytes = Buffer.from(text, "latin1");
        const whole = importText(text);
        for (const poison of POISONS)
          expect(importCut(bytes, [line.length - 1], poison), `${text}, ${poison}`).toEqual(whole);
      }
    }
  });
});

describe("a line", () => {
  const parsed = (bytes: Uint8Array, start: number, end: number) => {
    const line = new TraceLine();
    const kind = line.parse(bytes, start, end);
    const { form, kind: event, pid, cpu, timing, timeNs } = line;
    return { kind, form, op: event.op, pid, cpu, timing, timeNs, values: [...line.fields.values] };
  };

  it("that stops anywhere is read without a look at what stands before or behind it", () => {
    for (const text of LINES) {
      const bytes = Buffer.from(text, "latin1");
      // Each start of a line is a line as well.
      for (let length = 1; length <= bytes.length; length++) {
        const alone = parsed(bytes.subarray(0, length), 0, length);
        for (const poison of POISONS) {
          const poisoned = new Uint8Array(length + 40).fill(poison);
          poisoned.set(bytes.subarray(0, length), 20);
          const { kind, ...rest } = parsed(poisoned, 20, 20 + length);
          if (kind !== alone.kind || JSON.stringify(rest) !== JSON.stringify({ ...alone, kind: undefined }))
            expect({ kind, ...rest }, `${text.slice(0, length)} beside ${poison}`).toEqual(alone);
        }
      }
    }
  }, 600_000);
});

describe("a file that is cut", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "altmap-cuts-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const sample = Buffer.from(LINES.map((line) => `${line}\n`).join(""), "latin1");
  const recorded = ["host-6.18-perf-script-gcc.txt.gz", "host-6.18-bpftrace-gcc.txt.gz"].map((name) =>
    gunzipSync(readFileSync(DATA + name)).subarray(0, 300_000),
  );

  it("gives one report plain, as gzip, and as gzip members that end anywhere", async () => {
    const path = join(folder, "trace");
    for (const text of [sample, ...recorded]) {
      const whole = await importBytes(path, text);
      expect(await importBytes(path, gzipSync(text))).toEqual(whole);
      for (const step of [1 + Math.floor(text.length / 7), 4096, 257].filter((size) => text.length / size < 200)) {
        const members: Buffer[] = [];
        for (let at = 0; at < text.length; at += step) members.push(gzipSync(text.subarray(at, at + step)));
        expect(await importBytes(path, Buffer.concat(members))).toEqual(whole);
      }
      // The first member holds one byte: what kind of file it is shows later.
      const first = [gzipSync(text.subarray(0, 1)), gzipSync(text.subarray(1))];
      expect(await importBytes(path, Buffer.concat(first))).toEqual(whole);
    }
  });

  it("gives the same from a pipe, plain or gzip, that is written in odd pieces", async () => {
    const path = join(folder, "fifo");
    for (const text of [sample, ...recorded]) {
      const whole = await importBytes(join(folder, "trace"), text);
      for (const [bytes, step] of [
        [text, 5003],
        [gzipSync(text), 997],
      ] as const) {
        rmSync(path, { force: true });
        execFileSync("mkfifo", [path]);
        const writer = createWriteStream(path, { highWaterMark: 1 });
        const read = importFile(path);
        for (let at = 0; at < bytes.length; at += step) writer.write(bytes.subarray(at, at + step));
        writer.end();
        const { events, report } = await read;
        expect({ events, report: { ...report, path: whole.report.path } }).toEqual(whole);
      }
    }
  });
});
