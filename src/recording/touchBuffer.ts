import { TOUCH_BYTES, TOUCH_LOADS, TOUCH_PFN, TOUCH_STORES } from "../../assembly/layout/touch.ts";
import { InputError } from "../errors.ts";

const PIECE_RECORDS = 65_536;
/** 1.5 GiB of records; longer runs belong to a recording of fewer operations. */
const MAX_PIECES = 2048;

/** Keeps touches as 12-byte records, in pieces so that a long run is never copied. */
export class TouchBuffer {
  readonly #pieces: Uint8Array[] = [];
  #view = new DataView(new ArrayBuffer(0));
  #at = 0;

  /** Counts beyond 255 are stored as 255, as recordings do. */
  readonly add = (pfn: number, loads: number, stores: number): void => {
    if (this.#at === this.#view.byteLength) this.#grow();
    this.#view.setUint32(this.#at + TOUCH_PFN, pfn, true);
    this.#view.setUint8(this.#at + TOUCH_LOADS, Math.min(loads, 255));
    this.#view.setUint8(this.#at + TOUCH_STORES, Math.min(stores, 255));
    this.#at += TOUCH_BYTES;
  };

  #grow(): void {
    if (this.#pieces.length === MAX_PIECES)
      throw new InputError({
        what: `the operations and events touch struct pages more than ${MAX_PIECES * PIECE_RECORDS} times`,
        expected: "fewer pages, repeats or events, or no recorded touches, without which none is kept",
      });
    const piece = new Uint8Array(PIECE_RECORDS * TOUCH_BYTES);
    this.#pieces.push(piece);
    this.#view = new DataView(piece.buffer);
    this.#at = 0;
  }

  pieces(): readonly Uint8Array[] {
    return this.#pieces.map((piece, i) => (i === this.#pieces.length - 1 ? piece.subarray(0, this.#at) : piece));
  }
}
