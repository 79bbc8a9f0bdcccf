import { describe, expect, it } from "vitest";
import { LAYOUT_MAGIC, LAYOUT_MAGIC_OFFSET } from "../../assembly/layout/memory.ts";
import { MemoryPlanTooLarge } from "../../src/errors.ts";
import { loadWasm } from "../../src/wasm/instance.ts";
import { MAX_LINEAR_BYTES, planMemory, regionOf } from "../../src/wasm/memory.ts";

describe.each(["release", "debug"] as const)("the %s kernels", (build) => {
  it("stamp their layout into the planned memory", () => {
    const kernels = loadWasm(build, planMemory({ one: 1 }, "test"));
    expect(new DataView(kernels.buffer).getUint32(LAYOUT_MAGIC_OFFSET, true)).toBe(LAYOUT_MAGIC);
  });

  it("refuse an unknown export by name", () => {
    const kernels = loadWasm(build, planMemory({}, "test"));
    expect(() => kernels.call("noSuchExport" as "sweep", 0, 0, 0, 0, 0, 0)).toThrow(
      "altmap.wasm exports no noSuchExport",
    );
  });
});

describe("planMemory", () => {
  it("chains regions without overlap, aligned to 4 KiB", () => {
    const plan = planMemory({ a: 1, b: 4097, c: 0 }, "test");
    expect(regionOf(plan, "b") - regionOf(plan, "a")).toBe(4096);
    expect(regionOf(plan, "c") - regionOf(plan, "b")).toBe(8192);
  });

  it("gives both numbers when wasm32 cannot hold the plan", () => {
    const over = () => planMemory({ memmap: 2 ** 32 }, "a memmap of 4 GiB");
    expect(over).toThrow(MemoryPlanTooLarge);
    expect(over).toThrow(new RegExp(`needs \\d+ bytes.*at most ${MAX_LINEAR_BYTES} bytes`));
  });
});
