import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { InputError } from "../../src/errors.ts";
import { writeTouchTrace } from "../../src/node/writeTouchTrace.ts";
import { FileInputError } from "../../src/recording/inputFile.ts";
import { decodeTouchColumns, encodeTouchColumns } from "../../src/recording/touchColumns.ts";
import { type ReadTouchTraceOptions, readTouchTrace } from "../../src/recording/touchTrace.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "altmap-touch-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Records with few pfns and few shapes, as real ones have, and some odd ones. */
const touches = fc
  .array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 40 }), fc.nat(0xffffffff)),
      fc.oneof(fc.nat(3), fc.nat(0xffffffff)),
      fc.oneof(fc.constant(17), fc.nat(0xffffffff)),
    ),
    { maxLength: 700 },
  )
  .map((rows) => new Uint8Array(Uint32Array.from(rows.flat()).buffer));

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function readAll(path: string, options: ReadTouchTraceOptions = {}): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const batch of readTouchTrace(path, options)) {
    expect(batch.length % TOUCH_BYTES).toBe(0);
    expect(batch.length).toBeGreaterThan(0);
    parts.push(batch.slice());
  }
  return Buffer.concat(parts);
}

async function faultOf(path: string, options: ReadTouchTraceOptions = {}): Promise<FileInputError> {
  const error = await readAll(path, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileInputError);
  expect(error).toBeInstanceOf(InputError);
  return error as FileInputError;
}

/** Bytes that gzip cannot shrink, so that cuts fall inside the data. */
function noise(records: number): Uint8Array {
  const bytes = new Uint8Array(records * TOUCH_BYTES);
  let state = 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

describe("touch trace", () => {
  it("reads what it wrote, whatever the batch size", async () => {
    await fc.assert(
      fc.asyncProperty(touches, fc.integer({ min: 1, max: 300 }), async (records, batchRecords) => {
        fc.pre(records.length > 0);
        const path = join(folder, "round.touch.gz");
        const cut = Math.floor(records.length / TOUCH_BYTES / 2) * TOUCH_BYTES;
        expect(await writeTouchTrace(path, [records.subarray(0, cut), records.subarray(cut)])).toBe(
          records.length / 12,
        );
        expect(Buffer.compare(await readAll(path, { batchRecords }), records)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("names a missing file and a folder", async () => {
    const path = join(folder, "absent.touch.gz");
    expect(await faultOf(path)).toMatchObject({
      fault: "missing",
      path,
      offset: 0,
      message: `${path}: no such file\n  expected: a file, plain or gzip`,
    });
    expect(await faultOf(folder)).toMatchObject({ fault: "unreadable", path: folder });
  });

  it("refuses what is not gzip, an empty file and an empty trace", async () => {
    expect(await faultOf(fileOf("plain.touch.gz", noise(3)))).toMatchObject({ fault: "not-gzip", offset: 0 });
    expect(await faultOf(fileOf("one.touch.gz", Uint8Array.of(0x1f)))).toMatchObject({ fault: "not-gzip" });
    expect(await faultOf(fileOf("empty.touch.gz", new Uint8Array()))).toMatchObject({ fault: "empty" });
    expect(await faultOf(fileOf("none.touch.gz", gzipSync(new Uint8Array())))).toMatchObject({ fault: "empty" });
  });

  it("says that a cut file is truncated and how far it got, wherever the cut is", async () => {
    const whole = gzipSync(noise(40_000));
    for (const keep of [2, 9, 10, 11, 1000, 200_000, whole.length - 9, whole.length - 8, whole.length - 1]) {
      const fault = await faultOf(fileOf("cut.touch.gz", whole.subarray(0, keep)));
      expect(fault.fault, `kept ${keep} bytes`).toBe("truncated");
      if (keep > 100_000) expect(fault.offset).toBeGreaterThan(0);
    }
  });

  it("says that damaged data is corrupt", async () => {
    const bytes = gzipSync(noise(40_000));
    bytes[bytes.length - 5] = bytes.at(-5)! ^ 0xff; // a byte of the CRC
    expect(await faultOf(fileOf("crc.touch.gz", bytes))).toMatchObject({ fault: "corrupt" });
    expect(await faultOf(fileOf("method.touch.gz", Uint8Array.of(0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 3)))).toMatchObject({
      fault: "corrupt",
    });
  });

  it("accepts whole records and refuses one byte more or less", async () => {
    const records = noise(5);
    expect(await readAll(fileOf("whole.touch.gz", gzipSync(records)))).toHaveLength(60);
    const more = await faultOf(fileOf("more.touch.gz", gzipSync(Buffer.concat([records, Uint8Array.of(1)]))));
    expect(more).toMatchObject({ fault: "content", offset: 60 });
    expect(more.message).toContain("1 bytes follow");
    const less = await faultOf(fileOf("less.touch.gz", gzipSync(records.subarray(0, 59))), { batchRecords: 2 });
    expect(less).toMatchObject({ fault: "content", offset: 48 });
  });

  it("accepts the last pfn of the machine and refuses the next, with record and offset", async () => {
    const words = new Uint32Array(3 * 100);
    words[3 * 70] = 0x1000;
    const path = fileOf("pfn.touch.gz", gzipSync(new Uint8Array(words.buffer)));
    expect(await readAll(path, { pfnEnd: 0x1001 })).toHaveLength(1200);
    for (const batchRecords of [1, 64, 1000]) {
      const fault = await faultOf(path, { pfnEnd: 0x1000, batchRecords });
      expect(fault).toMatchObject({ fault: "content", offset: 840 });
      expect(fault.message).toContain("pfn 0x1000 of record 70 is outside the machine");
    }
  });

  it("survives random bytes behind a gzip header", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const path = fileOf("random.touch.gz", Buffer.concat([Uint8Array.of(0x1f, 0x8b, 8, 0), bytes]));
        await readAll(path).catch((error: unknown) => expect(error).toBeInstanceOf(FileInputError));
      }),
      { numRuns: 100 },
    );
  });

  it("stops early without leaving anything open", async () => {
    const path = fileOf("early.touch.gz", gzipSync(noise(300_000)));
    for await (const batch of readTouchTrace(path, { batchRecords: 10 })) {
      expect(batch).toHaveLength(120);
      break;
    }
    rmSync(path);
  });

  it("leaves no file when it cannot write", async () => {
    await expect(writeTouchTrace(join(folder, "no", "such.touch.gz"), [noise(1)])).rejects.toThrow(InputError);
    await expect(writeTouchTrace(join(folder, "odd.touch.gz"), [noise(1).subarray(1)])).rejects.toThrow(RangeError);
    expect(() => readFileSync(join(folder, "odd.touch.gz"))).toThrow();
  });
});

describe("touch columns", () => {
  it("give the records back, whatever the batch size", () => {
    fc.assert(
      fc.property(touches, fc.integer({ min: 1, max: 300 }), (records, batchRecords) => {
        const columns = gunzipSync(gzipSync(encodeTouchColumns(records)));
        const copied: Uint8Array[] = [];
        for (const batch of decodeTouchColumns(columns, "random", batchRecords)) copied.push(batch.slice());
        expect(Buffer.compare(Buffer.concat(copied), records)).toBe(0);
      }),
    );
  });

  it("refuse damage", () => {
    const columns = encodeTouchColumns(noise(100));
    expect(() => [...decodeTouchColumns(columns.subarray(0, columns.length - 1), "cut")]).toThrow("cut: the packaged");
    expect(() => [...decodeTouchColumns(new Uint8Array(3), "tiny")]).toThrow(InputError);
    columns[0] = 0;
    expect(() => [...decodeTouchColumns(columns, "magic")]).toThrow(InputError);
  });
});
