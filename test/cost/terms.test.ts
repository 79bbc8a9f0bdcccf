import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawDevice, drawHost } from "../../src/cost/drawMachine.ts";
import { loadedNs } from "../../src/cost/loadedLatency.ts";
import { evictionAmplification, occupiedNs, streamedWriteNs } from "../../src/cost/occupancy.ts";
import { stlbMissShare } from "../../src/cost/tlb.ts";
import { formatKernelVersion, kernelOfDate, kernelVersion, parseKernelVersion } from "../../src/linux/version.ts";
import { deviceById, devices } from "../../src/machine/devices.ts";
import { defaultHost, hosts } from "../../src/machine/hosts.ts";
import { PUBLISHED_OPERATIONS, recipeOf } from "../../src/validate/passes.ts";
import { streamAmplification, transferNsPerByte } from "../../src/validate/transfer.ts";

const drawn = (id: string) => drawDevice(deviceById(id), null);
const host = drawHost(defaultHost, null);

describe("every profile draws to usable numbers", () => {
  test.each(devices.map((device) => device.id))("%s", (id) => {
    const device = drawn(id);
    for (const value of [device.idleReadNs, device.readNsPerByte, device.writeNsPerByte, device.writeAcceptedNs]) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(1e4);
    }
    expect(evictionAmplification(device)).toBeGreaterThanOrEqual(1);
  });

  test.each(hosts.map((each) => each.id))("%s", (id) => {
    const each = drawHost(hosts.find((candidate) => candidate.id === id)!, null);
    expect(each.turboGHz).toBeGreaterThanOrEqual(each.clockGHz);
    expect(each.nrStreamLinesInFlight).toBeGreaterThanOrEqual(1);
  });
});

describe("loaded latency", () => {
  test("starts at idle, never falls with load, and stays finite", () => {
    fc.assert(
      fc.property(fc.constantFrom(...devices), fc.double({ min: 0, max: 2, noNaN: true }), (device, load) => {
        const one = drawDevice(device, null);
        expect(loadedNs(one, 0)).toBeCloseTo(one.idleReadNs, 6);
        expect(loadedNs(one, load)).toBeGreaterThanOrEqual(one.idleReadNs * (1 - 1e-9));
        expect(loadedNs(one, load)).toBeLessThanOrEqual(10 * one.idleReadNs);
        expect(loadedNs(one, Math.min(load + 0.1, 2))).toBeGreaterThanOrEqual(loadedNs(one, load) * (1 - 1e-9));
      }),
    );
  });

  test("Ice Lake reads 1.7 times idle at 85 % of its peak, as its curve says", () => {
    expect(loadedNs(drawn("dram-ddr4-3200-icx"), 0.85) / 88.9).toBeGreaterThan(1.5);
    expect(loadedNs(drawn("dram-ddr4-3200-icx"), 0.85) / 88.9).toBeLessThan(1.9);
  });
});

describe("write path", () => {
  test("a 1:1 mix moves at the published total", () => {
    const skylake = drawn("dram-ddr4-2666-skx");
    expect((1000 * 128) / occupiedNs(skylake, 1000, 1000)).toBeCloseTo(75, 6);
    const cxl = drawn("cxl-e3s-96g-spr");
    expect((1000 * 128) / occupiedNs(cxl, 1000, 1000)).toBeCloseTo(27.2, 6);
  });

  test("Optane takes ordered whole lines at its bandwidth and scattered ones at a quarter of it", () => {
    const optane = drawn("optane100-1x");
    expect((1000 * 64) / streamedWriteNs(optane, 1000)).toBeCloseTo(2.24, 6);
    expect((1000 * 64) / occupiedNs(optane, 0, 1000)).toBeCloseTo(0.56, 6);
  });

  test("its 16 KiB buffer combines what lies within it, and almost nothing of a memmap", () => {
    const optane = drawn("optane100-1x");
    expect(evictionAmplification(optane, 16 * 1024)).toBe(1);
    expect(evictionAmplification(optane, 32 * 1024)).toBeCloseTo(2.5, 6);
    expect(evictionAmplification(optane, 48 * 2 ** 20)).toBeGreaterThan(3.99);
    expect(evictionAmplification(drawn("cxl-e3s-96g-spr"), 2 ** 30)).toBe(1);
  });

  test("too many writers break up each other's lines", () => {
    const optane = drawn("optane100-1x");
    expect(streamAmplification(4, optane)).toBe(1);
    expect(streamAmplification(24, optane)).toBeGreaterThan(2.5);
    const clx = drawHost(hosts.find(({ id }) => id === "cascade-lake")!, null);
    const rate = (threads: number) => 1 / transferNsPerByte("non-temporal store", threads, clx, optane);
    expect(rate(24)).toBeLessThan(rate(4) / 2);
  });
});

describe("TLB", () => {
  test("2 MiB entries, half of all on the default host, reach 2 GiB of memmap, 4 KiB entries 8 MiB", () => {
    expect(stlbMissShare(2 * 2 ** 30, "pmd", host)).toBe(0);
    expect(stlbMissShare(4 * 2 ** 30, "pmd", host)).toBeCloseTo(0.5, 10);
    expect(stlbMissShare(8 * 2 ** 20, "base", host)).toBe(0);
    expect(stlbMissShare(8 * 2 ** 30, "base", host)).toBeGreaterThan(0.99);
  });
});

describe("kernel versions", () => {
  test("read, compared and printed", () => {
    expect(parseKernelVersion("v5.10.0-rc3", "x")).toBe(kernelVersion(5, 10));
    expect(formatKernelVersion(kernelVersion(6, 12))).toBe("6.12");
    expect(kernelVersion(5, 10)).toBeGreaterThan(kernelVersion(5, 9));
    expect(kernelOfDate("2020-05-27")).toBe(kernelVersion(5, 6));
    expect(kernelOfDate("1999")).toBeUndefined();
    expect(() => parseKernelVersion("latest", "row 3")).toThrow(/row 3/);
  });

  test("every operation has a recipe in every kernel, and 4.15 to 5.1 zero each struct page by rep stos", () => {
    for (const operation of PUBLISHED_OPERATIONS) {
      for (const minor of [4004, 4016, 5007, 6001, 6012, 7001]) {
        expect(recipeOf(operation, minor).passes.length, operation).toBeGreaterThan(0);
      }
    }
    const cycles = (kernel: number) => recipeOf("zone-device-init", kernel).passes[0]?.extraCycles ?? 0;
    expect([4013, 4015, 5001, 5002].map(cycles)).toEqual([0, 32, 32, 0]);
  });
});
