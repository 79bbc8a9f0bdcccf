// The engine against recordings of two kernels: what altmap traffic reports must be as close as the issue asks.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { traffic } from "../../src/traffic.ts";

const SHARED = fileURLToPath(new URL("../../../shared/", import.meta.url));
const WORKLOADS = [
  "kernel-6.1/traffic/wl_fault_64m_x2",
  "kernel-6.1/traffic/wl_churn_3g_20k",
  "kernel-6.1/traffic/wl_fork_cow_20x16m",
  "kernel-6.1/traffic/wl_tmpfs_write_read_rm_48m",
  "kernel-6.1/traffic/wl_redis_set_30k_1k",
  "kernel-6.12/traffic/wl_fault_64m_x2",
  "kernel-6.12/traffic/wl_tmpfs_write_read_rm_48m",
];

describe.each(WORKLOADS)("%s", (name) => {
  it.skipIf(!existsSync(`${SHARED}${name}.json`))(
    "is predicted from its events and operations",
    async () => {
      const { ratio } = await traffic(SHARED + name, {});
      for (const key of ["touches", "loads", "stores", "llc_misses_8MiB", "llc_misses_32MiB"] as const)
        expect(Math.abs((ratio[key] ?? 0) - 1), key).toBeLessThan(0.02);
      expect(Math.abs((ratio.distinct_pages ?? 0) - 1)).toBeLessThan(0.005);
    },
    60_000,
  );
});
