import { GfpMemo } from "./gfpFlags.ts";
import { NameTable } from "./nameTable.ts";
import { SLOT_BY_KEY, Slot, WORD_VALUES } from "./traceEvents.ts";

const SPACE = 0x20;
const slots = new NameTable<Slot>(Object.entries(SLOT_BY_KEY));
const words = new NameTable<number>(Object.entries(WORD_VALUES));

/** Value of each byte as a hex digit, or -1. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) =>
  "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase()),
);

/** Value of a field that the line does not have. */
const ABSENT = -1;
const MAX_FILLED = 16;
/** 2^64 - 1 as a double: `pfn=-1UL` printed raw. */
export const ALL_ONES = 2 ** 64;

/** Reads `key=value` fields by key, whatever their order and whatever else a vendor kernel has put between. */
export class FieldReader {
  /** One number per slot; ABSENT when the line does not have it. */
  readonly values = new Float64Array(Slot.Count).fill(ABSENT);
  /** Slots that the line before has filled. */
  readonly #filled = new Uint8Array(MAX_FILLED);
  #nrFilled = 0;
  readonly #gfp = new GfpMemo();
  #at = 0;

  /** @returns false when a required slot is absent or a number that is needed is none or out of bounds */
  read(line: Uint8Array, start: number, end: number, required: readonly Slot[]): boolean {
    const values = this.values;
    this.#forget();
    let at = start;
    while (at < end) {
      while (at < end && line[at] === SPACE) at++;
      let hash = 0;
      let byte = 0;
      const token = at;
      for (; at < end; at++) {
        byte = line[at]!;
        if (byte === 0x3d || byte === SPACE) break;
        hash = (Math.imul(hash, 31) + byte) | 0;
      }
      const slot = byte === 0x3d || isIno(line, token, at) ? slots.get(hash) : undefined;
      if (slot !== undefined && at < end) {
        this.#at = at + 1;
        if (!this.#readValue(line, end, slot)) return false;
        at = this.#at;
      }
      while (at < end && line[at] !== SPACE) at++;
    }
    for (let i = 0; i < required.length; i++) if (values[required[i]!] === ABSENT) return false;
    return true;
  }

  /**
   * `key: value, key = value` in brackets or not, as perf trace and babeltrace print fields.
   *
   * @param isZeroLeftOut whether a field that is needed and is not there is 0 (but for the page)
   * @returns as `read`
   */
  readLoose(line: Uint8Array, start: number, end: number, required: readonly Slot[], isZeroLeftOut: boolean): boolean {
    this.#forget();
    for (let at = start; at < end; ) {
      while (at < end && !isKeyByte(line[at]!)) at++;
      let hash = 0;
      for (; at < end && isKeyByte(line[at]!); at++) hash = (Math.imul(hash, 31) + line[at]!) | 0;
      let from = at;
      while (from < end && line[from] === SPACE) from++;
      if (from >= end || (line[from] !== 0x3d && line[from] !== 0x3a)) continue;
      for (from++; from < end && line[from] === SPACE; ) from++;
      at = valueEnd(line, from, end);
      const slot = slots.get(hash);
      if (slot === undefined) continue;
      this.#at = from;
      // Flags as a decimal number, which in words would be a hex one.
      const isNumber = slot === Slot.Gfp && from < at && line[from]! >= 0x30 && line[from]! <= 0x39;
      if (!this.#readValue(line, at, isNumber ? Slot.GfpNumber : slot)) return false;
    }
    const { values } = this;
    if (values[Slot.GfpNumber] !== ABSENT) this.#fill(Slot.Gfp, values[Slot.GfpNumber]!);
    if (isZeroLeftOut) {
      const all = required.includes(Slot.Order) ? [...required, Slot.Migratetype] : required;
      for (const slot of all) if (slot !== Slot.Pfn && values[slot] === ABSENT) this.#fill(slot, 0);
    }
    return required.every((slot) => values[slot] !== ABSENT);
  }

  #fill(slot: Slot, value: number): void {
    if (this.#nrFilled < MAX_FILLED) this.#filled[this.#nrFilled++] = slot;
    this.values[slot] = value;
  }

  /** `pfn order [migratetype [gfp]]`, the short form for bpftrace. */
  readPositional(line: Uint8Array, start: number, end: number, isAlloc: boolean): boolean {
    this.#forget();
    this.#at = start;
    const order = isAlloc ? [Slot.Pfn, Slot.Order, Slot.Migratetype, Slot.Gfp] : [Slot.Pfn, Slot.Order];
    for (const slot of order) {
      while (this.#at < end && line[this.#at] === SPACE) this.#at++;
      if (this.#at >= end) return slot !== Slot.Pfn;
      if (!this.#readValue(line, end, slot)) return false;
    }
    return true;
  }

  #forget(): void {
    if (this.#nrFilled >= MAX_FILLED) this.values.fill(ABSENT);
    else for (let i = 0; i < this.#nrFilled; i++) this.values[this.#filled[i]!] = ABSENT;
    this.#nrFilled = 0;
  }

  #readValue(line: Uint8Array, end: number, slot: Slot): boolean {
    const start = this.#at;
    if (this.#nrFilled < MAX_FILLED) this.#filled[this.#nrFilled++] = slot;
    if (slot === Slot.Gfp) {
      let at = start;
      while (at < end && line[at] !== SPACE) at++;
      this.#at = at;
      this.values[slot] = this.#gfp.bitsOf(line, start, at);
      return true;
    }
    if (slot === Slot.StartPfn && start < end && line[start] === 0x28) return this.#readRange(line, start + 1, end);
    const value = slot === Slot.Inode ? this.#hex(line, start, end) : this.#number(line, start, end);
    if (Number.isNaN(value)) {
      const word = this.#word(line, start, end);
      if (word === undefined) return !isNeeded(slot);
      this.values[slot] = word;
      return true;
    }
    this.values[slot] = value;
    return true;
  }

  /** `(0x100 ~ 0x1ff)`. */
  #readRange(line: Uint8Array, start: number, end: number): boolean {
    this.#filled[Math.min(this.#nrFilled++, MAX_FILLED - 1)] = Slot.EndPfn;
    this.values[Slot.StartPfn] = this.#number(line, start, end);
    let at = this.#at;
    while (at < end && (line[at] === SPACE || line[at] === 0x7e)) at++;
    this.values[Slot.EndPfn] = this.#number(line, at, end);
    return !Number.isNaN(this.values[Slot.StartPfn]) && !Number.isNaN(this.values[Slot.EndPfn]);
  }

  /**
   * `0x` is hex, else decimal; letters without `0x` are hex too (a few old events). Ends at a blank, the end of the
   * line, or one of `,)B`. NaN when it is no number, or is longer than 64 bits can be.
   */
  #number(line: Uint8Array, start: number, end: number): number {
    const hasPrefix = start + 1 < end && line[start] === 0x30 && (line[start + 1]! | 0x20) === 0x78;
    if (hasPrefix) return this.#hex(line, start + 2, end);
    // Nine digits fit an integer register; more are rare.
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
    const byte = at < end ? line[at]! : SPACE;
    if (byte === 0x2d && at === start) return this.#negative(line, at + 1, end);
    if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66 && !(byte === 0x42 && isEnd(line, at + 1, end))) {
      return this.#hex(line, start, end);
    }
    this.#at = at;
    const ended = isEnd(line, byte === 0x42 ? at + 1 : at, end);
    return at === start || at - start > 20 || !ended ? Number.NaN : value;
  }

  /** A negative number says "none" or "not yet" in every field that is read here, as an absent one does. */
  #negative(line: Uint8Array, start: number, end: number): number {
    if (start < end && line[start] === 0x2d) return Number.NaN;
    const value = this.#number(line, start, end);
    return Number.isNaN(value) ? value : ABSENT;
  }

  #hex(line: Uint8Array, start: number, end: number): number {
    let small = 0;
    let at = start;
    const smallEnd = Math.min(end, start + 7);
    for (; at < smallEnd; at++) {
      const digit = HEX_DIGITS[line[at]!]!;
      if (digit < 0) break;
      small = (small << 4) | digit;
    }
    let value = small;
    for (; at < end; at++) {
      const digit = HEX_DIGITS[line[at]!]!;
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    this.#at = at;
    return at === start || at - start > 16 || !isEnd(line, at, end) ? Number.NaN : value;
  }

  #word(line: Uint8Array, start: number, end: number): number | undefined {
    let hash = 0;
    let at = start;
    for (; at < end && line[at] !== SPACE; at++) hash = (Math.imul(hash, 31) + line[at]!) | 0;
    this.#at = at;
    return words.get(hash);
  }
}

function isEnd(line: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return true;
  const byte = line[at];
  return byte === SPACE || byte === 0x2c || byte === 0x29 || byte === 0x0d;
}

const isKeyByte = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a);

/** Behind a value, which may be quoted. */
function valueEnd(line: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at < end && line[at] === 0x22) {
    do at++;
    while (at < end && line[at] !== 0x22);
    return at;
  }
  while (at < end && line[at] !== SPACE && line[at] !== 0x2c && line[at] !== 0x29 && line[at] !== 0x7d) at++;
  return at;
}

/** `ino 1f` is the one field that is printed without `=`. */
function isIno(line: Uint8Array, token: number, at: number): boolean {
  return at - token === 3 && line[token] === 0x69 && line[token + 1] === 0x6e && line[token + 2] === 0x6f;
}

/** A value that is no number makes these lines garbage; in other fields it is as good as absent (new words). */
const isNeeded = (slot: Slot): boolean => slot === Slot.Pfn || slot === Slot.Order || slot === Slot.Migratetype;
