import { FieldReader } from "./fieldReader.ts";
import { SPACE, TAB } from "./lineCursor.ts";
import { COLON, kinds, LineParts, TIME_END } from "./lineParts.ts";
import { hashText } from "./nameTable.ts";
import type { Slot } from "./traceEvents.ts";
import { Form, LineKind } from "./traceForms.ts";

const ALLOC_LETTER = hashText("mm_page_alloc");
const FREE_LETTER = hashText("mm_page_free");

/**
 * Takes one line of text apart, byte by byte, without making a string of it.
 *
 * Anchors, because a command name may hold anything, even blanks and brackets: perf, ftrace and trace-cmd lines are
 * read from ` [cpu] ` to the right, bpftrace lines from the first word that is the name of an event.
 */
export class TraceLine extends LineParts {
  readonly fields = new FieldReader();
  value(slot: Slot): number {
    return this.fields.values[slot]!;
  }

  parse(line: Uint8Array, start: number, end: number): LineKind {
    this.line = line;
    this.end = end;
    this.pid = -1;
    this.cpu = -1;
    const first = line[start]!;
    if (first >= 0x30 && first <= 0x39) {
      const kind = this.#parseBpftrace(start);
      if (kind !== LineKind.NoEvent) return kind;
    }
    for (let at = start; at < end; at++) {
      if (line[at] !== 0x5b || (at > start && line[at - 1] !== SPACE && line[at - 1] !== TAB)) continue;
      const kind = this.#parseFromCpu(start, at);
      if (kind !== LineKind.NoEvent) return kind;
    }
    const kind = this.#parseFunctionGraph(start);
    return kind === LineKind.NoEvent ? this.#parseWithoutCpu(start) : kind;
  }

  /** `comm pid time: system:event: fields`, or without time: perf script whose -F leaves columns out. */
  #parseWithoutCpu(start: number): LineKind {
    this.at = start;
    let hasTime = false;
    for (;;) {
      this.skipBlanks();
      const token = this.at;
      if (token >= this.end) return LineKind.NoEvent;
      if (this.time()) {
        hasTime = true;
        this.pidBefore(start, token);
        continue;
      }
      this.at = token;
      if (this.digits(20) >= 0) {
        this.skipWord();
        continue;
      }
      const known = this.eventName();
      if (known === LineKind.Event && this.line[this.at - 1] === COLON) {
        this.form = Form.Perf;
        if (!hasTime) this.pidBefore(start, token);
        return this.#readFields();
      }
      if (known === LineKind.OtherEvent && hasTime) return known;
      this.at = token;
      this.skipWord();
    }
  }

  /** `comm pid [cpu] flags time: system:event: fields`, with `bracket` at the `[`. */
  #parseFromCpu(start: number, bracket: number): LineKind {
    const line = this.line;
    this.at = bracket + 1;
    const cpu = this.digits(5);
    if (cpu < 0 || line[this.at] !== 0x5d) return LineKind.NoEvent;
    this.at++;
    this.skipBlanks();
    this.form = Form.TraceCmd;
    let token = this.at;
    if (!this.time()) {
      // Latency flags stand between, or there is no time at all.
      this.at = token;
      this.skipWord();
      if (line[this.at - 1] === COLON) {
        this.at = token;
      } else {
        this.form = Form.Ftrace;
        this.skipBlanks();
        token = this.at;
        if (!this.time()) this.at = token;
      }
    }
    this.skipBlanks();
    const known = this.eventName();
    if (known === LineKind.NoEvent) return known;
    this.cpu = cpu;
    this.pidBefore(start, bracket);
    return known === LineKind.Event ? this.#readFields() : known;
  }

  /** `nsecs comm pid cpu event key=value...` or `nsecs A|F pfn order...`. */
  #parseBpftrace(start: number): LineKind {
    const line = this.line;
    this.at = start;
    const time = this.digits(20);
    if (time < 0 || time >= TIME_END || line[this.at] !== SPACE) return LineKind.NoEvent;
    this.skipBlanks();
    const first = this.at;
    let isOther = false;
    let [before, last] = [-1, -1];
    while (this.at < this.end) {
      const token = this.at;
      const number = this.digits(10);
      if (number >= 0 && (this.at === this.end || line[this.at] === SPACE)) {
        [before, last] = [last, number];
      } else {
        this.at = token;
        const known = this.eventName();
        if (known === LineKind.Event) {
          this.form = Form.Bpftrace;
          this.timeNs = time;
          this.pid = before >= 0 ? before : last;
          this.cpu = before >= 0 ? last : -1;
          return this.#readFields();
        }
        isOther ||= before >= 0;
        this.at = token;
        this.skipWord();
        [before, last] = [-1, -1];
      }
      this.skipBlanks();
    }
    // Only now the short form: a process of the long form may be called A.
    const kind = this.#parseShort(first, time);
    return kind === LineKind.NoEvent && isOther ? LineKind.OtherEvent : kind;
  }

  #parseShort(at: number, time: number): LineKind {
    const letter = this.line[at];
    const isAlloc = letter === 0x41;
    if ((!isAlloc && letter !== 0x46) || this.line[at + 1] !== SPACE) return LineKind.NoEvent;
    this.kind = kinds.get(isAlloc ? ALLOC_LETTER : FREE_LETTER)!;
    this.form = Form.BpftraceShort;
    this.timeNs = time;
    return this.fields.readPositional(this.line, at + 2, this.end, isAlloc) ? LineKind.Event : LineKind.Malformed;
  }

  /** `24)  |  /* event: fields *` + `/`, with `seconds |` in front if funcgraph-abstime is on; no pid. */
  #parseFunctionGraph(start: number): LineKind {
    const line = this.line;
    this.at = start;
    this.skipBlanks();
    let cpu = this.digits(12);
    if (cpu >= 0 && line[this.at] === 0x2e) {
      const seconds = cpu;
      this.at++;
      const fraction = this.fractionNs();
      this.skipBlanks();
      if (fraction < 0 || line[this.at] !== 0x7c) return LineKind.NoEvent;
      this.at++;
      this.skipBlanks();
      this.timeNs = seconds * 1e9 + fraction;
      cpu = this.digits(5);
    }
    if (cpu < 0 || line[this.at] !== 0x29) return LineKind.NoEvent;
    const open = line.indexOf(0x2a, this.at);
    if (open < 0 || open >= this.end || line[open - 1] !== 0x2f) return LineKind.OtherEvent;
    this.at = open + 1;
    this.skipBlanks();
    const known = this.eventName();
    if (known !== LineKind.Event) return LineKind.OtherEvent;
    this.form = Form.FunctionGraph;
    this.cpu = cpu;
    return this.#readFields();
  }

  #readFields(): LineKind {
    return this.fields.read(this.line, this.at, this.end, this.kind.required) ? LineKind.Event : LineKind.Malformed;
  }
}
