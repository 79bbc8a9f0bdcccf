// Struct pages of another size than the 64 bytes that were recorded: a what-if, since no kernel that was recorded has them.
import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { OperationCount } from "../counts/workload.ts";
import { addTouchCounts, type EventRun, emptyTouchCounts, type HotplugRuns, type TouchCounts } from "../counts.ts";

const LINE_BYTES = 64;

/**
 * Cache lines of one struct page that is met by itself, all of whose fields are used: one of 80 bytes begins at 0, 16, 32
 * or 48 of a line and always crosses into the next; two of 32 lie in one.
 */
export function linesOfStructPage(bytes: number): number {
  let [step, rest] = [bytes, LINE_BYTES];
  while (rest !== 0) [step, rest] = [rest, step % rest];
  return (bytes + LINE_BYTES - step) / LINE_BYTES;
}

/** Lines of neighbouring struct pages, each: what passes over whole memmaps meet. */
const linesInOrder = (bytes: number): number => bytes / STRUCT_PAGE_BYTES;

const scaled = (counts: TouchCounts, factor: number): TouchCounts => {
  const sum = emptyTouchCounts();
  addTouchCounts(sum, counts, factor);
  return sum;
};

/**
 * Hotplug goes over struct pages in order, so it meets lines in proportion to their size; instructions and touches stay.
 *
 * @param bytes of a struct page; 64 gives the runs back
 */
export function hotplugOfLines(runs: HotplugRuns, bytes: number): HotplugRuns {
  if (bytes === STRUCT_PAGE_BYTES) return runs;
  const factor = linesInOrder(bytes);
  const passes = (all: EventRun["passes"]) => all.map((pass) => ({ ...pass, counts: scaled(pass.counts, factor) }));
  const of = (events: readonly EventRun[] | undefined) =>
    events?.map((run) => ({
      ...run,
      counts: scaled(run.counts, factor),
      passes: passes(run.passes),
      stretches: run.stretches.map((stretch) => ({ ...stretch, passes: passes(stretch.passes) })),
    }));
  return { dram: of(runs.dram), onMemory: of(runs.onMemory) };
}

/** Operations at random meet whole struct pages, in order their share of lines. @param bytes 64 gives them back */
export function operationsOfLines(operations: readonly OperationCount[], bytes: number): readonly OperationCount[] {
  if (bytes === STRUCT_PAGE_BYTES) return operations;
  const [alone, inOrder] = [linesOfStructPage(bytes), linesInOrder(bytes)];
  return operations.map((count) => ({
    ...count,
    linesPerPage: count.linesPerPage * alone,
    cold: scaled(count.cold, alone),
    coldInOrder: scaled(count.coldInOrder, inOrder),
  }));
}
