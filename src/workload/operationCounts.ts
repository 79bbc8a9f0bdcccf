import { Step } from "../../assembly/engineSteps.ts";
import { TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout.ts";
import { addTouchCounts, emptyTouchCounts, type TouchCounts } from "../counts.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { WasmPageEngine } from "../kernels/engine.ts";
import { NONE } from "../kernels/pageEngine.ts";
import { type ReplayCounts, Replayer } from "../kernels/replay.ts";
import { hotLayout } from "./engineState.ts";
import type { Operation } from "./operationsSchema.ts";
import { type PredictedTraffic, predictTraffic } from "./predictTraffic.ts";
import { recipesOf } from "./recipes/ofKernel.ts";
import type { Recording } from "./recording.ts";
import { parseRecordingSummary, type RecordingSummary } from "./recordingSummary.ts";
import { TouchBuffer } from "./touchBuffer.ts";

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

/** One script of operations, each at most once, and which of them are reported. */
interface Script {
  readonly operations: readonly Operation[];
  readonly measured: readonly Measured[];
}

interface Measured {
  readonly name: string;
  /** Consecutive operations of the script. */
  readonly ops: readonly Operation["op"][];
  /** The same operations when no page is in use: taken off, so that what remains is per page in use. */
  readonly without?: readonly Operation[];
}

const pages = NR_PAGES;
const offline: Operation = {
  op: "offline_busy",
  block: BASE_PFN / BLOCK_PAGES,
  self_hosted: false,
  busy_pages_about: pages,
};

/** What is priced per page; the words are those of recorded operations. */
const SCRIPTS: readonly Script[] = [
  {
    operations: [
      { op: "anon_fault", pages },
      { op: "gup", pages },
      { op: "unpin", pages },
      { op: "fork", anon_pages: pages },
      { op: "cow_fault_in_child", pages },
      { op: "child_exit", shared_anon_pages: 0, own_anon_pages: pages },
      { op: "munmap_anon", pages },
    ],
    measured: [
      { name: "fault an anonymous page", ops: ["anon_fault"] },
      { name: "unmap and free it", ops: ["munmap_anon"] },
      { name: "fork, per mapped page", ops: ["fork"] },
      { name: "copy on write", ops: ["cow_fault_in_child"] },
      { name: "get_user_pages and unpin", ops: ["gup", "unpin"] },
    ],
  },
  {
    operations: [
      { op: "shmem_write", pages },
      { op: "shmem_read", pages },
      { op: "shmem_truncate", pages },
    ],
    measured: [
      { name: "write a tmpfs page", ops: ["shmem_write"] },
      { name: "read a tmpfs page", ops: ["shmem_read"] },
      { name: "truncate a tmpfs page", ops: ["shmem_truncate"] },
    ],
  },
  {
    operations: [
      { op: "shmem_write", pages },
      { op: "reclaim", pages },
    ],
    measured: [{ name: "reclaim a clean page-cache page", ops: ["reclaim"] }],
  },
  {
    operations: [{ op: "anon_fault", pages }, offline],
    measured: [{ name: "migrate a page out of a block (scanned before)", ops: ["offline_busy"], without: [offline] }],
  },
];

/** Every operation on an idle movable zone of `kernel`, counted through the caches of a host. */
export async function countOperations(kernel: "6.1" | "6.12", geometry: CacheGeometry): Promise<OperationCount[]> {
  const replayer = new Replayer({ geometry, pfnFrom: BASE_PFN, pfnLast: BASE_PFN + NR_BLOCKS * BLOCK_PAGES - 1 });
  const counts: OperationCount[] = [
    await countTouches("order-0 alloc and free", allocAndFree(kernel), undefined, replayer),
  ];
  for (const { operations, measured } of SCRIPTS) {
    const touches = touchesOf(await trafficOf(operations, kernel));
    for (const { name, ops, without } of measured) {
      const idle = without && touchesOf(await trafficOf(without, kernel))(ops);
      counts.push(await countTouches(name, touches(ops), idle, replayer));
    }
  }
  return counts;
}

/** Pages taken from the pcp list one after the other, then freed to it: what the allocator itself touches. */
function allocAndFree(kernel: string): Uint8Array {
  const layout = hotLayout(idleZone(kernel).summary);
  const buffer = new TouchBuffer();
  const engine = new WasmPageEngine(recipesOf(`${kernel}.0`), layout, buffer.add);
  engine.quietly(() => {
    for (let pfn = BASE_PFN; pfn < BASE_PFN + NR_BLOCKS * BLOCK_PAGES; pfn += 1024) engine.freeChunk(pfn, 10);
  });
  const pfns = Array.from({ length: NR_PAGES }, () => engine.take(NONE));
  for (const pfn of pfns) {
    engine.run(Step.prepareCache, pfn);
    engine.commit(pfn);
  }
  engine.flush();
  return Buffer.concat(buffer.pieces());
}

const trafficOf = (operations: readonly Operation[], kernel: string): Promise<PredictedTraffic> =>
  predictTraffic({ ...idleZone(kernel), operations });

/** @param idleTouches what the same takes when no page is in use: taken off */
async function countTouches(
  name: string,
  touches: Uint8Array,
  idleTouches: Uint8Array | undefined,
  replayer: Replayer,
): Promise<OperationCount> {
  const runs = await runTwice(touches, replayer);
  const idle = idleTouches && (await runTwice(idleTouches, replayer));
  const perPage = (state: "cold" | "hot"): TouchCounts => {
    const share = emptyTouchCounts();
    addTouchCounts(share, runs[state].counts, 1 / NR_PAGES);
    if (idle) addTouchCounts(share, idle[state].counts, -1 / NR_PAGES);
    // A page that is in use can spare a scan a touch; no count is less than none.
    for (const counts of [share.demand, share.writeBacks]) counts.set(counts.map((count) => Math.max(0, count)));
    return share;
  };
  return {
    name,
    touchesPerPage: (runs.cold.touches - (idle?.cold.touches ?? 0)) / NR_PAGES,
    // What is per page in use works on that page's own line; the rest of the block is scanned either way.
    linesPerPage: idle ? 1 : distinctPages(touches) / NR_PAGES,
    hot: perPage("hot"),
    cold: perPage("cold"),
  };
}

/** Gives the records of consecutive operations of a script in which each comes once. */
function touchesOf({ byOperation, stream }: PredictedTraffic): (ops: readonly string[]) => Uint8Array {
  const records = Buffer.concat(stream);
  const touches = (from: number, to: number) => byOperation.slice(from, to).reduce((sum, row) => sum + row.touches, 0);
  return (ops) => {
    const first = byOperation.findIndex(({ op }) => op === ops[0]);
    const start = touches(0, first);
    const end = start + touches(first, first + ops.length);
    if (first < 0 || end === start) throw new RangeError(`the page engine has no rule for ${ops.join(" and ")}`);
    return records.subarray(start * TOUCH_BYTES, end * TOUCH_BYTES);
  };
}

/** From empty caches, and again. */
async function runTwice(
  touches: Uint8Array,
  replayer: Replayer,
): Promise<{ readonly cold: ReplayCounts; readonly hot: ReplayCounts }> {
  const records = scattered(touches);
  replayer.empty();
  return { cold: await replayer.run([records]), hot: await replayer.run([records]) };
}

function distinctPages(records: Uint8Array): number {
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  const pages = new Set<number>();
  for (let at = TOUCH_PFN; at < records.length; at += TOUCH_BYTES) pages.add(view.getUint32(at, true));
  return pages.size;
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
function idleZone(kernel: string): Recording & { readonly summary: RecordingSummary } {
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
