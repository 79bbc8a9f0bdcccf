/** Whose touches are whose: marks beside touch records, and recordings that have none. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { countWorkload } from "../../src/count/countWorkload.ts";
import { baselineUnknown, COUNTED_GROUPS } from "../../src/recording/countedRecording.ts";
import { listRecordings, loadRecording } from "../../src/recording/packagedRecording.ts";
import { openRecording } from "../../src/recording/recording.ts";
import { decodeTouchMarks, MARK_BYTES, readTouchMarks } from "../../src/recording/touchMarks.ts";

const directory = mkdtempSync(join(tmpdir(), "altmap-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

const GEOMETRY = {
  l1: { bytes: 32768, ways: 8 },
  l2: { bytes: 1048576, ways: 16 },
  llc: { bytes: 33554432, ways: 16 },
};

const marks = fc.array(fc.tuple(fc.nat(65535), fc.nat(3)));

describe("marks", () => {
  it("are read as they were written", async () => {
    await fc.assert(
      fc.asyncProperty(marks, async (written) => {
        const bytes = Buffer.alloc(written.length * MARK_BYTES);
        written.forEach(([fills, by], i) => {
          bytes.writeUInt16LE(fills, i * MARK_BYTES);
          bytes[i * MARK_BYTES + 2] = by;
        });
        const path = join(directory, "some.marks.gz");
        writeFileSync(path, gzipSync(bytes));
        for (const read of [decodeTouchMarks(bytes, "bytes"), await readTouchMarks(path)])
          expect(read).toEqual({
            stringFills: Uint16Array.from(written, ([fills]) => fills),
            by: Uint8Array.from(written, ([, by]) => by),
          });
      }),
      { numRuns: 20 },
    );
  });

  it("that are cut off or name no group are refused", () => {
    expect(() => decodeTouchMarks(Buffer.alloc(7), "x.marks.gz")).toThrow(/x.marks.gz: the marks are not whole/);
    const bytes = Buffer.from([0, 0, 0, 0, 0, 0, 4, 0]);
    expect(() => decodeTouchMarks(bytes, "x.marks.gz")).toThrow(/x.marks.gz, byte 6: there is no group 4/);
  });

  it("are unknown where a recording has none", async () => {
    writeFileSync(join(directory, "bare.touch.gz"), gzipSync(Buffer.alloc(12)));
    const { marks, summary } = await openRecording(join(directory, "bare.touch.gz"));
    expect(marks).toBeUndefined();
    expect(summary?.counted).toBeUndefined();
  });
});

describe("a recording of before", () => {
  it("is read, and says that its baseline is not known", async () => {
    const path = fileURLToPath(new URL("../recorded/data/kernel-6.1/traffic/wl_redis_set_30k_1k", import.meta.url));
    const { summary, marks } = await openRecording(path);
    expect(summary?.instructions).toBeGreaterThan(0);
    expect([summary?.counted, marks]).toEqual([undefined, undefined]);
    const { notes } = await countWorkload(path, GEOMETRY);
    expect(notes).toContain(baselineUnknown("wl_redis_set_30k_1k"));
    expect(baselineUnknown("old")).toMatch(/^old: baseline not known: /);
  });
});

describe.each(listRecordings())("%s, packaged", (name) => {
  const { summary, touchMarks } = loadRecording(name);

  it("says what its workload did, beside which others hardly count", async () => {
    const { counted } = summary;
    const marked = touchMarks();
    const byGroup = [0, 1, 2, 3].map((group) => marked?.by.filter((by) => by === group).length);
    expect(byGroup).toEqual(COUNTED_GROUPS.slice(0, 4).map((group) => counted?.[group].touches));
    expect(marked?.by.length).toBe(summary.pageSwitches);
    const { notes } = await countWorkload(name, GEOMETRY);
    expect(notes).not.toContain(baselineUnknown(name));
  });

  it("has string instructions that make up its bytes", () => {
    for (const group of COUNTED_GROUPS) {
      const counts = summary.counted?.[group];
      for (const [sizes, bytes, ops] of [
        [counts?.setSizes ?? [], counts?.bytesSet ?? 0, counts?.nrSets ?? 0],
        [counts?.copySizes ?? [], counts?.bytesCopied ?? 0, counts?.nrCopies ?? 0],
      ] as const) {
        const least = sizes.reduce((sum, nr, bits) => sum + nr * 2 ** bits, 0);
        // One that is stopped at the end of a recording, or was begun before, lacks a part.
        expect(sizes.reduce((sum, nr) => sum + nr, 0) - ops).toBeLessThanOrEqual(1);
        expect(bytes).toBeGreaterThanOrEqual(least);
        expect(bytes).toBeLessThan(2 * least + 1);
      }
    }
  });
});
