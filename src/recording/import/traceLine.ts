import { FurtherForms } from "./furtherForms.ts";
import { COLON, SPACE, TAB } from "./lineCursor.ts";
import { kinds } from "./lineParts.ts";
import { TIME_END, Timing } from "./lineTime.ts";
import { hashText } from "./nameTable.ts";
import { Form, LineKind } from "./traceForms.ts";

const ALLOC_LETTER = hashText("mm_page_alloc");
const FREE_LETTER = hashText("mm_page_free");
const OPEN_BRACKET = 0x5b;
/** Between ` [cpu] ` and the name of the event: flags, a date, two times, a difference, a period. */
const MAX_COLUMNS = 6;

/**
 * Takes one line of text apart, byte by byte, without making a string of it.
 *
 * Anchors, because a command name may hold anything, even blanks and brackets: perf, ftrace and trace-cmd lines are
 * read from ` [cpu] ` to the right, bpftrace lines from the first word that is the name of an event.
 */
export class TraceLine extends FurtherForms {
  parse(line: Uint8Array, start: number, end: number): LineKind {
    this.line = line;
    this.start = start;
    this.end = end;
    this.begin();
    const first = line[start]!;
    if (first >= 0x30 && first <= 0x39) {
      const kind = this.#parseBpftrace();
      if (kind !== LineKind.NoEvent) return kind;
    }
    for (let at = start; at < end; at++) {
      if (line[at] !== OPEN_BRACKET || (at > start && line[at - 1] !== SPACE && line[at - 1] !== TAB)) continue;
      const kind = this.#parseFromCpu(at);
      if (kind !== LineKind.NoEvent) return kind;
    }
    if (first === OPEN_BRACKET) {
      const kind = this.parseLttng();
      if (kind !== LineKind.NoEvent) return kind;
    }
    const graph = this.parseFunctionGraph();
    if (graph !== LineKind.NoEvent) return graph;
    const call = this.parsePerfTrace();
    return call === LineKind.NoEvent ? this.#parseWithoutCpu() : call;
  }

  /**
   * `comm pid time: system:event: fields`, or without time: perf script whose -F leaves columns out; and the latency
   * format of ftrace, where flags stand between.
   */
  #parseWithoutCpu(): LineKind {
    this.begin();
    let bracket = -1;
    for (;;) {
      this.skipBlanks();
      const token = this.at;
      if (token >= this.end) return LineKind.NoEvent;
      if (this.#anyTime(token)) {
        const { at } = this;
        if (bracket >= 0) this.columnsBefore(bracket);
        else if (!this.cpuAndFlagsBefore(token)) this.pidBefore(this.start, token);
        this.at = at;
        continue;
      }
      this.at = token;
      if (this.digits(20) >= 0) {
        this.skipWord();
        continue;
      }
      const known = this.eventName();
      if (known === LineKind.Event && this.line[this.at - 1] === COLON) {
        if (this.timing === Timing.None) {
          this.form = Form.Perf;
          this.pidBefore(this.start, token);
        } else if (this.form !== Form.Latency) this.form = Form.Perf;
        return this.readFields();
      }
      if (known === LineKind.OtherEvent && this.timing !== Timing.None) return known;
      bracket = this.line[token] === OPEN_BRACKET ? token : -1;
      this.at = token;
      this.skipWord();
    }
  }

  #anyTime(token: number): boolean {
    const { timing, timeNs, byte } = this;
    if (byte < 0x30 || byte > 0x39) return false;
    if (this.time()) return true;
    this.at = token;
    if (this.microseconds()) return true;
    this.at = token;
    if (this.verboseMilliseconds()) return true;
    this.at = token;
    if (this.timeOfDay()) return true;
    this.timing = timing;
    this.timeNs = timeNs;
    return false;
  }

  /** `comm pid [cpu] flags time: system:event: fields`, with `bracket` at the `[`. */
  #parseFromCpu(bracket: number): LineKind {
    const { line } = this;
    this.begin();
    this.at = bracket + 1;
    const cpu = this.digits(5);
    if (cpu < 0 || !this.skipText("]")) return LineKind.NoEvent;
    this.form = Form.TraceCmd;
    for (let column = 0; column < MAX_COLUMNS; column++) {
      this.skipBlanks();
      const token = this.at;
      // A second bracket: the first was part of a command's name.
      if (token >= this.end || line[token] === OPEN_BRACKET) return LineKind.NoEvent;
      if (this.#timeColumn(token)) continue;
      const known = this.eventName();
      const isName = known === LineKind.Event || (known === LineKind.OtherEvent && this.isNameStart(token));
      if (isName) {
        this.cpu = cpu;
        this.pidBefore(this.start, bracket);
        return known === LineKind.Event ? this.readFields() : known;
      }
      if (column > 0 && this.isNameStart(token)) return LineKind.NoEvent;
      this.at = token;
      this.skipWord();
      if (column === 0) this.form = Form.Ftrace;
    }
    return LineKind.NoEvent;
  }

  /** A time of the recorder's clock is preferred to one of the day, which stands in front of it. */
  #timeColumn(token: number): boolean {
    if (this.time()) return true;
    this.at = token;
    if (this.timeOfDay()) return true;
    this.at = token;
    return false;
  }

  /** `nsecs comm pid cpu event key=value...` or `nsecs A|F pfn order...`. */
  #parseBpftrace(): LineKind {
    const time = this.digits(20);
    if (time < 0 || time >= TIME_END || this.byte !== SPACE) return LineKind.NoEvent;
    this.skipBlanks();
    const first = this.at;
    let isOther = false;
    let [before, last] = [-1, -1];
    while (this.at < this.end) {
      const token = this.at;
      const number = this.digits(10);
      if (number >= 0 && (this.at === this.end || this.byte === SPACE)) {
        [before, last] = [last, number];
      } else {
        this.at = token;
        const known = this.eventName();
        if (known === LineKind.Event) {
          this.form = Form.Bpftrace;
          this.told(time, Timing.Ns);
          this.pid = before >= 0 ? before : last;
          this.cpu = before >= 0 ? last : -1;
          return this.readFields();
        }
        isOther ||= before >= 0;
        this.at = token;
        this.skipWord();
        [before, last] = [-1, -1];
      }
      this.skipBlanks();
    }
    // Only now the short form: a process of the long form may be called A.
    this.at = first;
    const kind = this.#parseShort(time);
    return kind === LineKind.NoEvent && isOther ? LineKind.OtherEvent : kind;
  }

  #parseShort(time: number): LineKind {
    const isAlloc = this.skipText("A ");
    if (!isAlloc && !this.skipText("F ")) return LineKind.NoEvent;
    this.kind = kinds.get(isAlloc ? ALLOC_LETTER : FREE_LETTER)!;
    this.form = Form.BpftraceShort;
    this.told(time, Timing.Ns);
    return this.fields.readPositional(this.line, this.at, this.end, isAlloc) ? LineKind.Event : LineKind.Malformed;
  }
}
