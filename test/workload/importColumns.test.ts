import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_BYTES } from "../../assembly/layout/allocatorEvents.ts";
import { InputError } from "../../src/errors.ts";
import { decodeEventColumns, encodeEventColumns } from "../../src/recording/eventColumns.ts";

describe("event columns", () => {
  const events = fc
    .uint8Array({ maxLength: 40 * EVENT_BYTES })
    .map((bytes) => bytes.subarray(0, bytes.length - (bytes.length % EVENT_BYTES)));

  it("give any records back, whatever the batch size", () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 50 }), (records, batchEvents) => {
        const columns = gunzipSync(gzipSync(encodeEventColumns(records)));
        const parts: Uint8Array[] = [];
        for (const batch of decodeEventColumns(columns, "random", batchEvents)) parts.push(batch.slice());
        expect(Buffer.compare(Buffer.concat(parts), records)).toBe(0);
        expect(parts.every((part) => part.length <= batchEvents * EVENT_BYTES)).toBe(true);
      }),
    );
  });

  it("refuse damage", () => {
    const columns = encodeEventColumns(new Uint8Array(3 * EVENT_BYTES));
    expect(() => [...decodeEventColumns(columns.subarray(1), "cut")]).toThrow("cut: the packaged recording is damaged");
    expect(() => [...decodeEventColumns(new Uint8Array(3), "tiny")]).toThrow(InputError);
    columns[0] = 0;
    expect(() => [...decodeEventColumns(columns, "magic")]).toThrow(InputError);
    expect(() => encodeEventColumns(new Uint8Array(EVENT_BYTES + 1))).toThrow(RangeError);
  });
});
