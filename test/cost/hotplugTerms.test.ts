import { describe, expect, test } from "vitest";
import { SOFT_LOCKUP_NS, softLockup } from "../../src/cost/softLockup.ts";
import { walkedPageblocks, walkLookInstructions } from "../../src/cost/zoneContiguous.ts";
import { kernelVersion } from "../../src/linux/version.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { findHost } from "../../src/machine/find.ts";
import { operationPerPage } from "../../src/validate/initPerPage.ts";

const PAGES_PER_TIB = 2 ** 40 / 4096;
const skylake = findHost("skylake-sp");
const skylakeDram = deviceById(skylake.localDram);
const perPage = (kernel: number) =>
  operationPerPage("zone-device-init", kernel, skylake, { dram: skylakeDram, memmap: skylakeDram });

describe("soft lockup", () => {
  test("before 9b6e63cbf85b a large enough device locks up; from 4.14 on none does", () => {
    const before = softLockup(kernelVersion(4, 13), 24 * PAGES_PER_TIB, perPage(kernelVersion(4, 13)));
    expect(before.verdict).toBe("yes");
    expect(before.stretchNs).toBeGreaterThan(SOFT_LOCKUP_NS);
    const after = softLockup(kernelVersion(4, 14), 24 * PAGES_PER_TIB, perPage(kernelVersion(4, 14)));
    expect(after.verdict).toBe("no");
    expect(after.stretchPages).toBe(512);
    expect(after.limitBytes).toBe(Infinity);
  });

  test("the limit is the size at which the stretch reaches the threshold", () => {
    const kernel = kernelVersion(4, 13);
    const { limitBytes } = softLockup(kernel, 1, perPage(kernel));
    const at = softLockup(kernel, limitBytes / 4096, perPage(kernel));
    expect(at.stretchNs).toBeCloseTo(SOFT_LOCKUP_NS, -3);
    expect(at.verdict).toBe("possible");
    expect(softLockup(kernel, limitBytes / 4096 / 10, perPage(kernel)).verdict).toBe("no");
  });
});

describe("zone-contiguous walk", () => {
  test("is quadratic in blocks, and twice with the memmap on the memory", () => {
    expect(walkedPageblocks("online_movable", 1, 32768, false)).toBe(0);
    expect(walkedPageblocks("online_movable", 2, 32768, false)).toBe(64);
    expect(walkedPageblocks("online_movable", 100, 32768, false)).toBe(64 * 4950);
    expect(walkedPageblocks("online_movable", 100, 32768, true)).toBe(2 * 64 * 4950);
    expect(walkedPageblocks("offline", 100, 32768, true)).toBe(64 * 4950);
    expect(walkedPageblocks("add", 100, 32768, true)).toBe(0);
  });

  /** Yuan Liu, March 2026: plugging virtio-mem in 128 MiB blocks, 10 s of 256 GiB and 36 s of 512 GiB became 3 s and 7 s. */
  test.each([
    [256, 7],
    [512, 29],
  ])("the %d GiB that saved %d s when it was avoided: within a factor of two on a server of its time", (gib, seconds) => {
    const walked = walkedPageblocks("online_movable", gib * 8, 32768, false);
    const host = findHost("sapphire-rapids");
    const instructionNs = (walkLookInstructions("6.12") * host.memmapCpi.value) / host.turboGHz!.value;
    const lineNs = (2 * deviceById(host.localDram).idleReadNs.value) / host.nrLinesInFlight.value;
    const predicted = (walked * (instructionNs + lineNs)) / 1e9;
    expect(predicted / seconds).toBeGreaterThan(0.5);
    expect(predicted / seconds).toBeLessThan(2);
  });
});
