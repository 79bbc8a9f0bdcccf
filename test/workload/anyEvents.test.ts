import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PredictedTraffic, predictTraffic } from "../../src/count/follow/predictTraffic.ts";
import { TraceText, type TraceTextOptions } from "../../src/recording/import/traceText.ts";
import type { Operation } from "../../src/recording/operationsSchema.ts";
import type { RecordingSummary } from "../../src/recording/recordingSummary.ts";

// Well-formed events in any order, of any thread, with or without operations: the engine follows them all.
// ALTMAP_LONG=1 follows 10^5 sequences, half of them on each kernel, instead of 500; ALTMAP_SEED starts elsewhere.

const LONG = process.env["ALTMAP_LONG"] === "1";
const NUM_RUNS = LONG ? 50_000 : 250;
const SEED = Number(process.env["ALTMAP_SEED"] ?? 20261130);
const TIMEOUT_MS = LONG ? 3_600_000 : 60_000;

const BASE = 0x100000;
const BLOCK_PAGES = 32_768;

/** One online block, with some pages in use before or none. */
function summaryOf(kernel: string, nrInUse: number): RecordingSummary {
  return {
    name: "any",
    kernel,
    command: "",
    ...{ loads: 0, stores: 0, distinctPages: 0, pageSwitches: 0, allLoads: undefined, allStores: undefined },
    ...{ instructions: 1, otherL2Fills: 0, otherLlcFills: [], counted: undefined },
    zonesBefore: [
      {
        ...{ nid: 1, zone: "Movable", startPfn: BASE, spanned: BLOCK_PAGES, present: BLOCK_PAGES },
        ...{ managed: BLOCK_PAGES, free: BLOCK_PAGES - nrInUse, pcpPages: undefined, buddy: undefined },
      },
    ],
    zonesAfter: [],
    hotBlocksBefore: [{ block: BASE / BLOCK_PAGES, state: "online", validZones: "Movable" }],
    byFunction: [],
    hotAdded: { pfnFrom: BASE, touches: 0, loads: 0, stores: 0, distinctPages: 0, byFunction: [] },
    ...{ operations: undefined, touchSha256: undefined, eventsSha256: undefined },
  };
}

/** Few pages, so that events meet: neighbours, huge pages, the first and the last page of the block. */
const pfn = fc.oneof(
  fc.nat(12).map((page) => BASE + page),
  fc.nat(4).map((chunk) => BASE + 512 * chunk),
  fc.constantFrom(BASE + BLOCK_PAGES - 1, BASE + BLOCK_PAGES - 2, BASE + BLOCK_PAGES),
  fc.nat(BLOCK_PAGES - 1).map((page) => BASE + page),
);
const order = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 3, 4, 9, 10));
const migratetype = fc.constantFrom(0, 1, 1, 1, 2, 3, 4);
const gfp = fc.constantFrom(
  "GFP_HIGHUSER_MOVABLE|__GFP_ZERO",
  "GFP_HIGHUSER_MOVABLE",
  "GFP_HIGHUSER_MOVABLE|__GFP_NORETRY|__GFP_NOWARN",
  "GFP_KERNEL",
  "GFP_KERNEL_ACCOUNT|__GFP_ZERO",
  "GFP_KERNEL|__GFP_COMP",
  "GFP_KERNEL|__GFP_NORETRY|__GFP_NOWARN|__GFP_COMP",
  "GFP_TRANSHUGE_LIGHT",
  "0x0",
);
const page = { pfn, order, migratetype };
const fieldsOf = (at: { pfn: number; order: number; migratetype: number }): string =>
  `pfn=0x${at.pfn.toString(16)} order=${at.order} migratetype=${at.migratetype}`;
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ ...page, gfp }).map((at) => `mm_page_alloc: ${fieldsOf(at)} gfp_flags=${at.gfp}`),
  },
  { weight: 5, arbitrary: fc.record(page).map((at) => `mm_page_free: ${fieldsOf(at)}`) },
  { weight: 4, arbitrary: pfn.map((at) => `mm_page_free_batched: pfn=0x${at.toString(16)}`) },
  { weight: 2, arbitrary: fc.record(page).map((at) => `mm_page_alloc_zone_locked: ${fieldsOf(at)} percpu_refill=1`) },
  { weight: 1, arbitrary: fc.record(page).map((at) => `mm_page_pcpu_drain: ${fieldsOf(at)}`) },
  {
    weight: 1,
    arbitrary: fc
      .record({ ...page, owner: fc.nat(1) })
      .map((at) => `mm_page_alloc_extfrag: ${fieldsOf(at)} fallback_order=${at.order} change_ownership=${at.owner}`),
  },
);
const event = fc.record({ pid: fc.integer({ min: 100, max: 103 }), body });

const operation = fc.oneof(
  fc.constantFrom<Operation>(
    { op: "anon_fault", pages: 3 },
    { op: "munmap_anon", pages: 3 },
    { op: "exit_anon", pages: 2 },
    { op: "fork", anon_pages: 3 },
    { op: "cow_fault_in_child", pages: 2 },
    { op: "child_exit", shared_anon_pages: 1, own_anon_pages: 2 },
    { op: "fork_exec_exit", program: "true" },
    { op: "shmem_write", pages: 3 },
    { op: "shmem_read", pages: 3 },
    { op: "shmem_truncate", pages: 3 },
    { op: "file_read_cached", pages: 3 },
    { op: "thp_fault", huge_pages: 1 },
    { op: "munmap_thp", huge_pages: 1 },
    { op: "zap_random_page", among: 3 },
    { op: "anon_fault_same_page" },
    { op: "gup", pages: 2 },
    { op: "unpin", pages: 2 },
    { op: "reclaim", pages: 2 },
    { op: "compact_all_zones" },
    { op: "offline_busy", block: BASE / BLOCK_PAGES, self_hosted: false, busy_pages_about: 4 },
  ),
);

interface Case {
  readonly events: readonly { readonly pid: number; readonly body: string }[];
  readonly operations: readonly Operation[];
  readonly nrInUse: number;
}
const cases: fc.Arbitrary<Case> = fc.record({
  events: fc.array(event, { maxLength: 40 }),
  operations: fc.oneof(fc.constant([]), fc.array(operation, { maxLength: 4 })),
  nrInUse: fc.constantFrom(0, 0, 0, 3, 64),
});

function follow(kernel: string, { events, operations, nrInUse }: Case): Promise<PredictedTraffic> {
  const lines = events.map(
    ({ pid, body: text }, at) => `work-${pid} [000] ..... 1.${String(at).padStart(6, "0")}: ${text}\n`,
  );
  async function* batches(options?: TraceTextOptions): AsyncGenerator<Uint8Array> {
    const trace = new TraceText("any", options);
    trace.read(Buffer.from(lines.join(""), "latin1"), 0);
    trace.finish(false);
    if (trace.report.garbageLines > 0) throw new Error(`garbage: ${trace.report.firstGarbage?.text}`);
    yield trace.take();
  }
  const recording = {
    ...{ name: "any", packaged: false, summary: summaryOf(kernel, nrInUse), touches: undefined, kmemPath: undefined },
    ...{ operations, events: (options?: TraceTextOptions) => ({ batches: batches(options), report: undefined }) },
  };
  return predictTraffic(recording, false);
}

describe.each(["6.1.0", "6.12.0"])("Linux %s: any sequence of well-formed events", (kernel) => {
  it(
    "is followed to its end, and counted in whole numbers",
    async () => {
      await fc.assert(
        fc.asyncProperty(cases, async (given) => {
          const predicted = await follow(kernel, given);
          const { touches, loads, stores, distinctPages } = predicted;
          for (const count of [touches, loads, stores, distinctPages]) {
            expect(Number.isSafeInteger(count)).toBe(true);
            expect(count).toBeGreaterThanOrEqual(0);
          }
          expect(predicted.nrEvents).toBeLessThanOrEqual(given.events.length);
        }),
        { numRuns: NUM_RUNS, seed: SEED },
      );
    },
    TIMEOUT_MS,
  );

  it("of which a free of more than one page follows a batch of nothing that is known", async () => {
    const given = [`mm_page_free_batched: pfn=${BASE + 6}`, `mm_page_free: pfn=${BASE + 512} order=9`];
    const more = [`mm_page_free: pfn=${BASE + 4} order=0`, `mm_page_free_batched: pfn=${BASE + 4}`];
    const events = [...given, ...more].map((text) => ({ pid: 100, body: text }));
    await expect(
      follow(kernel, { events, operations: [{ op: "anon_fault", pages: 1 }], nrInUse: 0 }),
    ).resolves.toMatchObject({
      nrEvents: 4,
    });
  });
});
