import { grouped } from "../../units.ts";
import { areDifferences, type ImportReport } from "./importReport.ts";

/** One sentence for each thing in which a trace is not whole; none for a trace that is. */
export function importNotes(report: ImportReport): string[] {
  const { audit, firstGarbage, times } = report;
  const garbage = `garbage lines; the first is line ${firstGarbage?.line}: ${JSON.stringify(firstGarbage?.text)}`;
  const counts: readonly (readonly [number, string])[] = [
    [report.garbageLines, garbage],
    [
      times.unread,
      `of ${grouped(report.events)} events have no time that can be read: they take that of the event before`,
    ],
    [
      times.inTicks,
      "events have times without a unit (trace_clock counter or x86-tsc?): their span in seconds is not known",
    ],
    [report.lostEvents, `events lost by the recorder, which says so ${grouped(report.lossNotices)} times`],
    [audit.freesWithoutAllocation, "frees of pages whose allocation is not in the trace"],
    [audit.doubleAllocations, "allocations of pages whose free is not in the trace"],
    [audit.doubleFrees, "frees of pages that the trace has as free already"],
    [audit.beyondMachine, "events name pages that the machine does not have; they are left out"],
    [audit.untracked, "pages not checked: the trace names pages in more than 4 TiB of memory"],
  ];
  const notes = counts.filter(([count]) => count > 0).map(([count, text]) => `${grouped(count)} ${text}`);
  if (areDifferences(report))
    notes.push(
      "the times start at 0 and go to and fro: they are taken for differences (perf script --deltatime) and added up",
    );
  else if (times.back * 4 > times.timed)
    notes.push(`${grouped(times.back)} events are earlier than the one before: the text is not in order of time`);
  if (report.lossNotices > 0 && report.lostEvents === 0)
    notes.push("the recorder lost events, and does not say how many");
  if (report.truncated !== undefined)
    notes.push(`the file breaks off: ${report.truncated}; what came before it counts`);
  return notes;
}
