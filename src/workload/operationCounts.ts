import { TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout.ts";
import { addTouchCounts, emptyTouchCounts, type TouchCounts } from "../counts.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { type ReplayCounts, Replayer } from "../kernels/replay.ts";
import type { Operation } from "./operationsSchema.ts";
import { predictTraffic } from "./predictTraffic.ts";
import type { Recording } from "./recording.ts";
import { parseRecordingSummary } from "./recordingSummary.ts";

/** Struct page touches of one page's worth of an operation of core-mm, by the page engine. */
export interface OperationCount {
  readonly name: string;
  /** Touches and distinct struct pages per page worked on. */
  readonly touchesPerPage: number;
  readonly linesPerPage: number;
  /** Per page: every struct page in L1 or L2 already; none in any cache, and pages all over the memory. */
  readonly hot: TouchCounts;
  readonly cold: TouchCounts;
}

/** Pages per measurement: their struct pages fit in any L2, and the edges of batches weigh little. */
const NR_PAGES = 1024;
const BASE_PFN = 0x100000;
const NR_BLOCKS = 1;
const BLOCK_PAGES = 32768;

interface Script {
  readonly name: string;
  readonly before: readonly Operation[];
  readonly of: readonly Operation[];
  /** What the same takes when no page is in use: taken off, so that what remains is per page in use. */
  readonly without?: readonly Operation[];
}

const fault: Operation = { op: "anon_fault", pages: NR_PAGES };
const fork: Operation = { op: "fork", anon_pages: NR_PAGES };
const gup: Operation = { op: "gup", pages: NR_PAGES };
const offline: Operation = {
  op: "offline_busy",
  block: BASE_PFN / BLOCK_PAGES,
  self_hosted: false,
  busy_pages_about: NR_PAGES,
};
const write: Operation = { op: "shmem_write", pages: NR_PAGES };

/** What is priced per page; the words are those of recorded operations. */
const SCRIPTS: readonly Script[] = [
  { name: "fault an anonymous page (order-0 alloc)", before: [], of: [fault] },
  { name: "unmap it (free)", before: [fault], of: [{ op: "munmap_anon", pages: NR_PAGES }] },
  { name: "fork, per mapped page", before: [fault], of: [fork] },
  { name: "copy on write", before: [fault, fork], of: [{ op: "cow_fault_in_child", pages: NR_PAGES }] },
  { name: "write a tmpfs page", before: [], of: [write] },
  { name: "read a tmpfs page", before: [write], of: [{ op: "shmem_read", pages: NR_PAGES }] },
  { name: "truncate a tmpfs page", before: [write], of: [{ op: "shmem_truncate", pages: NR_PAGES }] },
  { name: "get_user_pages and unpin", before: [fault], of: [gup, { op: "unpin", pages: NR_PAGES }] },
  { name: "reclaim a clean page-cache page", before: [write], of: [{ op: "reclaim", pages: NR_PAGES }] },
  { name: "migrate a page out of a block (scanned before)", before: [fault], of: [offline], without: [] },
];

/** Every operation on an idle movable zone of `kernel`, counted through the caches of a host. */
export async function countOperations(kernel: "6.1" | "6.12", geometry: CacheGeometry): Promise<OperationCount[]> {
  const counts: OperationCount[] = [];
  for (const script of SCRIPTS) counts.push(await countScript(script, kernel, geometry));
  return counts;
}

async function countScript(script: Script, kernel: string, geometry: CacheGeometry): Promise<OperationCount> {
  const runs = await runScript(script.before, script.of, kernel, geometry);
  const idle = script.without && (await runScript(script.without, script.of, kernel, geometry));
  const perPage = (state: "cold" | "hot"): TouchCounts => {
    const share = emptyTouchCounts();
    addTouchCounts(share, runs[state].counts, 1 / NR_PAGES);
    if (idle) addTouchCounts(share, idle[state].counts, -1 / NR_PAGES);
    // A page that is in use can spare a scan a touch; no count is less than none.
    for (const counts of [share.demand, share.writeBacks]) counts.set(counts.map((count) => Math.max(0, count)));
    return share;
  };
  return {
    name: script.name,
    touchesPerPage: (runs.cold.touches - (idle?.cold.touches ?? 0)) / NR_PAGES,
    linesPerPage: Math.max(1, (runs.cold.firstTouches.hotAdded - (idle?.cold.firstTouches.hotAdded ?? 0)) / NR_PAGES),
    hot: perPage("hot"),
    cold: perPage("cold"),
  };
}

/** The touches of the operations in `of` alone, from empty caches and again. */
async function runScript(
  before: readonly Operation[],
  of: readonly Operation[],
  kernel: string,
  geometry: CacheGeometry,
): Promise<{ readonly cold: ReplayCounts; readonly hot: ReplayCounts }> {
  const traffic = await predictTraffic({ ...idleZone(kernel), operations: [...before, ...of] });
  const measured = new Set<string>(of.map(({ op }) => op));
  const touches = traffic.byOperation.filter(({ op }) => measured.has(op)).reduce((sum, row) => sum + row.touches, 0);
  const all = Buffer.concat(traffic.stream);
  const records = scattered(all.subarray(all.length - touches * TOUCH_BYTES));
  const replayer = new Replayer({ geometry, pfnFrom: BASE_PFN, pfnLast: BASE_PFN + NR_BLOCKS * BLOCK_PAGES - 1 });
  return { cold: await replayer.run([records]), hot: await replayer.run([records]) };
}

/** Pages in no useful order, as in a zone that has been in use: no struct page is next to the one before. */
function scattered(records: Uint8Array): Uint8Array {
  const copy = new Uint8Array(records);
  const view = new DataView(copy.buffer);
  const nrPages = NR_BLOCKS * BLOCK_PAGES;
  for (let at = TOUCH_PFN; at < copy.length; at += TOUCH_BYTES) {
    const page = view.getUint32(at, true) - BASE_PFN;
    view.setUint32(at, BASE_PFN + ((page * 40_503) % nrPages), true);
  }
  return copy;
}

/** An empty movable block of 128 MiB, just onlined: a recording of nothing yet. */
function idleZone(kernel: string): Recording {
  const pages = NR_BLOCKS * BLOCK_PAGES;
  const firstBlock = BASE_PFN / BLOCK_PAGES;
  const buddy = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, pages / 1024];
  const zone = { start_pfn: BASE_PFN, spanned: pages, present: pages, managed: pages, free: pages, buddy };
  const blocks = Array.from({ length: NR_BLOCKS }, (_, i) => [
    `${firstBlock + i}`,
    { state: "online", valid_zones: "Movable" },
  ]);
  const none = { loads: 0, stores: 0, distinct_pages: 0 };
  const summary = {
    name: "idle zone",
    kernel: `${kernel}.0`,
    ...none,
    page_switches: 0,
    other_l2_fills: 0,
    instructions: 0,
    zones_before: { "1:Movable": zone },
    hot_blocks_before: Object.fromEntries(blocks),
    hot_added: { pfn_from: BASE_PFN, touches: 0, ...none },
  };
  return {
    name: "idle zone",
    packaged: false,
    summary: parseRecordingSummary(summary, "idle zone"),
    touches: undefined,
    kmemPath: undefined,
    events: undefined,
    operations: undefined,
  };
}
