import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/measure/evaluate.ts";
import { PROBE_OPERATIONS, probedFor } from "../../src/measure/operations.ts";
import { type ProbeOutput, ProbeReader } from "../../src/measure/probeOutput.ts";
import { coldLessHotOf, less, spreadOfTimings, spreadRefusal } from "../../src/measure/statistics.ts";

const LATENCY = 200;
const KERNEL = "6.12.1";
const NAMES = PROBE_OPERATIONS.map(({ name }) => name);

/** What a probe prints in `runs` runs of nine slices, ns a page by operation: cold, hot; in order the cold is the hot. */
function printed(times: Readonly<Record<string, readonly [number, number]>>, runs = 2, inOrderPercent = 99): string[] {
  const lines = ["probe 1 4096"];
  for (let run = 0; run < runs; run++) {
    lines.push(`chase ${run} ${LATENCY * 1024} ${4 * 1024}`);
    for (const order of ["random", "in-order"]) {
      lines.push(`layout ${order} anonymous ${run} 4096 ${order === "random" ? 0 : inOrderPercent}`);
      lines.push(`layout ${order} tmpfs ${run} 4096 ${order === "random" ? 0 : inOrderPercent}`);
      for (const [name, [cold, hot]] of Object.entries(times)) {
        for (let slice = -4; slice <= 4; slice++) {
          const is = order === "random" ? cold : hot;
          lines.push(`time ${name} ${order} ${run} 100 ${100 * is + slice} ${100 * hot}`);
        }
      }
    }
    lines.push(`run ${run} 1000`);
  }
  return [...lines, "end"];
}

function read(lines: readonly string[], stopped?: string): ProbeOutput {
  const reader = new ProbeReader();
  for (const line of lines) reader.read(line);
  return reader.result(stopped);
}

const resultOf = (lines: readonly string[], name: string, kernel = KERNEL) =>
  evaluate(read(lines), NAMES, kernel).operations.find(({ operation }) => operation.name === name)!;

describe("what timings say", () => {
  it("cold less hot, less what the control takes longer cold, over the latency", () => {
    const result = resultOf(printed({ "pagemap-scan-control": [12, 10], "pagemap-read": [126, 24] }), "pagemap-read");
    expect(result.refused).toBeUndefined();
    expect(result.random?.coldLessHot.median).toBeCloseTo(100, 6);
    expect(result.random?.exposedRatio).toBeCloseTo(0.5, 6);
    expect(result.random?.hot.median).toBeCloseTo(24, 6);
    expect(result.inOrder?.coldLessHot.median).toBeCloseTo(0, 6);
  });

  it("a fork is measured with its pages less without them, hot and cold", () => {
    const times = { mincore: [5, 5], "fork-alone": [250, 200], fork: [410, 260] } as const;
    const result = resultOf(printed(times), "fork");
    expect(result.random?.hot.median).toBeCloseTo(60, 6);
    expect(result.random?.cold.median).toBeCloseTo(160, 6);
    expect(result.random?.coldLessHot.median).toBeCloseTo(100, 6);
  });

  it("where PAGEMAP_SCAN is not known mincore() is the control", () => {
    const lines = [...printed({ mincore: [6, 5], "pagemap-read": [126, 24] }), "skip pagemap-scan-control kernel"];
    expect(evaluate(read(lines), NAMES, "6.1.5").control).toBe("mincore");
    expect(resultOf(lines, "pagemap-scan-control", "6.1.5").refused).toBe("needs Linux 6.7, this is 6.1.5");
    expect(resultOf(lines, "pagemap-scan-control").refused).toMatch(/this kernel does not know PAGEMAP_SCAN/);
  });

  it("medians of runs show how far runs lie apart", () => {
    const timings = [1, 2, 3, 11, 12, 13].map((coldNs, i) => ({ run: i < 3 ? 0 : 1, coldNs, hotNs: 0 }));
    const spread = spreadOfTimings(timings, coldLessHotOf);
    expect(spread.runs).toEqual([2, 12]);
    expect(spread.median).toBe(7);
    expect(() => spreadOfTimings([], coldLessHotOf)).toThrow(/no timing/);
  });

  it("a constant on both sides changes no spread but by itself", () => {
    const timings = fc.array(fc.record({ run: fc.nat(3), coldNs: fc.nat(1000), hotNs: fc.nat(1000) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(timings, fc.nat(100), (list, ns) => {
        const moved = spreadOfTimings(
          list.map((timing) => ({ ...timing, coldNs: timing.coldNs - ns })),
          coldLessHotOf,
        );
        const taken = less(spreadOfTimings(list, coldLessHotOf), ns);
        expect(moved.median).toBeCloseTo(taken.median, 6);
        expect(moved.quartiles[0]).toBeCloseTo(taken.quartiles[0], 6);
        expect(moved.runs[1]).toBeCloseTo(taken.runs[1], 6);
      }),
    );
  });
});

describe("what is refused, and stays in the table with its reason", () => {
  const spread = (low: number, median: number, high: number) => ({
    median,
    quartiles: [low, high] as const,
    runs: [median, median] as const,
  });

  it("quartiles that are too far apart, unless both are small beside the latency", () => {
    expect(spreadRefusal(spread(90, 100, 110), LATENCY)).toBeUndefined();
    expect(spreadRefusal(spread(40, 100, 160), LATENCY)).toMatch(/quartiles 40 to 160 ns: more than a factor of 2/);
    expect(spreadRefusal(spread(-10, 60, 90), LATENCY)).toMatch(/quartiles -10 to 90/);
    expect(spreadRefusal(spread(-5, 2, 10), LATENCY)).toBeUndefined();
  });

  it("what is faster cold than hot", () => {
    expect(spreadRefusal(spread(-110, -100, -90), LATENCY)).toBe("faster cold than hot");
  });

  it("everything whose control is not near zero", () => {
    const result = resultOf(printed({ "pagemap-scan-control": [40, 10], "pagemap-read": [126, 24] }), "pagemap-read");
    expect(result.refused).toMatch(/its control pagemap-scan-control.* differs by 30.0 ns: more than a tenth/);
  });

  it("a second reader of page tables alone that is slower cold", () => {
    const result = resultOf(printed({ "pagemap-scan-control": [10, 10], mremap: [80, 20] }), "mremap");
    expect(result.refused).toMatch(/differs by 60.0 ns/);
  });

  it("an order in which the pages do not lie; the random one stays", () => {
    const times = { "pagemap-scan-control": [10, 10], "tmpfs-map": [200, 100] } as const;
    const result = resultOf(printed(times, 2, 36), "tmpfs-map");
    expect(result.inOrder?.refused).toBe("of its pages 36 % lie beside the page before: not in pfn order");
    expect(result.refused).toBeUndefined();
    expect(resultOf(printed(times, 2, -1), "tmpfs-map").inOrder?.refused).toBeUndefined();
  });

  it("what the kernel does not permit, in its words", () => {
    const lines = [...printed({ mincore: [5, 5] }), "skip uring-pin io_uring is not permitted here"];
    expect(resultOf(lines, "uring-pin").refused).toBe("io_uring is not permitted here");
    expect(resultOf(lines, "madv-cold").refused).toBe("no run of it was complete");
  });
});

describe("lines of the probe", () => {
  it("a line of another program is refused", () => {
    for (const line of ["hello", "probe 2 4096", "time pagemap-read random 0 100 x 1", "chase 0"])
      expect(() => read([line])).toThrow(/the probe printed/);
  });

  it("a probe that ended too early, or says why, is at fault", () => {
    expect(read(["probe 1 4096"], "it was ended by SIGTERM").fault).toBe("it was ended by SIGTERM");
    expect(read(["probe 1 4096"]).fault).toBe("it ended before its end");
    expect(read(["probe 1 4096", "fault mbind: Operation not permitted"]).fault).toMatch(/^mbind: Op/);
    expect(read(["probe 1 4096", "end"]).fault).toBeUndefined();
  });

  it("what is subtracted is timed with what is asked for", () => {
    expect(probedFor(["fork"])).toEqual(["pagemap-scan-control", "mincore", "fork-alone", "fork"]);
  });
});
