import { describe, expect, test } from "vitest";
import { kernelVersion } from "../../src/linux/version.ts";
import { devices } from "../../src/machine/devices.ts";
import { hosts } from "../../src/machine/hosts.ts";
import { rangeOf } from "../../src/machine/provenance.ts";
import { fittedValues, validationDocument } from "../../src/report/validate.ts";
import { parseCases } from "../../src/validate/caseFile.ts";
import { machinesOf } from "../../src/validate/caseMachine.ts";
import { kernelOf, modelOf } from "../../src/validate/caseOperation.ts";
import { publishedCases } from "../../src/validate/cases.ts";
import { FITTED_PARAMETERS, fitParameter } from "../../src/validate/fit.ts";
import { MODEL_ERROR } from "../../src/validate/predictCase.ts";
import { isInside, isTime, medianErrorPercent, validate } from "../../src/validate/validate.ts";
import { residualsOf } from "./modelError.ts";

const rows = publishedCases();
const published = validate(rows, "published cases");
const fitted = fittedValues(hosts, devices);
const row = (changes: object) =>
  parseCases(
    JSON.stringify([
      {
        id: "x",
        source: "a mail",
        date: "2021-05",
        platform: "Intel Xeon E5-2699 v3, bare metal",
        medium: "dram",
        placement: "dram",
        operation: "deferred struct page init",
        pages: 1 << 24,
        threads: 1,
        time_ms: 300,
        use: "check",
        ...changes,
      },
    ]),
    "mine.json",
  );
const predict = (changes: object) => validate(row(changes), "mine.json").cases[0]!;

describe("published cases", () => {
  const of = (use: string) => published.cases.filter((result) => result.use === use);

  test("median errors meet their targets, and no check row is off by a factor of two", () => {
    expect(medianErrorPercent(of("calibration"))).toBeLessThanOrEqual(15);
    expect(medianErrorPercent(of("calibration").filter(({ ofStructPages }) => ofStructPages))).toBeLessThanOrEqual(15);
    expect(medianErrorPercent(of("check"))).toBeLessThanOrEqual(20);
  });

  test("every calibration and check row is predicted but those of whole programs, which need counts", () => {
    const left = published.skipped.filter(({ reason }) => !reason.startsWith("context"));
    for (const { reason } of left)
      expect(reason).toMatch(/^workload:\w+: no packaged workload of this name was counted$/);
    const used = rows.filter(({ use }) => use !== "context").length;
    expect(published.cases).toHaveLength(used - left.length);
  });

  test("at least 30 check rows of at least six operations are predicted, bounds aside", () => {
    const check = of("check").filter(isTime);
    expect(check.length).toBeGreaterThanOrEqual(30);
    expect(new Set(check.map(({ model }) => model.operation)).size).toBeGreaterThanOrEqual(6);
  });

  test("the 90 % intervals hold at least that share of the rows", () => {
    const inside = published.cases.filter(isInside);
    expect(inside.length / published.cases.length).toBeGreaterThanOrEqual(0.9);
  });

  test("gup_test: the device's write-backs make the difference, so getting and pinning cost the same there", () => {
    const find = (id: string) => published.cases.find((result) => result.id === id)!;
    const [get, pin] = [find("gup-base-16G-device-get"), find("gup-base-16G-device-pin")];
    expect(get.passes[0]?.binding).toBe("optane100-1x moving lines");
    expect(get.predictedNs).toBe(pin.predictedNs);
    expect(find("gup-base-16G-dram-get").passes[0]?.binding).toBe("instructions and locked operations");
    expect(find("gup-base-16G-dram-pin").predictedNs).toBeGreaterThan(1.2 * find("gup-base-16G-dram-get").predictedNs);
  });
});

describe("fitted parameters", () => {
  test("at most two a host family and two a device, fewer than a tenth of the rows", () => {
    const perProfile = new Map<string, number>();
    for (const { of } of fitted) perProfile.set(of, (perProfile.get(of) ?? 0) + 1);
    expect(Math.max(...perProfile.values())).toBeLessThanOrEqual(2);
    expect(fitted.length).toBeLessThan(rows.length / 10);
  });

  test("each stored value is what its calibration rows give", () => {
    expect(FITTED_PARAMETERS.map(({ of, key }) => `${of} ${key}`).sort()).toEqual(
      fitted.map(({ of, key }) => `${of} ${key}`).sort(),
    );
    for (const parameter of FITTED_PARAMETERS) {
      const stored = fitted.find(({ of, key }) => of === parameter.of && key === parameter.key)!;
      expect(fitParameter(parameter, rows) / stored.value, `${parameter.of} ${parameter.key}`).toBeCloseTo(1, 2);
      for (const id of parameter.rows) expect(rows.find((candidate) => candidate.id === id)?.use).toBe("calibration");
    }
  });
});

describe("what the terms leave out", () => {
  test("is no less than residuals ask for beside the profiles' ranges, and no more than all of them", () => {
    const { groups, all, profiles } = residualsOf(rows);
    expect(groups).toBeGreaterThanOrEqual(7);
    const [low, high] = rangeOf(MODEL_ERROR);
    const model = Math.log(high / low) / (2 * 1.645);
    expect(Math.hypot(model, profiles)).toBeGreaterThan(0.95 * all);
    expect(model).toBeLessThan(all);
  });
});

describe("rows from elsewhere", () => {
  test("time grows with pages, falls with threads, and ends at the bandwidth of the memory", () => {
    expect(predict({ pages: 1 << 25 }).predictedNs).toBeCloseTo(2 * predict({}).predictedNs, -3);
    const times = [1, 2, 4, 8, 16, 36].map((threads) => predict({ threads }).predictedNs);
    times.slice(1).forEach((ns, i) => {
      expect(ns).toBeLessThanOrEqual(times[i]! * (1 + 1e-9));
    });
    const floor = ((1 << 24) * 128) / 44.1;
    expect(times.at(-1)).toBeGreaterThanOrEqual(floor * (1 - 1e-9));
    expect(times.at(-1)).toBeLessThan(1.2 * floor);
  });

  test("slower media cost more: CXL by its latency and bandwidth", () => {
    const onDevice = { medium: "cxl", placement: "device", operation: "pin_user_pages_fast", host: "sapphire-rapids" };
    const near = predict({ ...onDevice, placement: "dram" });
    const cxl = predict({ ...onDevice, device: "cxl-e3s-96g-spr" });
    const optane = predict({ ...onDevice, device: "optane100-1x" });
    expect(cxl.predictedNs).toBeGreaterThan(near.predictedNs * 0.99);
    expect(optane.predictedNs).toBeGreaterThan(3 * cxl.predictedNs);
  });

  test("a host that is not named is every plausible one of its year", () => {
    const named = predict({ host: "cascade-lake", platform: "" });
    const unnamed = predict({ platform: "x86, not stated" });
    expect(named.machines).toEqual(["cascade-lake/dram-ddr4-2933-clx"]);
    expect(unnamed.machines.length).toBeGreaterThan(2);
    const width = ({ interval }: { interval: readonly [number, number] }) => interval[1] / interval[0];
    expect(width(unnamed)).toBeGreaterThan(width(named));
  });

  test("a placement that is not stated is both", () => {
    const media = machinesOf(row({ medium: "pmem", placement: null, host: "cascade-lake" })[0]!, "x").map(
      (m) => m.memmap.id,
    );
    expect([...new Set(media)]).toEqual(["dram-ddr4-2933-clx", "optane100-6x-interleaved"]);
  });

  test("words name the operation; a thing that is not modelled is not guessed at", () => {
    const work = (operation: string, more: object = {}) => modelOf(row({ operation, ...more })[0]!);
    expect(work("page_init_poison memset of all struct pages")).toMatchObject({ operation: "bulk-store" });
    expect(work("unpin_user_pages, base pages")).toMatchObject({ operation: "gup-unpin" });
    expect(work("get_user_pages_fast over 2M", { struct_pages_touched: (1 << 24) / 512 })).toMatchObject({
      operation: "gup-get-compound",
    });
    expect(work("kernel compile")).toHaveProperty("reason");
    expect(work("kexec boot to init, WHOLE boot")).toMatchObject({ reason: expect.stringMatching(/whole boot/) });
    expect(validate(row({ operation: "kernel compile" }), "x").skipped).toHaveLength(1);
  });

  test("after a series the row is of what the series made of the operation", () => {
    const zeroing = { source: "Pavel Tatashin, stop zeroing memory", operation: "zone_sizes_init", date: "2017-10-13" };
    const slower =
      predict({ ...zeroing, id: "init-fix" }).predictedNs / predict({ ...zeroing, id: "init-base" }).predictedNs;
    expect(slower).toBeGreaterThan(1.2);
  });

  test("the kernel decides what the operation does", () => {
    expect(kernelOf(row({ kernel: "v4.20-rc5" })[0]!, "x")).toBe(kernelVersion(4, 20));
    expect(kernelOf(row({ date: "2021-08-27" })[0]!, "x")).toBe(kernelVersion(5, 13));
    expect(predict({ kernel: "4.20" }).predictedNs).toBeGreaterThan(1.5 * predict({ kernel: "5.7" }).predictedNs);
    expect(predict({ kernel: "6.12" }).predictedNs).toBeLessThan(predict({ kernel: "5.7" }).predictedNs);
  });

  test("the document has the fields that readers rely on", () => {
    const document = validationDocument(validate(row({}), "mine.json"), fitted) as Record<string, unknown>;
    expect(document).toMatchObject({ schema: "altmap/validate-v1", fitted_parameters: fitted.length });
    const [first] = document["cases"] as Record<string, unknown>[];
    expect(first).toMatchObject({ id: "x", use: "check", published_ns: 3e8, source: "a mail" });
    expect(Object.keys(first!)).toEqual(expect.arrayContaining(["predicted_ns", "ratio", "interval"]));
  });
});

describe("bad case files", () => {
  test.each([
    ["an unknown field", { treads: 4 }, /mine\.json: row 0 \(x\): unknown field "treads"; did you mean "threads"/],
    ["a slip of a field", { id: undefined, ids: "x" }, /row 0: unknown field "ids"; did you mean "id"/],
    ["a missing id", { id: undefined }, /row 0: "id" is missing/],
    ["negative pages", { pages: -1 }, /"pages"/],
    ["a time of zero", { time_ms: 0 }, /"time_ms"/],
    ["a time of ages", { time_ms: 1e308 }, /"time_ms".*<=100000000000/],
    ["a size of no machine", { bytes: 1e300 }, /"bytes"/],
    ["text for a number", { time_ms: "3 ms" }, /"time_ms"/],
    ["a thousand CPUs too many", { threads: 1e6 }, /"threads"/],
    ["pages of no machine", { pages: 2 ** 40 + 1 }, /"pages".*<=1099511627776/],
    ["more threads than pages", { pages: 8, threads: 9 }, /row 0 \(x\): "threads": 9 threads for 8 pages/],
    ["more touched than there is", { pages: 8, struct_pages_touched: 9 }, /"struct_pages_touched": 9 of 8 pages/],
    ["an unknown use", { use: "guess" }, /"use"/],
  ])("%s is refused with file, row and key", (_name, changes, message) => {
    expect(() => row(changes)).toThrow(message);
  });

  test.each([
    ["not JSON", "{", /not JSON/],
    ["not an array", "{}", /not an array/],
    ["empty", "[]", /no rows/],
    ["not rows", "[3]", /row 0/],
    ["null row", "[null]", /row 0/],
  ])("%s is refused", (_name, text, message) => {
    expect(() => parseCases(text, "mine.json")).toThrow(message);
  });

  test("unknown host, device and kernel are refused by name", () => {
    expect(() => predict({ host: "sky-lakesp" })).toThrow(/did you mean "skylake-sp"/);
    expect(() => predict({ device: "optane100-2x" })).toThrow(/unknown device/);
    for (const kernel of ["six", "6.12 arm64", "2.4", "3.11", "6.99", "8.0"])
      expect(() => predict({ kernel }), kernel).toThrow(
        /mine\.json.*no kernel version.*\n {2}expected: a release from 3\.12/,
      );
    for (const kernel of ["3.12", "4.20", "7.1-rc3"]) expect(predict({ kernel }).predictedNs).toBeGreaterThan(0);
  });

  test("as many threads as pages, and as many pages as a machine addresses, are predicted", () => {
    expect(predict({ pages: 4096, threads: 4096 }).predictedNs).toBeGreaterThan(0);
    expect(predict({ pages: 2 ** 40, threads: 4096 }).predictedNs).toBeGreaterThan(0);
  });
});
