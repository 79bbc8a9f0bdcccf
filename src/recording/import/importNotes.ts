import type { ImportReport } from "./importReport.ts";

const grouped = (count: number): string => count.toLocaleString("en-US");

/** One sentence for each thing in which a trace is not whole; none for a trace that is. */
export function importNotes(report: ImportReport): string[] {
  const { audit, firstGarbage } = report;
  const garbage = `garbage lines; the first is line ${firstGarbage?.line}: ${JSON.stringify(firstGarbage?.text)}`;
  const counts: readonly (readonly [number, string])[] = [
    [report.garbageLines, garbage],
    [report.lostEvents, `events lost by the recorder, which says so ${grouped(report.lossNotices)} times`],
    [audit.freesWithoutAllocation, "frees of pages whose allocation is not in the trace"],
    [audit.doubleAllocations, "allocations of pages whose free is not in the trace"],
    [audit.doubleFrees, "frees of pages that the trace has as free already"],
    [audit.beyondMachine, "events name pages that the machine does not have; they are left out"],
    [audit.untracked, "pages not checked: the trace names pages in more than 4 TiB of memory"],
  ];
  const notes = counts.filter(([count]) => count > 0).map(([count, text]) => `${grouped(count)} ${text}`);
  if (report.lossNotices > 0 && report.lostEvents === 0)
    notes.push("the recorder lost events, and does not say how many");
  if (report.truncated !== undefined)
    notes.push(`the file breaks off: ${report.truncated}; what came before it counts`);
  return notes;
}
