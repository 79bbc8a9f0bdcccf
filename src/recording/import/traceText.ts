import * as L from "../../../assembly/layout/allocatorEvents.ts";
import { readJsonLine } from "./bpftraceJson.ts";
import { EventBatch } from "./eventBatch.ts";
import { type EventFields, fillEventFields } from "./eventFields.ts";
import { ALL_ONES } from "./fieldReader.ts";
import { emptyImportReport, type ImportReport } from "./importReport.ts";
import { Timing } from "./lineTime.ts";
import { PAGE_ALLOCATED, PAGE_FREED, PAGE_FREED_BATCHED, PAGE_UNSEEN, PageStates } from "./pageStates.ts";
import { classifyPlainLine } from "./plainLine.ts";
import { FORM_NAMES, Form, LineKind } from "./traceForms.ts";
import { TraceLine } from "./traceLine.ts";

/** Longer lines are garbage: those of the kernel are a few hundred bytes. */
export const MAX_LINE_BYTES = 16 * 1024;
/** MAX_PAGE_ORDER is 10, 13 on some arm64. */
const MAX_ORDER = 20;
const MAX_PFN = 2 ** 48;
/** Enough to tell a line by, and to quote it. */
const TOLD_BYTES = 512;
const QUOTED_BYTES = 120;

export interface TraceTextOptions {
  /** First pfn that the machine does not have. @default 2^48 */
  readonly pfnEnd?: number;
  /** @default 32,768 */
  readonly batchEvents?: number;
  /** Where lines are put together that two pieces hold. @default MAX_LINE_BYTES of its own */
  readonly pending?: Uint8Array;
}

/** Text of a trace, in pieces cut anywhere -> event records, and a report. Memory does not grow with the text. */
export class TraceText {
  readonly report: ImportReport;
  readonly #batch: EventBatch;
  readonly #pfnEnd: number;
  readonly #line = new TraceLine();
  readonly #fields: EventFields = { pfn: 0, order: 0, migratetype: 0, arg: 0, count: 0 };
  readonly #pages = new PageStates();
  /** The start of a line whose end is in the next piece. */
  readonly #pending: Uint8Array;
  #pendingBytes = 0;
  #skipping = false;
  #afterLoss = 0;
  /** Of the event before: one without time takes it. */
  #timeNs = 0;
  readonly #forms = new Array<number>(Form.Count).fill(0);

  constructor(path: string, options: TraceTextOptions = {}) {
    this.report = emptyImportReport(path);
    this.#pfnEnd = Math.min(options.pfnEnd ?? MAX_PFN, MAX_PFN);
    this.#batch = new EventBatch(options.batchEvents);
    this.#pending = options.pending ?? new Uint8Array(MAX_LINE_BYTES);
  }

  /** Reads lines of `piece` from `at` until it ends or the batch is full. @returns where it stopped */
  read(piece: Uint8Array, at: number): number {
    let start = at;
    while (start < piece.length && !this.#batch.isFull) {
      const newline = piece.indexOf(10, start);
      const end = newline < 0 ? piece.length : newline;
      if (this.#pendingBytes > 0 || this.#skipping || newline < 0) this.#gather(piece, start, end, newline >= 0);
      else if (end - start > MAX_LINE_BYTES) this.#tooLong();
      else this.#readLine(piece, start, end);
      start = end + 1;
    }
    return Math.min(start, piece.length);
  }

  /** The end of the text. A last line without newline is read unless the input was cut off in it. */
  finish(isCut: boolean): void {
    if (this.#pendingBytes > 0 && !isCut) this.#readLine(this.#pending, 0, this.#pendingBytes);
    this.#pendingBytes = 0;
    const { report } = this;
    const most = Math.max(...this.#forms);
    report.format = most > 0 ? FORM_NAMES[this.#forms.indexOf(most)] : undefined;
    report.audit.untracked = this.#pages.untracked;
  }

  get isFull(): boolean {
    return this.#batch.isFull;
  }

  get length(): number {
    return this.#batch.length;
  }

  take(): Uint8Array {
    return this.#batch.take();
  }

  #gather(piece: Uint8Array, start: number, end: number, isWhole: boolean): void {
    if (!this.#skipping && this.#pendingBytes + end - start > MAX_LINE_BYTES) {
      this.#tooLong();
      this.#skipping = true;
      this.#pendingBytes = 0;
    }
    if (!this.#skipping) {
      this.#pending.set(piece.subarray(start, end), this.#pendingBytes);
      this.#pendingBytes += end - start;
      if (isWhole) {
        const bytes = this.#pendingBytes;
        this.#pendingBytes = 0;
        this.#readLine(this.#pending, 0, bytes);
      }
    }
    if (isWhole) this.#skipping = false;
  }

  #tooLong(): void {
    this.report.lines++;
    this.report.tooLongLines++;
    this.#garbage(`a line of more than ${MAX_LINE_BYTES} bytes`);
  }

  #garbage(text: string): void {
    this.report.garbageLines++;
    this.report.firstGarbage ??= { line: this.report.lines, text: text.slice(0, QUOTED_BYTES) };
  }

  #readLine(bytes: Uint8Array, start: number, newline: number): void {
    const { report } = this;
    report.lines++;
    const end = newline > start && bytes[newline - 1] === 0x0d ? newline - 1 : newline;
    if (start === end) report.otherLines++;
    else if (bytes[start] !== 0x7b || !this.#readJson(bytes, start, end)) this.#readText(bytes, start, end);
  }

  /** A line of `bpftrace -f json`. @returns false when it is none */
  #readJson(bytes: Uint8Array, start: number, end: number): boolean {
    const line = readJsonLine(new TextDecoder().decode(bytes.subarray(start, end)));
    if (line?.kind === "printed") {
      for (const text of line.text.split("\n")) {
        const inner = new TextEncoder().encode(text);
        if (inner.length > 0) this.#readText(inner, 0, inner.length, Form.BpftraceJson);
      }
    } else if (line?.kind === "loss") this.#lost(line.events);
    else if (line?.kind === "other") this.report.otherLines++;
    return line !== undefined;
  }

  #readText(bytes: Uint8Array, start: number, end: number, wrapped?: Form): void {
    const { report } = this;
    const kind = this.#line.parse(bytes, start, end);
    if (wrapped !== undefined) this.#line.form = wrapped;
    if (kind === LineKind.Event && this.#readEvent()) return;
    if (kind === LineKind.OtherEvent) {
      // `PERF_RECORD_LOST` or `unknown: PERF_RECORD_LOST`: no other event needs to become a string.
      const first = bytes[this.#line.nameAt];
      const mayBeLoss = first === 0x50 || first === 0x75;
      if (!mayBeLoss || !this.#lossIn(textOf(bytes, start, end))) report.otherEvents++;
    } else {
      const text = textOf(bytes, start, end);
      if (kind !== LineKind.NoEvent || classifyPlainLine(text).state === "garbage") this.#garbage(text);
      else if (!this.#lossIn(text)) report.otherLines++;
    }
  }

  #lossIn(text: string): boolean {
    const plain = classifyPlainLine(text);
    if (plain.state !== "loss") return false;
    this.#lost(plain.events ?? 0);
    return true;
  }

  #lost(events: number): void {
    this.report.lossNotices++;
    this.report.lostEvents += events;
    this.#afterLoss = L.EVENT_FLAG_AFTER_LOSS;
  }

  /** @returns false when a number is out of bounds, which makes the line garbage */
  #readEvent(): boolean {
    const { op } = this.#line.kind;
    const fields = this.#fields;
    fillEventFields(fields, op, this.#line);
    if (fields.order > MAX_ORDER) return false;
    if (op <= L.EVENT_PAGE_CACHE_DELETE) {
      const { pfn } = fields;
      const pfnEnd = pfn + 2 ** fields.order;
      // A failed allocation has pfn -1, which the kernel prints as 0 and a script may print as it is.
      const isFailure = pfn === ALL_ONES || (pfn === 0 && (op === L.EVENT_ALLOC || op === L.EVENT_ZONE_LOCKED));
      if (pfnEnd > MAX_PFN && !isFailure) return false;
      this.#forms[this.#line.form]!++;
      if (isFailure) this.report.failedAllocations++;
      else if (pfnEnd > this.#pfnEnd) this.report.audit.beyondMachine++;
      else {
        if (pfnEnd > this.report.pfnEnd) this.report.pfnEnd = pfnEnd;
        this.#store(op, op <= L.EVENT_FREE_BATCHED ? this.#follow(op, pfn, fields.order) : 0);
      }
    } else {
      this.#forms[this.#line.form]!++;
      this.#store(op, 0);
    }
    return true;
  }

  #store(op: number, flags: number): void {
    const { report } = this;
    const { cpu, pid } = this.#line;
    this.#tellTime();
    this.#batch.add(op, this.#timeNs, cpu, pid, flags | this.#afterLoss, this.#fields);
    this.#afterLoss = 0;
    report.events++;
    report.eventsByOp[op]!++;
  }

  #tellTime(): void {
    const { timing, timeNs } = this.#line;
    const { report } = this;
    const { times } = report;
    if (timing === Timing.None) times.unread++;
    else if (timing === Timing.Ticks) times.inTicks++;
    else {
      if (times.timed++ === 0) times.firstNs = timeNs;
      else if (timeNs < this.#timeNs) times.back++;
      times.sumNs += timeNs;
      // Text of several CPUs may lie one after the other.
      report.firstTimeNs = Math.min(report.firstTimeNs ?? timeNs, timeNs);
      report.lastTimeNs = Math.max(report.lastTimeNs ?? timeNs, timeNs);
    }
    if (timing !== Timing.None) this.#timeNs = timeNs;
  }

  /** Keeps the state of the pages. @returns EVENT_FLAG_REPEAT for the second line about one free */
  #follow(op: number, pfn: number, order: number): number {
    const { audit } = this.report;
    const before = this.#pages.get(pfn);
    if (op === L.EVENT_ALLOC) {
      if (before === PAGE_ALLOCATED) audit.doubleAllocations++;
      this.#pages.set(pfn, order, PAGE_ALLOCATED);
      return 0;
    }
    // free_pages_prepare() traces every page as mm_page_free; the list path then traces it again as batched.
    const other = op === L.EVENT_FREE ? PAGE_FREED_BATCHED : PAGE_FREED;
    if (before === other) {
      this.report.repeatedFrees++;
      this.#pages.set(pfn, order, PAGE_FREED);
      return L.EVENT_FLAG_REPEAT;
    }
    if (before === PAGE_UNSEEN) audit.freesWithoutAllocation++;
    else if (before !== PAGE_ALLOCATED) audit.doubleFrees++;
    this.#pages.set(pfn, order, op === L.EVENT_FREE ? PAGE_FREED : PAGE_FREED_BATCHED);
    return 0;
  }
}

/** Latin-1: a byte a character, whatever the trace holds. */
const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, Math.min(end, start + TOLD_BYTES)));
