import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { partsOf } from "../../src/sweep/parts.ts";
import { inputsAt, parseSweep, pointAt, selector } from "../../src/sweep/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));
const DEVICE = "scenario: {devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]}\n";
const plan = (axes: string, more = "") => parseSweep(`${DEVICE}axes: ${axes}\n${more}`, join(folder, "sweep.yaml"));
const valuesOf = (axes: string) => plan(axes).groups[0]!.values[0]!;

describe("the points of a sweep", () => {
  it("crosses axes, the last changing fastest, and keeps keys of one axis in step", () => {
    const { nrCombinations, ...rest } = plan(
      '[{kernel.version: ["6.1", "6.12"]}, {machine.dram: [64GiB, 1TiB, 2TiB], policy.pfn_order: [0, 0.5, 1]}]',
    );
    expect(nrCombinations).toBe(6);
    const all = Array.from({ length: 6 }, (_none, i) =>
      [...inputsAt({ nrCombinations, ...rest }, i).values()].join(" "),
    );
    expect(all).toEqual(["6.1 64GiB 0", "6.1 1TiB 0.5", "6.1 2TiB 1", "6.12 64GiB 0", "6.12 1TiB 0.5", "6.12 2TiB 1"]);
    expect(pointAt({ nrCombinations, ...rest }, 4).scenario).toMatchObject({
      kernel: { version: "6.12" },
      machine: { dramBytes: 2 ** 40 },
      policy: { pfnOrder: 0.5 },
    });
  });

  it("makes linear and log steps in units", () => {
    expect(valuesOf("[{device.idleReadLatency: {linear: [100 ns, 300 ns], points: 3}}]")).toEqual([
      "100 ns",
      "200 ns",
      "300 ns",
    ]);
    expect(valuesOf("[{machine.dram: {log: [64GiB, 1TiB], points: 5}}]")).toEqual([
      "64 GiB",
      "128 GiB",
      "256 GiB",
      "512 GiB",
      "1024 GiB",
    ]);
    expect(valuesOf("[{policy.pfn_order: {linear: [0, 1], points: 5}}]")).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it("draws the same of the same seed, and the distribution that is named", () => {
    const draw = (form: string) =>
      valuesOf(`[{device.idleReadLatency: {${form}, draws: 1000, seed: 3}}]`).map((text) =>
        Number.parseFloat(String(text)),
      );
    const uniform = draw("uniform: [100 ns, 300 ns]");
    expect(draw("uniform: [100 ns, 300 ns]")).toEqual(uniform);
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const deviation = (list: readonly number[]) => Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2)));
    expect([Math.min(...uniform) >= 100, Math.max(...uniform) <= 300]).toEqual([true, true]);
    expect(mean(uniform)).toBeCloseTo(200, -1);
    expect(deviation(uniform) / (200 / Math.sqrt(12))).toBeCloseTo(1, 1);
    const normal = draw("normal: [250 ns, 20 ns]");
    expect(mean(normal)).toBeCloseTo(250, -1);
    expect(deviation(normal) / 20).toBeCloseTo(1, 1);
    expect(mean(draw("loguniform: [100 ns, 400 ns]").map(Math.log2))).toBeCloseTo(Math.log2(200), 1);
    expect(deviation(draw("lognormal: [250 ns, 0.1]").map(Math.log)) / 0.1).toBeCloseTo(1, 1);
  });

  it("takes columns of a CSV file, quotes and all", () => {
    writeFileSync(join(folder, "axes.csv"), 'kernel.version,machine.dram\r\n"6.12",64GiB\r\n"6.6","1TiB"\r\n');
    const { groups, ...rest } = plan("[{csv: axes.csv}]");
    expect(groups[0]).toEqual({
      keys: ["kernel.version", "machine.dram"],
      values: [
        ["6.12", "6.6"],
        ["64GiB", "1TiB"],
      ],
      length: 2,
    });
    expect(pointAt({ groups, ...rest }, 1).scenario.kernel.version).toBe("6.6");
  });

  it("leaves what filters leave, comparing sizes as sizes", () => {
    const filtered = plan(
      "[{footprints.0: [1GiB, 16GiB, 128GiB]}, {devices.0.capacity: [2GiB, 64GiB]}]",
      'filters: ["footprints.0 <= devices.0.capacity", "footprints.0 != 16GiB"]',
    );
    const isChosen = selector(filtered);
    expect(Array.from({ length: 6 }, (_none, i) => isChosen(i))).toEqual([true, true, false, false, false, false]);
  });

  it("prices a field of the device as exactly that, and forgets what was measured with another", () => {
    const { own } = pointAt(plan("[{device.idleReadLatency: [400 ns]}]"), 0);
    expect(own.devices[0]?.idleReadNs).toMatchObject({ value: 400, range: [400, 400] });
    expect(own.devices[0]?.loadedCurve).toBeUndefined();
  });

  it("points that differ in latency share every part; another kernel shares the recordings", () => {
    const sweep = plan('[{kernel.version: ["6.1", "6.12"]}, {device.idleReadLatency: [200 ns, 400 ns]}]');
    const keys = (i: number) => partsOf(pointAt(sweep, i)).map(({ key }) => JSON.stringify(key));
    expect(keys(1)).toEqual(keys(0));
    const shared = keys(2).filter((key) => keys(0).includes(key));
    expect(shared.length).toBe(5);
    expect(shared.length).toBeLessThan(keys(2).length);
  });
});

describe("sweep files that are refused", () => {
  const cases: readonly [text: string, what: RegExp][] = [
    ["axis: []", /unknown key "axis"; did you mean "axes"/],
    [
      'axes: [{kernel.version: ["6.1"], machine.dram: [1GiB, 2GiB]}]',
      /"kernel.version" has 1 values and "machine.dram" has 2: they go in step/,
    ],
    ["axes: [{machine.dram: [64GiB]}, {machine.dram: [64GiB]}]", /"machine.dram" stands there twice/],
    ["axes: [{machine.drum: [64GiB]}]", /unknown key "machine.drum"; did you mean "dram"/],
    ["axes: [{machine.dram: [64GiB, 3 apples]}]", /3 apples/],
    ["axes: [{device.idleReadLatency: [200 ns]}]\nscenario: {}", /names no device/],
    [`${DEVICE}axes: [{device.latency: [200 ns]}]`, /"device.latency" is no field of a device profile/],
    [`${DEVICE}axes: [{device.idleReadLatency: [200]}]`, /"device.idleReadLatency": the bare number 200 has no unit/],
    [`${DEVICE}axes: [{device.idleReadLatency: {normal: [1 ns, 900 ns], draws: 20}}]`, /"device.idleReadLatency"/],
    ["axes: [{machine.dram: {linear: [1GiB, 3 ns], points: 3}}]", /different units/],
    ["axes: [{policy.pfn_order: {log: [0, 1], points: 3}}]", /not above zero/],
    ["axes: [{devices.3.capacity: [64GiB]}]", /item 3 of a list of 0/],
    ['filters: ["machine.dram"]', /is no comparison/],
    ['filters: ["machine.dram > 1GiB"]', /neither an axis nor a key/],
    ["axes: [{csv: missing.csv}]", /no such file/],
  ];
  it.each(cases)("%s", (text, what) => {
    expect(() => parseSweep(text, join(folder, "sweep.yaml"))).toThrow(what);
  });

  it("CSV with a line of another width names the line", () => {
    writeFileSync(join(folder, "bad.csv"), 'kernel.version,machine.dram\n"6.12"\n');
    expect(() => plan("[{csv: bad.csv}]")).toThrow(/bad.csv:2: has 1 cells, and the first line 2 keys/);
  });
});
