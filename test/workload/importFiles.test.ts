import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gunzipMembers } from "../../src/node/gunzipMembers.ts";
import { importBytes, importFile, importText } from "./importTrace.ts";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "altmap-files-"));
  path = join(folder, "trace.txt");
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = (count: number): string => Array.from({ length: count }, (_, i) => `${i} F ${i + 1} 0\n`).join("");

async function decode(bytes: Uint8Array, step: number): Promise<{ text: string; fault: string | undefined }> {
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const out: Uint8Array[] = [];
  let fault: string | undefined;
  try {
    for await (const piece of gunzipMembers(pieces())) out.push(piece.slice());
  } catch (error) {
    fault = (error as Error).message;
  }
  return { text: Buffer.concat(out).toString("latin1"), fault };
}

describe("a gzip stream", () => {
  it("is decoded member by member, with what its headers hold, however it is cut", async () => {
    // FEXTRA of 2 bytes, FNAME, FCOMMENT and FHCRC in front of the deflate stream.
    const plain = gzipSync("named\n");
    const header = Buffer.from([0x1f, 0x8b, 8, 30, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, 0x61, 0, 0x62, 0x63, 0, 9, 9]);
    const named = Buffer.concat([header, plain.subarray(10)]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 300 }), { maxLength: 5 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 400 }),
        async (texts, zeros, step) => {
          const bytes = Buffer.concat([named, ...texts.map((part) => gzipSync(part)), Buffer.alloc(zeros)]);
          const whole = `named\n${Buffer.from(texts.join(""), "utf8").toString("latin1")}`;
          expect(await decode(bytes, step)).toEqual({ text: whole, fault: undefined });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("that something follows keeps all that it held, and says so", async () => {
    for (const rest of ["garbage", "\x1fx", "g".repeat(1000)]) {
      const bytes = Buffer.concat([gzipSync("whole\n"), Buffer.from(rest, "latin1")]);
      for (const step of [1, 7, 5000])
        expect(await decode(bytes, step)).toEqual({
          text: "whole\n",
          fault: rest === "\x1fx" ? expect.stringMatching(/no end|not gzip/) : expect.stringMatching(/not gzip/),
        });
    }
    const cut = Buffer.concat([gzipSync("whole\n"), gzipSync("half\n").subarray(0, 5)]);
    expect(await decode(cut, 100)).toEqual({ text: "whole\n", fault: "the gzip stream is truncated: it has no end" });
    const { report } = await importBytes(path, Buffer.concat([gzipSync(text(100)), Buffer.from("trailing")]));
    expect(report).toMatchObject({ events: 100, truncated: expect.stringContaining("not gzip") });
  });

  it("with a wrong length, method or flag is corrupt", async () => {
    const good = gzipSync("whole\n");
    const changed = (at: number, to: number): Buffer => {
      const bytes = Buffer.from(good);
      bytes[at < 0 ? bytes.length + at : at] = to;
      return bytes;
    };
    expect((await decode(changed(-4, 99), 100)).fault).toContain("incorrect length check");
    expect((await decode(changed(-8, good.at(-8)! ^ 1), 100)).fault).toContain("incorrect data check");
    expect((await decode(changed(2, 7), 100)).fault).toContain("unknown compression method");
    expect((await decode(changed(3, 0xe0), 100)).fault).toContain("unknown header flags");
  });
});

describe("a file that is no text of one byte a character", () => {
  it.each([
    ["UTF-16LE", Buffer.from(`\ufeff${text(9)}`, "utf16le")],
    ["UTF-16LE", Buffer.from("bash-7 [001] 1.0: x: y\n", "utf16le")],
    ["UTF-16BE", Buffer.from(`\ufeff${text(9)}`, "utf16le").swap16()],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x31, 0, 0, 0])],
  ])("is named: %s", async (encoding, bytes) => {
    await expect(importBytes(path, bytes)).rejects.toThrow(
      `${path}: is ${encoding} text\n  expected: one byte a character, as the tools print it\n  example: iconv -f ${encoding} `,
    );
  });

  it("but packed once more says how to unpack it", async () => {
    await expect(importBytes(path, gzipSync(gzipSync(text(9))))).rejects.toThrow(/compressed twice.*\n.*zcat/);
    await expect(importBytes(path, "PK\x03\x04rest")).rejects.toThrow(/a zip archive/);
  });
});

describe("a pipe", () => {
  it("is read as a file is, gzip too, although it gives the first byte alone", async () => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const writer = createWriteStream(fifo);
    const bytes = gzipSync(text(50));
    writer.write(bytes.subarray(0, 1), () => setTimeout(() => writer.end(bytes.subarray(1)), 50));
    await expect(importFile(fifo)).resolves.toMatchObject({ report: { events: 50, truncated: undefined } });
  });
});

describe("odd lines", () => {
  it("of times: the span is from the first to the last, in whatever order they come; none is beyond 64 bits", () => {
    const late = "x-1 [000] 9.0: mm_page_free: pfn=1 order=0\n";
    const early = "x-1 [001] 2.0: mm_page_free: pfn=2 order=0\n";
    expect(importText(late + early).report).toMatchObject({ firstTimeNs: 2e9, lastTimeNs: 9e9 });
    const far = importText(`${late}99999999999999999999 F 5 0\nx-1 [000] 99999999999.0: mm_page_free: pfn=5\n`);
    // The second is no line of bpftrace; the third is an event whose time cannot be read.
    expect(far.report).toMatchObject({ events: 2, garbageLines: 1, lastTimeNs: 9e9, times: { timed: 1, unread: 1 } });
  });

  it("of call chains without symbols are no garbage", () => {
    const { report } = importText("1 F 5 0\n\tffffffff8127d3f5 \n        ffffffff8127d3f5\n\n");
    expect(report).toMatchObject({ events: 1, garbageLines: 0, otherLines: 3 });
  });

  it("without anything cost next to nothing", () => {
    const blank = Buffer.alloc(20_000_000, "\n").toString("latin1");
    expect(importText(blank).report).toMatchObject({ lines: 20_000_000, otherLines: 20_000_000 });
  }, 5000);

  it("that end in a carriage return are as those that do not", () => {
    const unix = `# tracer: nop\n\n${text(5)}CPU:1 [LOST 3 EVENTS]\nx-1 [000] 1.0: mm_page_alloc: pfn=9 order=0 gfp_flags=GFP_KERNEL\n`;
    const [a, b] = [importText(unix), importText(unix.replaceAll("\n", "\r\n"))];
    expect(b).toEqual(a);
  });
});
