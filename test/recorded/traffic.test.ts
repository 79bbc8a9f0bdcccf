// The engine against recordings of two kernels: what altmap traffic reports must be as close as it claims.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { traffic } from "../../src/count/follow/compareTraffic.ts";

const OWN = fileURLToPath(new URL("./data/", import.meta.url));
const SHARED = fileURLToPath(new URL("../../../shared/", import.meta.url));
/** Recordings that come with the tests, then more that may lie beside the project. */
const RECORDINGS = [
  `${OWN}kernel-6.1/traffic/wl_redis_set_30k_1k`,
  `${OWN}kernel-6.12/traffic/wl_tmpfs_write_read_rm_48m`,
  `${OWN}kernel-6.12/traffic/wl_compact_fragmented_240m`,
  `${OWN}kernel-7.3/traffic/wl_thp_fault_32`,
  `${SHARED}kernel-6.1/traffic/wl_fault_64m_x2`,
  `${SHARED}kernel-6.1/traffic/wl_churn_3g_20k`,
  `${SHARED}kernel-6.1/traffic/wl_fork_cow_20x16m`,
  `${SHARED}kernel-6.1/traffic/wl_tmpfs_write_read_rm_48m`,
  `${SHARED}kernel-6.1/traffic/hp_offline_busy_128_mom_migrate`,
  `${SHARED}kernel-6.12/traffic/wl_fault_64m_x2`,
  `${SHARED}kernel-6.18/traffic/wl_fault_64m_x2`,
  `${SHARED}kernel-6.18/traffic/wl_fork_cow_20x16m`,
  `${SHARED}kernel-7.3/traffic/wl_fault_64m_x2`,
  `${SHARED}kernel-7.3/traffic/wl_fork_cow_20x16m`,
  `${SHARED}kernel-7.3/traffic/wl_tmpfs_write_read_rm_48m`,
  `${SHARED}kernel-7.3/traffic/wl_thp_zap_half_32`,
];
/** Summaries without a trace: which pages, and how often lists spill, is not known. */
const SUMMARIES = ["6.16", "7.2"].map((kernel) => `${OWN}kernel-${kernel}/traffic/wl_fault_64m_x2`);
/** What the allocator's lists touch depends on when they spill, once a second or by their length. */
const SPILLS = /^(__list_(add|del_entry)_valid_or_report|__rmqueue_pcplist|free_pcppages_bulk|__free_one_page)$/;

describe.each(RECORDINGS)("%s", (path) => {
  it.skipIf(!existsSync(`${path}.json`))(
    "is predicted from its events and operations",
    async () => {
      const { ratio, recorded, unexplained } = await traffic(path, {});
      for (const key of ["touches", "loads", "stores", "llc_misses_8MiB", "llc_misses_32MiB"] as const)
        expect(Math.abs((ratio[key] ?? 0) - 1), key).toBeLessThan(path.includes("offline") ? 0.02 : 0.03);
      expect(Math.abs((ratio.distinct_pages ?? 0) - 1)).toBeLessThan(0.005);
      const left = unexplained.reduce((total, [, count]) => total + count, 0);
      expect(left / (recorded.loads + recorded.stores)).toBeLessThan(0.03);
    },
    60_000,
  );
});

describe.each(SUMMARIES)("%s, a summary alone", (path) => {
  it("is predicted function by function, what lists spill apart", async () => {
    const { by_function } = await traffic(path, {});
    const rows = by_function.filter((row) => !SPILLS.test(row.function) && row.recorded > 1000);
    expect(rows.length).toBeGreaterThan(40);
    for (const { recorded, predicted, ...row } of rows)
      expect(Math.abs(predicted / recorded - 1), `${row.function} ${row.kind}`).toBeLessThan(0.05);
  });
});
