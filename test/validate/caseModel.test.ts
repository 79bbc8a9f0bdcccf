import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { machinesOf } from "../../src/validate/caseMachine.ts";
import { FOLIO_PAGES, PFN_ORDERS } from "../../src/validate/caseModel.ts";
import { modelOf } from "../../src/validate/caseOperation.ts";
import { coverageOf } from "../../src/validate/coverage.ts";
import { beyond, parseMaxError, parseMaxFactor } from "../../src/validate/limits.ts";
import { predictCase } from "../../src/validate/predictCase.ts";
import { CASE_PREDICTORS } from "../../src/validate/predictors/table.ts";
import { type CaseResult, isFar, isInside, medianErrorPercent, validate } from "../../src/validate/validate.ts";
import { workloadContext } from "../../src/validate/workloadContext.ts";
import { model, of, parse } from "./caseRows.ts";

describe("rows with a model", () => {
  test("are matched by it, never by their words", () => {
    const words = { operation: "deferred struct page init, online, offline, unpin, memset" };
    expect(of({ ...words, model: model("fork") }).cases[0]?.model.operation).toBe("fork");
    expect(of({ ...words, notes: "an upper bound; whole boot", model: model("fork") }).cases).toHaveLength(1);
  });

  test("of an operation, quantity or size that is not modelled are left out with the reason", () => {
    const reason = (changes: object) => of(changes).skipped[0]?.reason;
    expect(reason({ model: model("kernel-compile") })).toBe('operation "kernel-compile" is not modelled');
    expect(reason({ model: model("constructor") })).toBe('operation "constructor" is not modelled');
    expect(reason({ model: model("fork", { quantity: "GBps" }), value: 3 })).toMatch(
      /^fork: GBps is not modelled, only/,
    );
    expect(reason({ pages: null, model: model("fork") })).toBe("no page count published");
    expect(reason({ time_ms: null, model: model("fork") })).toBe("no figure for whole-ns published");
    expect(reason({ model: model("clear", { quantity: "GBps", folio: "1GiB" }), value: 38 })).toMatch(
      /past their caches/,
    );
    expect(reason({ model: model("workload:fault_64m_x2") })).toMatch(/no packaged workload/);
  });

  test("whole and page quantities of one run agree", () => {
    const predicted = (quantity: string, more: object = {}) =>
      of({ model: model("fork", { quantity, pfn_order: "random" }), ...more }).cases[0]!.predictedNs;
    expect(predicted("whole-ns") / (1 << 20)).toBeCloseTo(predicted("ns-a-page"), 9);
    expect(predicted("cold-less-hot-ns-a-page", { value: 60 })).toBeLessThan(predicted("ns-a-page"));
  });

  test("pfns at random cost more than in order, and a large folio less a page than a small one", () => {
    const predicted = (more: object) => of({ model: model("pin", more) }).cases[0]!.predictedNs;
    expect(predicted({ pfn_order: "random" })).toBeGreaterThan(1.3 * predicted({ pfn_order: "in-order" }));
    expect(predicted({ pfn_order: "random", folio: "2MiB" })).toBeLessThan(0.3 * predicted({ pfn_order: "random" }));
  });

  test("a latency that the platform states is that of the row", () => {
    const at = (words: string) => machinesOf(parse({ host: "zen4", platform: words })[0]!, "x")[0]!.dram.idleReadNs;
    expect(at("chase of random lines 171-185 ns cold")).toMatchObject({ value: 178, range: [171, 185], level: "M" });
    expect(at("chase of random lines 90 ns")).toMatchObject({ value: 90, range: [90, 90] });
  });

  test.each([
    ["Xeon Platinum 8592+, Emerald Rapids", "emerald-rapids"],
    ["two Xeon Gold 6530", "emerald-rapids"],
    ["Xeon 8460Y+", "sapphire-rapids"],
    ["Xeon Gold 6338", "ice-lake-sp"],
    ["Xeon Gold 5218", "cascade-lake"],
    ["EPYC 7742", "zen2"],
    ["EPYC 9754 (Bergamo)", "bergamo"],
    ["EPYC 9654", "zen4"],
  ])("%s is %s", (platform, id) => {
    expect(machinesOf(parse({ platform })[0]!, "x").map(({ host }) => host.id)).toEqual([id]);
  });

  test("another architecture is not predicted on an x86 host, but on one that the row names", () => {
    for (const platform of ["AmpereOne, 192 cores", "Graviton 3", "IBM z16", "POWER10", "Apple M2"]) {
      expect(machinesOf(parse({ platform })[0]!, "x"), platform).toEqual([]);
    }
    expect(of({ platform: "Graviton 3", host: "neoverse-v1", model: model("fork") }).cases).toHaveLength(1);
  });

  test("a walk over pageblocks grows with their square, and faster once no cache holds them", () => {
    const walk = (pages: number) => {
      const row = { platform: "Intel Ice Lake", kernel: "6.12", pages, model: model("zone-contiguous-walk") };
      return of(row).cases[0]!.predictedNs;
    };
    const growth = walk(2 ** 27) / walk(2 ** 26);
    expect(growth).toBeGreaterThan(3.99);
    expect(walk(2 ** 31) / 2 ** 62).toBeGreaterThan((1.1 * walk(2 ** 26)) / 2 ** 52);
  });

  test("every predictor gives a finite positive figure for each order and folio that it takes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(CASE_PREDICTORS)),
        fc.constantFrom(...PFN_ORDERS, undefined),
        fc.constantFrom(...Object.keys(FOLIO_PAGES)),
        fc.constantFrom("3.12", "4.15", "5.10", "6.12", "7.0"),
        fc.constantFrom("haswell", "zen4", "sapphire-rapids", "neoverse-n1"),
        (operation, pfn_order, folio, kernel, host) => {
          const quantity = CASE_PREDICTORS[operation]!.quantities[0];
          const [row] = parse({ kernel, host, value: 3, model: model(operation, { quantity, pfn_order, folio }) });
          const { cases, skipped } = validate([row!], "x");
          expect(cases.length + skipped.length).toBe(1);
          for (const { predictedNs, interval } of cases) {
            expect(predictedNs).toBeGreaterThan(0);
            expect(interval[0] > 0 && interval[0] <= predictedNs && predictedNs <= interval[1]).toBe(true);
            expect(Number.isFinite(interval[1])).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("predictCase gives the quantity in its own unit", () => {
    const [row] = parse({
      platform: "AMD Milan",
      model: model("clear", { quantity: "GBps", folio: "4KiB" }),
      value: 13,
    });
    const { value, interval } = predictCase({ row: row!, model: row!.model!, kernel: 6012 }, machinesOf(row!, "x"));
    expect(value).toBeGreaterThan(8);
    expect(value).toBeLessThan(16);
    expect(interval[0] <= value && value <= interval[1]).toBe(true);
  });

  test.each([
    ["a folio that does not exist", { folio: "8KiB" }, /row 0 \(x\): "model\.folio"/],
    ["an order of no meaning", { pfn_order: "sorted" }, /"model\.pfn_order"/],
    ["a quantity of none", { quantity: "seconds" }, /"model\.quantity"/],
    ["a bound of none", { bound: "lower" }, /"model\.bound"/],
    ["a slip", { foilo: "4KiB" }, /unknown field "model\.foilo"; did you mean "folio"/],
    ["no operation", { operation: undefined }, /"model\.operation" is missing/],
    ["an operation that is no name", { operation: "" }, /"model\.operation"/],
  ])("%s is refused with row and key", (_, changes, message) => {
    expect(() => parse({ model: { ...model("fork"), ...changes } })).toThrow(message);
  });
});

test("a whole workload is predicted from its counts; one that is not packaged is left out", async () => {
  const rows = (name: string) => parse({ host: "zen4", platform: "", model: model(`workload:${name}`) });
  const context = await workloadContext(rows("fault_64m_x2"), "x");
  expect([...(context.workloads?.names ?? [])]).toEqual(["fault_64m_x2"]);
  const [result] = validate(rows("fault_64m_x2"), "x", context).cases;
  expect(result!.predictedNs).toBeGreaterThan(1e6);
  expect(result!.interval[1]).toBeGreaterThan(result!.interval[0]);
  expect(validate(rows("no_such"), "x", context).skipped[0]?.reason).toMatch(/no packaged workload/);
  expect(await workloadContext(rows("no_such"), "x")).toEqual({});
});

describe("rows of another kind, by their words", () => {
  const init = { medium: "pmem", operation: "device-dax namespace init" };
  test.each([
    [
      "a guest's first binding",
      { ...init, notes: "first bind, host pages not there yet" },
      /first touch of memory that its host backs/,
    ],
    ["plug of virtio-mem", { operation: "memory hot-add", notes: "virtio-mem plug of 256 GiB" }, /virtio-mem/],
    ["a template copy", { ...init, notes: "patched: copies a template" }, /copies a prepared struct page/],
    ["compound pages of 2021", { ...init, operation: "devdax init, compound pages" }, /late 2021/],
    ["a series after", { ...init, source: "Joao Martins, compound devmap", notes: "after" }, /late 2021/],
  ])("%s is left out, not taken for its kin", (_, changes, message) => {
    expect(modelOf(parse(changes)[0]!)).toMatchObject({ reason: expect.stringMatching(message) });
    expect(of(changes).cases).toEqual([]);
  });

  test("the same operation without those words is predicted", () => {
    expect(of(init).cases).toHaveLength(1);
    expect(of({ ...init, operation: "devdax init, compound pages, vmemmap dedup" }).cases).toHaveLength(1);
  });
});

describe("upper bounds", () => {
  const bound = (time_ms: number) =>
    of({ time_ms, model: model("fork", { bound: "upper", pfn_order: "random" }) }).cases[0]!;

  test("hold from below, stay out of medians and coverage, and are far only when exceeded", () => {
    const [loose, tight] = [bound(1e6), bound(1e-3)];
    expect([isInside(loose), isFar(loose)]).toEqual([true, false]);
    expect([isInside(tight), isFar(tight)]).toEqual([false, true]);
    expect(medianErrorPercent([loose, tight])).toBeUndefined();
    expect(coverageOf([loose, tight])).toMatchObject({ groups: 0, verdict: "no rows" });
  });
});

describe("coverage", () => {
  const base = of({ model: model("fork") }).cases[0]!;
  const result = (source: string, inside: boolean): CaseResult => ({
    ...base,
    source,
    interval: inside ? [base.publishedNs / 2, base.publishedNs * 2] : [base.publishedNs * 2, base.publishedNs * 4],
  });
  const many = (nrInside: number, nrOutside: number) =>
    coverageOf([
      ...Array.from({ length: nrInside }, (_, i) => result(`in ${i}`, true)),
      ...Array.from({ length: nrOutside }, (_, i) => result(`out ${i}`, false)),
    ]);

  test("thread counts of one source, machine and operation count once", () => {
    const rows = [...Array.from({ length: 20 }, () => result("one", true)), result("two", false)];
    expect(coverageOf(rows)).toMatchObject({ groups: 2, inside: 1, rows: 21, rowsInside: 20 });
    expect(coverageOf([result("one", true), result("one", false)]).inside).toBe(0);
  });

  test.each([
    [10, 1, "as stated"],
    [10, 2, "over-confident"],
    [29, 0, "as stated"],
    [24, 6, "as stated"],
    [23, 7, "over-confident"],
    [40, 0, "under-confident"],
    [38, 2, "as stated"],
  ] as const)("%i inside and %i outside: %s", (inside, outside, verdict) => {
    expect(many(inside, outside)).toMatchObject({ verdict, medianWidth: expect.any(Number) });
  });
});

describe("limits", () => {
  const good = of({ model: model("fork") });
  const factor = good.cases[0]!.ratio;
  const off = of({ time_ms: 100 * factor * 33, model: model("fork") });

  test("a row off by a factor of 33 is beyond both", () => {
    expect(beyond(off, {})).toEqual([]);
    expect(beyond(off, { maxErrorPercent: 20 })[0]).toMatch(/median error 97\.0 % over 1 rows, more than 20 %/);
    expect(beyond(off, { maxFactor: 2 })[0]).toMatch(/x: predicted a factor of 33(\.0)? too short, more than 2/);
    expect(beyond(off, { maxFactor: 34, maxErrorPercent: 98 })).toEqual([]);
  });

  test("nothing predicted is beyond any limit", () => {
    expect(beyond(of({ model: model("none") }), { maxFactor: 2 })[0]).toMatch(/no row was predicted of 1/);
  });

  test.each(["20", "0%", "-3%", "NaN%", "%", "1e9%", ""])("--max-error %j is refused", (text) => {
    expect(() => parseMaxError(text)).toThrow(/--max-error .*is no percentage[\s\S]*--max-error 20%/);
  });
  test.each(["0.5", "-2", "two", "Infinity", "2x", ""])("--max-factor %j is refused", (text) => {
    expect(() => parseMaxFactor(text)).toThrow(/--max-factor .*is no number from 1[\s\S]*--max-factor 2/);
  });
  test("good ones are read", () => {
    expect([parseMaxError("20%"), parseMaxError("7.5 %"), parseMaxFactor("1.5")]).toEqual([20, 7.5, 1.5]);
  });
});
