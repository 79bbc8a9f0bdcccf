/** Recorded single operations: whole, and as their commands say. */
import { describe, expect, it } from "vitest";
import { loadOperationRecordings } from "../../src/recording/operationRecordings.ts";

describe("recorded operations", () => {
  const recordings = loadOperationRecordings();

  it("are there once for each kernel", () => {
    const keys = recordings.map(({ kernel, name }) => `${kernel} ${name}`);
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(
    recordings.filter(({ name }) => name.startsWith("hp_online")),
  )("$kernel $name: struct pages of a block", (row) => {
    const { workload, kernelInstructionsByFunction } = row;
    // Each of 32,768 struct pages is written more than once by the shell's write; self-hosted ones less their memmap.
    expect(workload.hotStores).toBeGreaterThan(32_768);
    expect(workload.kernelInstructions).toBeGreaterThan(32_768 * 20);
    expect(kernelInstructionsByFunction.map(({ name }) => name)).toContain("memmap_init_range");
  });

  it.each(recordings.filter(({ name }) => name.startsWith("op_")))("$kernel $name: 16,384 pages", ({
    name,
    workload,
  }) => {
    // A scan for presence reads page tables alone.
    if (name.startsWith("op_pagemap_scan_64m")) expect(workload.hotTouches).toBeLessThan(1000);
    else expect(workload.hotTouches).toBeGreaterThanOrEqual(16_384);
  });
});
