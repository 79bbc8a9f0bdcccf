import { LineCursor, SPACE, TAB } from "./lineCursor.ts";
import { NameTable } from "./nameTable.ts";
import { EVENT_KINDS, type TraceEventKind } from "./traceEvents.ts";
import { Form, LineKind } from "./traceForms.ts";

export const COLON = 0x3a;
/** Nanoseconds or ticks are 64 bits wide. */
export const TIME_END = 2 ** 64;
export const kinds = new NameTable<TraceEventKind>(Object.entries(EVENT_KINDS));

/** The parts that lines of every form have: a time, the thread's id, the name of the event. */
export class LineParts extends LineCursor {
  form = Form.Perf;
  kind: TraceEventKind = EVENT_KINDS["mm_page_alloc"]!;
  pid = -1;
  cpu = -1;
  /** Undefined times stay at that of the line before. */
  timeNs = 0;
  /** Where the name of the event begins that made the line an OtherEvent. */
  nameAt = 0;

  /** Reads `system:event:` or `event:`; a word of digits before it (perf's period) is passed over. */
  protected eventName(): LineKind {
    const line = this.line;
    let start = this.at;
    if (this.digits(20) >= 0 && line[this.at] === SPACE) {
      this.skipBlanks();
      start = this.at;
    }
    let hash = 0;
    let system = false;
    let at = start;
    for (; at < this.end; at++) {
      const byte = line[at]!;
      if (byte === SPACE || byte === TAB) break;
      if (byte === COLON) {
        const next = at + 1 < this.end ? line[at + 1]! : SPACE;
        if (next === SPACE || next === TAB) break;
        hash = 0;
        system = true;
      } else {
        hash = (Math.imul(hash, 31) + byte) | 0;
      }
    }
    if (at === start) return LineKind.NoEvent;
    const colon = at < this.end && line[at] === COLON;
    this.at = colon ? at + 1 : at;
    this.nameAt = start;
    const kind = kinds.get(hash);
    if (kind === undefined) return colon ? LineKind.OtherEvent : LineKind.NoEvent;
    this.kind = kind;
    if (system) this.form = Form.Perf;
    return LineKind.Event;
  }

  /** `seconds.fraction:` or `ticks:`; false when the word is neither. */
  protected time(): boolean {
    const seconds = this.digits(20);
    if (seconds < 0) return false;
    const line = this.line;
    let ns = seconds;
    if (line[this.at] === 0x2e) {
      this.at++;
      const fraction = this.fractionNs();
      if (fraction < 0) return false;
      ns = seconds * 1e9 + fraction;
    }
    if (ns >= TIME_END || this.at >= this.end || line[this.at] !== COLON) return false;
    this.at++;
    this.timeNs = ns;
    return true;
  }

  /** The thread's id left of `bracket`: `comm-pid`, `comm pid`, `pid/tid`, with `(tgid)` between or not. */
  protected pidBefore(start: number, bracket: number): void {
    const line = this.line;
    let at = bracket - 1;
    const skip = (): void => {
      while (at >= start && line[at] === SPACE) at--;
    };
    skip();
    if (line[at] === 0x29) {
      while (at >= start && line[at] !== 0x28) at--;
      at--;
      skip();
    }
    const first = this.digitsEndingAt(start, at);
    if (first > at || at - first > 9) return;
    let pid = 0;
    for (let i = first; i <= at; i++) pid = pid * 10 + line[i]! - 0x30;
    this.pid = pid;
    if (first > start && line[first - 1] !== 0x2d) this.form = Form.Perf;
  }
}
