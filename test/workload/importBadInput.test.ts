import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { MAX_LINE_BYTES } from "../../src/recording/import/traceText.ts";
import { FileInputError } from "../../src/recording/inputFile.ts";
import { event, text } from "./eventLines.ts";
import { importBytes, importFile, importPieces, importText } from "./importTrace.ts";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "altmap-import-"));
  path = join(folder, "trace.txt");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("garbage lines", () => {
  it("are counted, the first is quoted, and the rest is imported", () => {
    const { report } = importText(`${event(1)}what is this?\n${event(2)}\u0000\u0001\u00ff\n${event(3)}`);
    expect(report).toMatchObject({ events: 3, garbageLines: 2, firstGarbage: { line: 2, text: "what is this?" } });
  });

  it("are fatal when there is nothing else", async () => {
    const all = importBytes(path, "hello\nworld\n");
    await expect(all).rejects.toBeInstanceOf(FileInputError);
    await expect(all).rejects.toThrow(/none of 2 lines is an event of a trace \(2 are garbage\); line 1 is "hello"/);
    await expect(importBytes(path, `hello\n${event(1)}`)).resolves.toMatchObject({
      report: { events: 1, garbageLines: 1 },
    });
  });

  it("do not include the tool's own lines", () => {
    const { report } = importText(
      [
        "# tracer: nop",
        "#",
        "",
        "Attaching 2 probes...",
        "Attached 2 probes",
        "version = 6",
        "cpus=2",
        "CPU 1 is empty",
        "\tffffffff8127d3f5 get_page_from_freelist+0x1a5 ([kernel.kallsyms])",
        "            7f0a1c2d3e4f malloc+0x1f (/usr/lib/libc.so.6)",
        "\t               a [unknown] ([unknown])",
        "  <...>-3094982 [004] ...1 77212.233934: <stack trace>",
        " => __alloc_pages",
        "  sh 10216/10216 [001]  3004.460720: PERF_RECORD_FORK(10218:10218):(10216:10216)",
        "  bash-16939 [000] .... 6075.461561: mutex_unlock <-tracing_set_tracer",
        " 24)   0.512 us    |  prep_new_page();",
        "------------------------------------------",
        event(1),
      ].join("\n"),
    );
    expect(report).toMatchObject({ events: 1, garbageLines: 0 });
  });

  it("do not make a trace without events an error", async () => {
    await expect(importBytes(path, "# tracer: nop\n#\n")).resolves.toMatchObject({ report: { events: 0, lines: 2 } });
    await expect(importBytes(path, "x-1 [000] 1.0: sched_switch: a=b\n")).resolves.toMatchObject({
      report: { otherEvents: 1 },
    });
  });
});

describe("files", () => {
  it("that are missing, folders, empty or binary are refused", async () => {
    await expect(importFile(join(folder, "absent"))).rejects.toMatchObject({ fault: "missing" });
    await expect(importFile(folder)).rejects.toMatchObject({ fault: "unreadable" });
    await expect(importBytes(path, "")).rejects.toMatchObject({ fault: "empty" });
    await expect(importBytes(path, "PERFILE2\0\0\0")).rejects.toThrow(
      /binary perf\.data, not text\n {2}example: perf script -i/,
    );
    await expect(importBytes(path, gzipSync("\x17\x08Dtracing6\0"))).rejects.toThrow(/trace-cmd report -t -i/);
    await expect(importBytes(path, Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4))).rejects.toThrow(
      /zstd -dc .* \| altmap import -/,
    );
  });

  it("may be gzip, and are recognised by content", async () => {
    await expect(importBytes(path, gzipSync(text(100)))).resolves.toMatchObject({
      report: { events: 100, truncated: undefined },
    });
  });

  it("that break off keep what was read, and never half a line", async () => {
    const bytes = Buffer.from(text(20_000), "latin1");
    const whole = gzipSync(bytes);
    const { events } = await importBytes(path, whole);
    for (const share of [0.3, 0.61, 0.9, 0.999]) {
      const cut = await importBytes(path, whole.subarray(0, Math.floor(whole.length * share)));
      expect(cut.report.truncated).toBe("the gzip stream is truncated: it has no end");
      expect(cut.report.garbageLines).toBe(0);
      expect(cut.report.events).toBeGreaterThan(events.length * share * 0.8 - 4000);
      expect(cut.events).toEqual(events.slice(0, cut.events.length));
    }
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 6]! ^= 1;
    const kept = await importBytes(path, damaged);
    expect(kept.report.truncated).toContain("corrupt");
    expect(kept.events.length).toBeGreaterThan(0);
  });

  it("cut before the first line are an error", async () => {
    await expect(importBytes(path, gzipSync(text(100)).subarray(0, 12))).rejects.toMatchObject({ fault: "truncated" });
  });
});

describe("long lines", () => {
  const lineOf = (bytes: number): string => event(1).trimEnd().padEnd(bytes, " ");
  it(`are read up to ${MAX_LINE_BYTES} bytes and are garbage beyond, however they are cut`, () => {
    for (const step of [1000, MAX_LINE_BYTES - 1, 1 << 20]) {
      for (const [length, events] of [
        [MAX_LINE_BYTES, 2],
        [MAX_LINE_BYTES + 1, 1],
        [20 * MAX_LINE_BYTES, 1],
      ] as const) {
        const bytes = Buffer.from(`${lineOf(length)}\n${event(2)}`, "latin1");
        const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
          bytes.subarray(i * step, (i + 1) * step),
        );
        const { report } = importPieces(pieces);
        expect(report).toMatchObject({ lines: 2, events, tooLongLines: 2 - events, garbageLines: 2 - events });
      }
    }
  });
});

describe("any bytes", () => {
  /** Bytes that are likely to reach deep into the parser. */
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          event(3),
          "pfn=",
          "order=",
          "0x",
          "=",
          " ",
          "\n",
          "[",
          "]",
          "[001] ",
          "1.5:",
          " mm_page_free: ",
          "kmem:mm_page_alloc:",
          "-1",
          ":",
          "/* ",
          "99999999999999999999",
          "CPU:1 [LOST 3 EVENTS]\n",
        ),
        fc.string({ maxLength: 20, unit: "binary" }),
      ),
      { maxLength: 60 },
    )
    .map((parts) => Buffer.from(parts.join(""), "latin1"));

  it("are read without a crash, and every line is accounted for", () => {
    fc.assert(
      fc.property(hostile, (bytes) => {
        const { report } = importPieces([bytes]);
        const { events, failedAllocations, otherEvents, otherLines, garbageLines, lossNotices, audit } = report;
        expect(report.lines).toBe(
          events + failedAllocations + otherEvents + otherLines + garbageLines + lossNotices + audit.beyondMachine,
        );
        const newlines = bytes.filter((byte) => byte === 10).length;
        expect(report.lines).toBe(newlines + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "-",
    "0",
    "f",
    "0x",
    "1,",
    "(",
    "~",
    "=",
    ":",
    "[",
    "/",
    "pfn=",
    "pfn=-",
    "[0] ",
    "1: ",
  ])("repeated to the bound, %j, are read", (part) => {
    for (const prefix of [
      "",
      "x-1 [000] 1.0: mm_page_free: pfn=",
      "5 x 1 1 mm_page_free pfn=",
      " 2) | /* mm_page_free: pfn=",
    ]) {
      const line = prefix + part.repeat((MAX_LINE_BYTES - prefix.length) / part.length);
      expect(importText(`${line}\n${event(1)}`).report).toMatchObject({ lines: 2, tooLongLines: 0 });
    }
  });

  it("give the same events wherever they are cut, whatever the batch size", () => {
    fc.assert(
      fc.property(
        hostile,
        fc.array(fc.nat(2000), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (bytes, cuts, batchEvents) => {
          const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
          const pieces = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
          expect(importPieces(pieces, { batchEvents })).toEqual(importPieces([bytes]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("of a file give events or an InputError", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), fc.nat(200), async (bytes, isGzip, drop) => {
        const whole = isGzip ? gzipSync(bytes) : bytes;
        await importBytes(path, whole.subarray(0, Math.max(0, whole.length - drop))).catch((error: unknown) => {
          expect(error).toBeInstanceOf(InputError);
        });
      }),
      { numRuns: 150 },
    );
  });
});
