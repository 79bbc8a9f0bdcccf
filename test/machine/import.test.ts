import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { importFile, importToolOutput } from "../../src/machine/import/detect.ts";
import { decode, textSource } from "../../src/machine/import/text.ts";
import { dataDir, importSource, sample, text } from "./samples.ts";

describe("Intel MLC", () => {
  const mlc = sample("mlc.txt");
  const path = (from?: number, to?: number) => mlc.paths.find((p) => p.initiator === from && p.target === to);

  test("reads the matrices with the line of every value; memory-only nodes are columns only", () => {
    expect(mlc.format).toBe("mlc");
    expect(path(0, 2)?.readLatencyNs).toMatchObject({ value: 251.3, at: { line: 5 } });
    expect(path(1, 2)?.readLatencyNs).toMatchObject({ value: 352.8, at: { line: 6 } });
    expect(path(0, 2)?.readBandwidth).toMatchObject({ value: 17804.7e6, at: { line: 24 } });
    expect(path(2, 0)).toBeUndefined();
  });

  test("reads the mixes and the loaded latencies of the whole system, MB = 1e6", () => {
    expect(path()?.readBandwidth?.value).toBeCloseTo(491902.1e6);
    expect(path()?.mixedBandwidth["r1w1"]?.value).toBeCloseTo(401256.9e6);
    expect(Object.keys(path()?.mixedBandwidth ?? {})).toEqual(["r3w1", "r2w1", "r1w1", "triad"]);
    expect(path()?.loaded).toHaveLength(19);
    expect(path()?.loaded?.[0]).toMatchObject({ ns: 219.71, bytesPerSecond: 480000e6 });
  });

  test("reads --idle_latency and keeps what colours it", () => {
    const idle = sample("mlc-idle.txt");
    expect(idle.paths[0]?.readLatencyNs).toMatchObject({ value: 251, at: { line: 7 } });
    expect(idle.notes).toContain("MLC could not switch the prefetchers off");
  });

  test("prefers random access over sequential, in either order", () => {
    const table = (kind: string, ns: string) =>
      `Measuring idle latencies for ${kind} access (in ns)...\nNuma node 0\n 0 ${ns}\n`;
    for (const content of [
      table("random", "101.5") + table("sequential", "81.4"),
      table("sequential", "81.4") + table("random", "101.5"),
    ])
      expect(importSource(content).paths[0]?.readLatencyNs?.value).toBe(101.5);
  });

  test("accepts blank lines between rows and - for a node without memory", () => {
    const read = importSource(
      "Measuring idle latencies (in ns)...\n\n Numa node\nNuma node  0  1\n\n 0  80.1  -\n\n 1  131.0  -\n",
    );
    expect(read.paths).toHaveLength(2);
  });

  // Cut anywhere: what is read without complaint must be a prefix of the truth, value by value.
  test("a file cut at any byte is refused, or holds no value that the whole file does not", () => {
    const whole = text("mlc.txt");
    const truth = new Set(valuesOf(mlc));
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      try {
        for (const value of valuesOf(importSource(whole.slice(0, length))))
          expect(truth, `cut at ${length}`).toContain(value);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.message).toMatch(/^f\.txt/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 2);
  });

  test.each([
    ["a row cut short", /Numa node\t {5}0[\s\S]{1,45}188\.2/, "f.txt:5: "],
    [
      "the loaded table cut",
      /[\s\S]* 00100[^\n]*\n/,
      'f.txt:27: the table "Measuring Loaded Latencies for the system" is cut short',
    ],
    ["the middle of a title", /[\s\S]*Measuring Loaded Lat/, "f.txt:27: the file ends inside or right after the title"],
    ["a title alone", /[\s\S]*Measuring Memory Bandwidths between[^\n]*\n/, "f.txt:18: the table"],
  ])("%s is named with its line, and --partial keeps the whole rows", (_, keep, message) => {
    const whole = text("mlc.txt");
    const match = keep.exec(whole);
    const content = whole.slice(0, (match?.index ?? 0) + (match?.[0].length ?? 0));
    expect(() => importSource(content)).toThrow(message);
    expect(importSource(content, true).notes.join()).toMatch(/cut short|if the file is whole/);
  });
});

function valuesOf(measurements: ReturnType<typeof importSource>): number[] {
  return measurements.paths.flatMap((p) => [
    ...[p.readLatencyNs, p.readBandwidth, ...Object.values(p.mixedBandwidth)].flatMap((m) => (m ? [m.value] : [])),
    ...(p.loaded ?? []).flatMap((point) => [point.ns, point.bytesPerSecond]),
  ]);
}

describe("chases", () => {
  test("multichase: one number, or the last line of -v", () => {
    expect(sample("multichase.txt").paths[0]?.readLatencyNs?.value).toBe(105.4);
    const verbose = sample("multichase-v.txt");
    expect(verbose.format).toBe("multichase");
    expect(verbose.paths[0]?.readLatencyNs).toMatchObject({ value: 105.4, at: { line: 10 } });
    expect(verbose.notes).toContain("multichase stride = 256");
  });

  test("multiload: MiB/s of 1,048,576; -------- is no value", () => {
    const path = sample("multiload.txt").paths[0];
    expect(path?.readBandwidth?.value).toBe(17000 * 1048576);
    expect(path?.readLatencyNs).toBeUndefined();
  });

  test("lat_mem_rd: the curve, and its last size as memory", () => {
    const read = sample("lat_mem_rd.txt");
    expect(read.chaseCurves[0]?.strideBytes).toBe(64);
    expect(read.chaseCurves[0]?.points[0]).toMatchObject({ bytes: 514, ns: 1.2 });
    expect(read.paths[0]?.readLatencyNs).toMatchObject({ value: 112.7, how: "lat_mem_rd, stride 64, 512 MiB" });
  });

  test.each([
    ["multichase cut before its result", "nr_threads = 1\nchase = simple\n", "f.txt:2: the last line"],
    ["multiload without values", "Samples\t, Byte/thd\t, ChaseNS\n", "f.txt:1: has column names but no values"],
    ["multiload with a short row", "Samples, Byte/thd, ChaseNS\n5, 268435456\n", "f.txt:2: has 2 columns"],
    ["lat_mem_rd title alone", '"stride=64\n', "f.txt:1:"],
    ["lat_mem_rd shrinking sizes", '"stride=64\n1.00000 3.1\n0.50000 3.0\n', "f.txt:3: the sizes do not grow"],
    ["lat_mem_rd NaN", '"stride=64\n1.00000 nan\n', 'f.txt:2: latency "nan" is not a positive number'],
    ["lat_mem_rd negative", '"stride=64\n1.00000 -5.0\n', "f.txt:2: latency"],
  ])("%s", (_, content, message) => {
    expect(() => importSource(content)).toThrow(message);
  });
});

describe("cxl, daxctl, numactl: capacity and nodes, no latencies", () => {
  test("cxl list, grouped or unwrapped with -u", () => {
    const grouped = sample("cxl-list.json");
    expect(grouped.devices.map((d) => [d.kind, d.id, d.sizeBytes?.value, d.at.line])).toEqual([
      ["cxl-memdev", "mem0", 128 * 2 ** 30, 5],
      ["cxl-region", "region0", 128 * 2 ** 30, 17],
    ]);
    expect(sample("cxl-list-u.json").devices[0]?.sizeBytes).toMatchObject({ value: 128 * 2 ** 30, how: /rounded/ });
  });

  test("daxctl list", () => {
    expect(sample("daxctl-list.json").devices[0]).toMatchObject({
      kind: "dax",
      id: "dax0.0",
      node: 2,
      detail: /system-ram, 64 of 64/,
    });
  });

  test("numactl -H: MB of 2^20, memory-only nodes, asymmetric distances with 255", () => {
    const nodes = sample("numactl.txt").nodes;
    expect(nodes.map((n) => [n.node, n.cpus?.count, n.sizeBytes?.value])).toEqual([
      [0, 4, 193283 * 2 ** 20],
      [1, 4, 193524 * 2 ** 20],
      [2, 0, 131072 * 2 ** 20],
    ]);
    expect(nodes[2]?.distanceFrom?.[0]?.value).toBe(14);
    expect(nodes[0]?.distanceFrom?.[2]?.value).toBe(255);
  });

  test.each([
    ["JSON cut short", '[\n {"memdev":"mem0",\n "ram_si', "f.txt:3: the JSON ends before it is complete"],
    ["broken JSON", '[\n {"memdev": oops}\n]', "f.txt:2: is not JSON here"],
    ["a size that is none", '[{"memdev":"mem0","ram_size":"big"}]', 'f.txt:1: ram_size "\\"big\\"" is not a size'],
    ["a node that is none", '[{"chardev":"dax0.0","size":1,"target_node":1.5}]', "f.txt:1: target_node"],
    ["other JSON", '{"hello":1}', "f.txt: is JSON but holds not"],
    [
      "numactl cut in its nodes",
      "available: 2 nodes (0-1)\nnode 0 cpus: 0\nnode 0 size: 100 MB\n",
      "f.txt:1: names 2 nodes",
    ],
    [
      "numactl cut in its matrix",
      text("numactl.txt").split("\n").slice(0, 13).join("\n"),
      "f.txt: the distance matrix is cut short",
    ],
    ["numactl short row", text("numactl.txt").replace("  1:  21  10  24", "  1:  21  10"), "f.txt:14:"],
    ["empty", " \n", "f.txt: is empty"],
    ["prose", "Dear reader\n", 'f.txt:1: is of no known format: it begins "Dear reader"'],
  ])("%s", (_, content, message) => {
    expect(() => importSource(content)).toThrow(message);
  });
});

test("a file that does not exist, a directory, a device", () => {
  expect(() => importFile("/nonexistent.txt", undefined, false)).toThrow(
    "/nonexistent.txt: cannot be read: no such file",
  );
  expect(() => importFile(dataDir, undefined, false)).toThrow("is a directory");
  expect(() => importFile("/dev/zero", undefined, false)).toThrow("is not a regular file");
  expect(() => importFile(join(dataDir, "mlc.txt"), "mcl", false)).toThrow("did you mean mlc?");
});

test("byte order marks, UTF-16 and Windows line ends are read like plain text", () => {
  const plain = text("mlc-idle.txt");
  const value = (bytes: Buffer): number | undefined =>
    importToolOutput(textSource("f.txt", decode(bytes)), undefined, false).paths[0]?.readLatencyNs?.value;
  expect(value(Buffer.from(`\ufeff${plain}`, "utf8"))).toBe(251);
  expect(value(Buffer.from(`\ufeff${plain}`, "utf16le"))).toBe(251);
  expect(value(Buffer.from(plain.replaceAll("\n", "\r\n")))).toBe(251);
});

describe("any text at all gives measurements or one InputError that names the file", () => {
  const check = (content: string, format?: string): void => {
    try {
      importToolOutput(textSource("fuzz.txt", content), format, false);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expect(error.message).toMatch(/^fuzz\.txt/);
    }
  };
  const samples = [
    "mlc.txt",
    "multichase-v.txt",
    "multiload.txt",
    "lat_mem_rd.txt",
    "cxl-list.json",
    "daxctl-list.json",
    "numactl.txt",
  ];
  const formats = ["mlc", "multichase", "multiload", "lat-mem-rd", "cxl-list", "daxctl-list", "numactl"];

  test("random bytes, in every format", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: "binary" }), fc.constantFrom(undefined, ...formats), check),
    );
  });

  test("samples with a piece cut out and another put in", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.nat(60),
        fc.string({ maxLength: 12 }),
        (name, at, length, insert) => {
          const whole = text(name);
          const start = at % whole.length;
          check(whole.slice(0, start) + insert + whole.slice(start + length));
        },
      ),
      { numRuns: 600 },
    );
  });

  test("deeply nested JSON", () => {
    check("[".repeat(200_000) + "]".repeat(200_000));
  });
});
