import { COLON } from "./lineCursor.ts";
import { kinds, LineParts } from "./lineParts.ts";
import { Timing } from "./lineTime.ts";
import { Slot } from "./traceEvents.ts";
import { Form, LineKind } from "./traceForms.ts";

const OPEN = 0x28;
const LTTNG_SYSTEM = "kmem_";

/** Lines without ` [cpu] ` whose columns differ from those of perf script: each reader says NoEvent when it is not its own. */
export class FurtherForms extends LineParts {
  /** `24)  |  /* event: fields *` + `/`, with `seconds |` in front if funcgraph-abstime is on; no pid. */
  protected parseFunctionGraph(): LineKind {
    this.begin();
    this.skipBlanks();
    const { at } = this;
    if (this.seconds()) {
      this.skipBlanks();
      if (!this.skipText("|")) return LineKind.NoEvent;
      this.skipBlanks();
    } else this.at = at;
    const cpu = this.digits(5);
    if (cpu < 0 || !this.skipText(")")) return LineKind.NoEvent;
    while (this.at < this.end && !this.skipText("/*")) this.at++;
    if (this.at >= this.end) return LineKind.OtherEvent;
    this.skipBlanks();
    if (this.eventName() !== LineKind.Event) return LineKind.OtherEvent;
    this.form = Form.FunctionGraph;
    this.cpu = cpu;
    return this.readFields();
  }

  /**
   * `ms (duration): comm/tid system:event:fields)` or `ms comm/tid system:event(key: value, ...)`. The second form
   * leaves out what is 0 (tools/perf/builtin-trace.c, trace__fprintf_tp_fields()).
   */
  protected parsePerfTrace(): LineKind {
    this.begin();
    this.skipBlanks();
    if (!this.milliseconds() || !this.isAtBlank) return LineKind.NoEvent;
    this.skipBlanks();
    const isOfCall = this.byte === OPEN;
    if (isOfCall) {
      while (this.at < this.end && !this.skipText("):")) this.at++;
      this.skipBlanks();
    }
    let isOther = false;
    for (let before = -1; this.at < this.end; this.skipBlanks()) {
      const word = this.at;
      if (this.#systemEvent()) {
        if (before >= 0) this.pidBefore(before, word);
        this.form = Form.PerfTrace;
        const isZeroLeftOut = this.line[this.at - 1] === OPEN;
        const { required } = this.kind;
        const isRead = this.fields.readLoose(this.line, this.at, this.end, required, isZeroLeftOut);
        return isRead ? LineKind.Event : LineKind.Malformed;
      }
      this.at = word;
      isOther ||= before >= 0 && this.#isCall();
      this.at = word;
      this.skipWord();
      before = word;
    }
    return isOther ? LineKind.OtherEvent : LineKind.NoEvent;
  }

  /** `system:event:` or `system:event(` of an event that is known, at the start of a word. */
  #systemEvent(): boolean {
    let hash = 0;
    let nrColons = 0;
    for (; this.at < this.end && !this.isAtBlank; this.at++) {
      const byte = this.line[this.at]!;
      if (byte === OPEN || (byte === COLON && nrColons > 0)) {
        const kind = nrColons === 0 ? undefined : kinds.get(hash);
        if (kind === undefined) return false;
        this.kind = kind;
        this.at++;
        return true;
      }
      nrColons += byte === COLON ? 1 : 0;
      hash = byte === COLON ? 0 : (Math.imul(hash, 31) + byte) | 0;
    }
    return false;
  }

  /** `read(fd: 3, ...`. */
  #isCall(): boolean {
    while (this.at < this.end && !this.isAtBlank) if (this.line[this.at++] === OPEN) return true;
    return false;
  }

  /** `[12:00:00.123456789] (+0.000000001) host kmem_event: { cpu_id = 1 }, { key = value, ... }`. */
  protected parseLttng(): LineKind {
    this.begin();
    if (!this.skipText("[")) return LineKind.NoEvent;
    const { at } = this;
    if (!this.timeOfDay()) {
      this.at = at;
      if (!this.seconds()) return LineKind.NoEvent;
    }
    if (!this.skipText("]")) return LineKind.NoEvent;
    for (; this.at < this.end; this.skipWord()) {
      this.skipBlanks();
      const word = this.at;
      const isKmem = this.skipText(LTTNG_SYSTEM);
      const known = this.eventName();
      if (known === LineKind.Event && isKmem) return this.#lttngFields();
      this.at = word;
      // Names end in a colon, which stands behind nothing else in front of the first bracket.
      if (known === LineKind.OtherEvent) return known;
    }
    return LineKind.NoEvent;
  }

  #lttngFields(): LineKind {
    this.form = Form.Lttng;
    if (!this.fields.readLoose(this.line, this.at, this.end, this.kind.required, false)) return LineKind.Malformed;
    this.cpu = this.value(Slot.Cpu);
    this.pid = this.value(Slot.Tid);
    return LineKind.Event;
  }

  /** Forgets what an attempt to read the line in another form has found. */
  protected begin(): void {
    this.at = this.start;
    this.timing = Timing.None;
    this.pid = -1;
    this.cpu = -1;
  }

  /**
   * `comm-pid  1d..1.` left of a time: the latency format joins the number of the CPU and the flags (kernel/trace/
   * trace_output.c, lat_print_generic(); trace-cmd report -l as well).
   */
  protected cpuAndFlagsBefore(time: number): boolean {
    const wordEnd = this.blanksBefore(this.start, time);
    const word = this.wordBefore(this.start, wordEnd);
    this.at = word;
    const cpu = this.digits(5);
    const nrFlags = wordEnd - this.at;
    if (cpu < 0 || nrFlags < 3 || nrFlags > 8 || !isFlag(this.line[this.at]!)) return false;
    this.form = Form.Latency;
    this.cpu = cpu;
    this.pidBefore(this.start, word);
    this.form = Form.Latency;
    return true;
  }

  /** `comm pid cpu flags preempt index` left of `[time]`: the latency format with the option verbose. */
  protected columnsBefore(bracket: number): void {
    let at = bracket;
    for (let column = 0; column < 4; column++) at = this.wordBefore(this.start, this.blanksBefore(this.start, at));
    this.at = at;
    this.cpu = this.digits(5);
    this.pidBefore(this.start, at);
    this.form = Form.Latency;
  }

  /** The start of a word that can be a name: what else stands in front of one is a number or in brackets. */
  protected isNameStart(at: number): boolean {
    const byte = this.line[at]! | 0x20;
    return (byte >= 0x61 && byte <= 0x7a) || this.line[at] === 0x5f;
  }
}

/** irqs-off of trace_print_lat_fmt(): `d`, `D`, `b`, `X` or a point. */
const isFlag = (byte: number): boolean =>
  byte === 0x2e || byte === 0x64 || byte === 0x44 || byte === 0x62 || byte === 0x58;
