import { FieldReader } from "./fieldReader.ts";
import { COLON, SPACE } from "./lineCursor.ts";
import { LineTime } from "./lineTime.ts";
import { NameTable } from "./nameTable.ts";
import { EVENT_KINDS, type Slot, type TraceEventKind } from "./traceEvents.ts";
import { Form, LineKind } from "./traceForms.ts";

export const kinds = new NameTable<TraceEventKind>(Object.entries(EVENT_KINDS));

/** The parts that lines of every form have: a time, the thread's id, the name of the event, its fields. */
export class LineParts extends LineTime {
  form = Form.Perf;
  kind: TraceEventKind = EVENT_KINDS["mm_page_alloc"]!;
  pid = -1;
  cpu = -1;
  /** Where the name of the event begins that made the line an OtherEvent. */
  nameAt = 0;
  readonly fields = new FieldReader();

  value(slot: Slot): number {
    return this.fields.values[slot]!;
  }

  /** Reads `system:event:` or `event:`; a word of digits before it (perf's period) is passed over. */
  protected eventName(): LineKind {
    const line = this.line;
    let start = this.at;
    if (this.digits(20) >= 0 && this.byte === SPACE) {
      this.skipBlanks();
      start = this.at;
    }
    let hash = 0;
    let system = false;
    this.at = start;
    for (; this.at < this.end && !this.isAtBlank; this.at++) {
      const byte = line[this.at]!;
      if (byte !== COLON) hash = (Math.imul(hash, 31) + byte) | 0;
      else if (this.isLastOfWord(this.at)) break;
      else {
        hash = 0;
        system = true;
      }
    }
    if (this.at === start) return LineKind.NoEvent;
    const colon = this.byte === COLON;
    if (colon) this.at++;
    this.nameAt = start;
    const kind = kinds.get(hash);
    if (kind === undefined) return colon ? LineKind.OtherEvent : LineKind.NoEvent;
    this.kind = kind;
    if (system) this.form = Form.Perf;
    return LineKind.Event;
  }

  protected readFields(): LineKind {
    return this.fields.read(this.line, this.at, this.end, this.kind.required) ? LineKind.Event : LineKind.Malformed;
  }

  /** The thread's id left of `bracket`: `comm-pid`, `comm pid`, `pid/tid`, with `(tgid)` between or not. */
  protected pidBefore(start: number, bracket: number): void {
    const line = this.line;
    let at = this.blanksBefore(start, bracket);
    if (at > start && line[at - 1] === 0x29) {
      while (at > start && line[at - 1] !== 0x28) at--;
      at = this.blanksBefore(start, Math.max(start, at - 1));
    }
    const first = this.digitsEndingAt(start, at - 1);
    if (first >= at || at - first > 10) return;
    let pid = 0;
    for (let i = first; i < at; i++) pid = pid * 10 + line[i]! - 0x30;
    this.pid = pid;
    if (first > start && line[first - 1] !== 0x2d) this.form = Form.Perf;
  }
}
