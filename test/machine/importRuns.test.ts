import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { importToolOutput } from "../../src/machine/import/detect.ts";
import { MEMORY_FLOOR_NS } from "../../src/machine/import/plausible.ts";
import { textSource } from "../../src/machine/import/text.ts";
import { importedProfiles } from "../../src/machine/import/toProfiles.ts";
import { GIB, MIB } from "../../src/units.ts";

const read = (name: string, text: string) => importToolOutput(textSource(name, text), undefined, false);
const load = read(
  "load.txt",
  "Samples, Byte/thd, ChaseThds, ChaseNS, LoadThds, LdAvgMibs, MemLdArg\n5, 268435456, 0, ----, 8, 20486, stream-sum\n",
);

/** ns of one decimal, as MLC prints them. */
const tenths = (low: number, high: number) => fc.integer({ min: low * 10, max: high * 10 }).map((n) => n / 10);
const run = fc.record({ mib: fc.constantFrom(0.031, 8, 512, 2000), ns: tenths(1, 400) });

function mlc(runs: readonly { mib: number; ns: number }[]): string {
  return runs
    .map(
      ({ mib, ns }) =>
        `Using buffer size of ${mib.toFixed(3)}MiB\nEach iteration took 9.0 core clocks (\t${ns.toFixed(1)}\tns)\n`,
    )
    .join("\n");
}

function latencyOf(text: string): number | "refused" {
  try {
    return importedProfiles([read("idle.txt", text), load], { medium: "cxl" }).devices[0]!.idleReadNs.value;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return "refused";
  }
}

describe("several runs in one file", () => {
  test("what is taken is a run of the largest buffer that memory can have, whatever the order", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), fc.integer(), (runs, seed) => {
        const value = latencyOf(mlc(runs));
        const shuffled = runs.map((one, i) => ({ one, at: Math.imul(i + 1, seed | 1) })).sort((a, b) => a.at - b.at);
        expect(latencyOf(mlc(shuffled.map(({ one }) => one)))).toBe(value);
        const largest = Math.max(...runs.map(({ mib }) => mib));
        const possible = runs.filter(({ mib, ns }) => mib === largest && ns >= MEMORY_FLOOR_NS).map(({ ns }) => ns);
        const agree = Math.max(...possible) <= Math.min(...possible) * 1.1;
        if (possible.length === 0 || !agree) expect(value).toBe("refused");
        else expect(possible).toContain(value);
        if (value !== "refused") taken++;
      }),
    );
    expect(taken).toBeGreaterThan(10);
  });

  test("the floor lies above every cache of the host profiles and below every memory of the device profiles", () => {
    expect(latencyOf(mlc([{ mib: 2000, ns: MEMORY_FLOOR_NS }]))).toBe(MEMORY_FLOOR_NS);
    expect(latencyOf(mlc([{ mib: 2000, ns: MEMORY_FLOOR_NS - 0.1 }]))).toBe("refused");
  });
});

describe("capacity and memory block of a dax device", () => {
  const matrix = read(
    "mlc.txt",
    "Measuring idle latencies (in ns)...\nNuma node 0 1\n 0 95.4 251.3\n\nMeasuring Memory Bandwidths between nodes within system\nUsing Read-only traffic type\nNuma node 0 1\n 0 245951.0 17804.7\n",
  );
  const profileOf = (size: number, blocks: number) =>
    importedProfiles(
      [
        matrix,
        read("dax.json", JSON.stringify([{ chardev: "dax0.0", size, target_node: 1, total_memblocks: blocks }])),
      ],
      { medium: "cxl" },
    ).devices[0]!;

  // dax_kmem_range(): the start rounds up to a block, the end down.
  test("of any range and block, both are right or not stated", () => {
    let stated = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 27, max: 31 }).map((shift) => 2 ** shift),
        fc.integer({ min: 0, max: 2 ** 12 }).map((n) => n * 2 * MIB),
        fc.integer({ min: 64, max: 2 ** 19 }).map((n) => n * 2 * MIB),
        (block, start, size) => {
          const nrBlocks = Math.floor((start + size) / block) - Math.ceil(start / block);
          fc.pre(nrBlocks > 0);
          const { capacityBytes, memoryBlockBytes } = profileOf(size, nrBlocks);
          if (memoryBlockBytes === undefined) return;
          stated++;
          // A few blocks of a badly aligned range may be blocks of half the size, well aligned.
          if (memoryBlockBytes.value !== block) expect(size / nrBlocks / memoryBlockBytes.value).toBe(1);
          else expect(capacityBytes?.value).toBe(nrBlocks * block);
        },
      ),
    );
    expect(stated).toBeGreaterThan(50);
  });

  test("the ranges that are given", () => {
    expect(profileOf(64 * GIB, 512)).toMatchObject({
      capacityBytes: { value: 64 * GIB },
      memoryBlockBytes: { value: 128 * MIB },
    });
    expect(profileOf(1598128390144, 743)).toMatchObject({
      capacityBytes: { value: 1486 * GIB },
      memoryBlockBytes: { value: 2 * GIB },
    });
    // 121.25 GiB at an address that costs a block at each end.
    expect(profileOf(121.25 * GIB, 59)).toMatchObject({
      capacityBytes: { value: 118 * GIB },
      memoryBlockBytes: { value: 2 * GIB },
    });
  });
});
