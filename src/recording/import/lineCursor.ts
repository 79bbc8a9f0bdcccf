export const SPACE = 0x20;
export const TAB = 0x09;
export const COLON = 0x3a;
/** What stands behind the last byte of a line: no byte. */
export const NO_BYTE = -1;

/** Nanoseconds in the last digit of a fraction of so many digits. */
const NS_PER_UNIT = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1];

/**
 * A place in a line of bytes, which moves from left to right. The bytes before and behind the line are of no line, or of
 * another: nothing may look at them.
 */
export class LineCursor {
  protected line: Uint8Array = new Uint8Array(0);
  protected at = 0;
  protected start = 0;
  protected end = 0;

  /** The byte at this place, or NO_BYTE. */
  protected get byte(): number {
    return this.at < this.end ? this.line[this.at]! : NO_BYTE;
  }

  protected get isAtBlank(): boolean {
    const { byte } = this;
    return byte === SPACE || byte === TAB;
  }

  /** Passes over these bytes if they are next. */
  protected skipText(text: string): boolean {
    if (this.end - this.at < text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.line[this.at + i] !== text.charCodeAt(i)) return false;
    this.at += text.length;
    return true;
  }

  /** A decimal number of at most `most` digits, or -1. */
  protected digits(most: number): number {
    const line = this.line;
    const start = this.at;
    const end = Math.min(this.end, start + most + 1);
    if (start >= end) return -1;
    // Nine digits fit an integer register; the rest is rare.
    let small = 0;
    let at = start;
    const smallEnd = Math.min(end, start + 9);
    for (; at < smallEnd; at++) {
      const digit = line[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      small = small * 10 + digit;
    }
    let value = small;
    for (; at < end; at++) {
      const digit = line[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at;
    return at === start || at - start > most ? -1 : value;
  }

  /** The digits after the point of a number of seconds, or -1. */
  protected fractionNs(): number {
    const start = this.at;
    const fraction = this.digits(9);
    return fraction < 0 ? -1 : fraction * NS_PER_UNIT[this.at - start]!;
  }

  /** Where the digits that end at `last` begin; `last + 1` when there are none. */
  protected digitsEndingAt(start: number, last: number): number {
    let at = last;
    while (at >= start && this.line[at]! >= 0x30 && this.line[at]! <= 0x39) at--;
    return at + 1;
  }

  /** Where the blanks begin that end before `at`; `at` when there are none. */
  protected blanksBefore(start: number, at: number): number {
    let first = at;
    while (first > start && (this.line[first - 1] === SPACE || this.line[first - 1] === TAB)) first--;
    return first;
  }

  /** Where the word begins that ends before `at`. */
  protected wordBefore(start: number, at: number): number {
    let first = at;
    while (first > start && this.line[first - 1] !== SPACE && this.line[first - 1] !== TAB) first--;
    return first;
  }

  /** Whether a blank follows the byte at `at`, or nothing. */
  protected isLastOfWord(at: number): boolean {
    return at + 1 >= this.end || this.line[at + 1] === SPACE || this.line[at + 1] === TAB;
  }

  protected skipBlanks(): void {
    const line = this.line;
    let at = this.at;
    while (at < this.end && (line[at] === SPACE || line[at] === TAB)) at++;
    this.at = at;
  }

  protected skipWord(): void {
    const line = this.line;
    let at = this.at;
    while (at < this.end && line[at] !== SPACE && line[at] !== TAB) at++;
    this.at = at;
  }
}
