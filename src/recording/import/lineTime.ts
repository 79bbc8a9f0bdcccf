import { COLON, LineCursor, NO_BYTE, SPACE } from "./lineCursor.ts";

/** Nanoseconds or ticks are 64 bits wide. */
export const TIME_END = 2 ** 64;
const DAY_NS = 86_400e9;
const POINT = 0x2e;
const DASH = 0x2d;

/** What a line says of its time. */
export const enum Timing {
  /** Nothing that can be read. */
  None,
  Ns,
  /** Of a clock without unit: trace_clock counter or x86-tsc. */
  Ticks,
}

/** The forms of time that recorders print. Each reader moves past what it takes, or says false and stays or not. */
export class LineTime extends LineCursor {
  timing = Timing.None;
  /** Of no meaning when `timing` is None. */
  timeNs = 0;
  #firstDay: number | undefined;
  #daysPassed = 0;
  #lastOfDayNs = 0;

  /** `seconds.fraction:` or `ticks:`, in front of a blank. */
  protected time(): boolean {
    const seconds = this.digits(20);
    if (seconds < 0) return false;
    let ns = seconds;
    let timing = Timing.Ticks;
    if (this.byte === POINT) {
      this.at++;
      const fraction = this.fractionNs();
      if (fraction < 0) return false;
      ns = seconds * 1e9 + fraction;
      timing = Timing.Ns;
    }
    return this.#colon() && this.told(ns, timing);
  }

  /** `seconds.fraction` where no colon follows. */
  protected seconds(): boolean {
    const seconds = this.digits(20);
    if (seconds < 0 || this.byte !== POINT) return false;
    this.at++;
    const fraction = this.fractionNs();
    return fraction >= 0 && this.told(seconds * 1e9 + fraction, Timing.Ns);
  }

  /** `1234us :`, `1234us+:`, `1234us#:`: the latency format. */
  protected microseconds(): boolean {
    const us = this.digits(15);
    if (us < 0 || !this.skipText("us")) return false;
    // A mark of how long it took, or a blank.
    if (this.byte !== COLON && this.byte !== NO_BYTE) this.at++;
    return this.#colon() && this.told(us * 1e3, Timing.Ns);
  }

  /** `1.234ms (+0.006ms):`, the latency format with the option verbose. */
  protected verboseMilliseconds(): boolean {
    if (!this.milliseconds() || !this.skipText("ms (+")) return false;
    return this.digits(15) >= 0 && this.skipText(".") && this.digits(3) >= 0 && this.skipText("ms)") && this.#colon();
  }

  /** `12.345`: milliseconds with three digits of microseconds. */
  protected milliseconds(): boolean {
    const ms = this.digits(12);
    if (ms < 0 || this.byte !== POINT) return false;
    const start = ++this.at;
    const us = this.digits(3);
    return us >= 0 && this.at - start === 3 && this.told(ms * 1e6 + us * 1e3, Timing.Ns);
  }

  /**
   * `2024-05-05 12:00:00.123456` or `12:00:00.123456789`, of a clock on the wall: from midnight of the first day on, so
   * that a double keeps the nanoseconds. Without a date a step back of half a day is midnight.
   */
  protected timeOfDay(): boolean {
    const day = this.#date();
    const [hours, minutes, seconds] = [this.#two(COLON), this.#two(COLON), this.#two(POINT)];
    const fraction = hours < 0 || minutes < 0 || seconds < 0 ? -1 : this.fractionNs();
    if (fraction < 0) return false;
    const ofDayNs = ((hours * 60 + minutes) * 60 + seconds) * 1e9 + fraction;
    if (day !== undefined) {
      this.#firstDay ??= day;
      return this.told((day - this.#firstDay) * DAY_NS + ofDayNs, Timing.Ns);
    }
    if (ofDayNs < this.#lastOfDayNs - DAY_NS / 2) this.#daysPassed++;
    this.#lastOfDayNs = ofDayNs;
    return this.told(this.#daysPassed * DAY_NS + ofDayNs, Timing.Ns);
  }

  /** `YYYY-MM-DD ` as a number of days; undefined, and no step, when it is none. */
  #date(): number | undefined {
    const { at } = this;
    const year = this.digits(4);
    const isYear = this.at - at === 4 && this.skipText("-");
    const month = isYear ? this.#two(DASH) : -1;
    const day = month < 0 ? -1 : this.#two(SPACE);
    if (day >= 0) return Date.UTC(year, month - 1, day) / 86_400e3;
    this.at = at;
    return undefined;
  }

  /** Two digits and what ends them, or -1. */
  #two(ending: number): number {
    const { at } = this;
    const number = this.digits(2);
    if (number < 0 || this.at - at !== 2 || this.byte !== ending) return -1;
    this.at++;
    return number;
  }

  #colon(): boolean {
    if (this.byte !== COLON) return false;
    return this.isLastOfWord(this.at++);
  }

  /** @returns false for a time that 64 bits do not hold */
  protected told(ns: number, timing: Timing): boolean {
    if (!(ns >= 0 && ns < TIME_END)) return false;
    this.timeNs = ns;
    this.timing = timing;
    return true;
  }
}
