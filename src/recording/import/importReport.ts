import { NR_EVENT_OPS } from "../../../assembly/layout/allocatorEvents.ts";

/** What an import has seen; complete once its batches have all been taken. */
export interface ImportReport {
  readonly path: string;
  /** Shape of most lines: `perf script`, `ftrace trace`, ...; undefined before the first event. */
  format: string | undefined;
  bytes: number;
  lines: number;
  /** Events handed out, and how many of each EVENT_* op. */
  events: number;
  readonly eventsByOp: number[];
  /** Lines of mm_page_free and mm_page_free_batched that repeat the free of the other: handed out, and marked. */
  repeatedFrees: number;
  /** Allocations that failed: no page, not handed out. */
  failedAllocations: number;
  /** Events of a kind that nothing here uses. */
  otherEvents: number;
  /** Comments, blank lines, call chains, headers of the tool. */
  otherLines: number;
  /** Lines that are none of the above, not handed out. */
  garbageLines: number;
  /** Of these, lines longer than the bound. */
  tooLongLines: number;
  firstGarbage: { readonly line: number; readonly text: string } | undefined;
  /** Events that the recorder itself says it lost, in so many notices; some notices give no number. */
  lostEvents: number;
  lossNotices: number;
  /** The input ends early: a gzip stream without end or with damage. What came before it counts. */
  truncated: string | undefined;
  /** Of the events whose time is in nanoseconds; undefined when there is none. */
  firstTimeNs: number | undefined;
  lastTimeNs: number | undefined;
  readonly times: EventTimes;
  /** Highest page frame + 1. */
  pfnEnd: number;
  readonly audit: PageAudit;
}

/** What the events say of their times. */
export interface EventTimes {
  /** Events with a time in nanoseconds. */
  timed: number;
  /** With a time of a clock that has no unit. */
  inTicks: number;
  /** Without a time, or with one in a form that is not read: they have that of the event before. */
  unread: number;
  /** Timed events that come before the one in front of them. */
  back: number;
  /** All times added up: the span, if they are differences. */
  sumNs: number;
  /** Of the first timed line. */
  firstNs: number;
}

/** Whether the times are differences to the event before (perf script --deltatime): they start at 0 and go to and fro. */
export const areDifferences = ({ times }: ImportReport): boolean =>
  times.firstNs === 0 && times.back > 0 && times.back * 4 >= times.timed;

/** The span of the events in nanoseconds; undefined when no time says it. */
export function recordedNs(report: ImportReport): number | undefined {
  const { firstTimeNs, lastTimeNs } = report;
  if (firstTimeNs === undefined || lastTimeNs === undefined) return undefined;
  return areDifferences(report) ? report.times.sumNs : lastTimeNs - firstTimeNs;
}

/** How well the allocations and frees of a trace fit together, page by page. */
export interface PageAudit {
  /** Frees of pages that were allocated before the trace began, or where it did not look. */
  freesWithoutAllocation: number;
  /** Allocations of pages that are allocated already: their free was not seen. */
  doubleAllocations: number;
  /** Frees of pages that are free already: their allocation was not seen. */
  doubleFrees: number;
  /** Events that name a page the machine does not have: not handed out. */
  beyondMachine: number;
  /** Pages not checked, beyond 4 TiB of memory. */
  untracked: number;
}

/** A report of nothing read yet. */
export function emptyImportReport(path: string): ImportReport {
  return {
    path,
    format: undefined,
    bytes: 0,
    lines: 0,
    events: 0,
    eventsByOp: new Array<number>(NR_EVENT_OPS).fill(0),
    repeatedFrees: 0,
    failedAllocations: 0,
    otherEvents: 0,
    otherLines: 0,
    garbageLines: 0,
    tooLongLines: 0,
    firstGarbage: undefined,
    lostEvents: 0,
    lossNotices: 0,
    truncated: undefined,
    firstTimeNs: undefined,
    lastTimeNs: undefined,
    times: { timed: 0, inTicks: 0, unread: 0, back: 0, sumNs: 0, firstNs: 0 },
    pfnEnd: 0,
    audit: { freesWithoutAllocation: 0, doubleAllocations: 0, doubleFrees: 0, beyondMachine: 0, untracked: 0 },
  };
}
