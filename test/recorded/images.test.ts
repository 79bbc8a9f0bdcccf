// The struct page array that a real kernel left, byte for byte: only words that point to list heads in the
// zone (outside the memmap) are masked, and there the model must point to a list head as well.
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { recordedKernelOf } from "../../src/linux/recordedKernels.ts";
import { compareImage } from "./imageModel.ts";

const DATA = new URL("data/images/", import.meta.url);

const images = readdirSync(DATA).flatMap((kernel) =>
  readdirSync(new URL(`${kernel}/`, DATA)).map((file) => ({ kernel, file })),
);

describe("recorded memmap images", () => {
  it("are all here", () => expect(images).toHaveLength(22));

  describe.each(["release", "debug"] as const)("%s kernels", (build) => {
    it.each(images)("$kernel $file", ({ kernel, file }) => {
      const recorded = gunzipSync(readFileSync(new URL(`${kernel}/${file}`, DATA)));
      const result = compareImage(recorded, recordedKernelOf(kernel), file, build);
      expect(result.differences).toEqual([]);
      // A self-hosted block has one chunk of order 9 and 31 of order 10, a DRAM-hosted one 32 of order 10.
      const listEnds = file.startsWith("self-hosted") ? 4 : 2;
      expect(result.masked).toBe(file.includes("online_movable") ? listEnds : 0);
    });
  });
});
