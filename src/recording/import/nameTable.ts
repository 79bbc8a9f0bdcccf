/** The hash that the parsers compute while they pass over the bytes of a name. */
export function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

const SLOTS = 1024;

/** Names known by their 32-bit hash alone: a word of a trace is one of a few dozen, or of no interest. */
export class NameTable<Value> {
  readonly #hashes = new Int32Array(SLOTS);
  readonly #values: (Value | undefined)[] = new Array<Value | undefined>(SLOTS).fill(undefined);

  constructor(entries: readonly (readonly [string, Value])[]) {
    for (const [name, value] of entries) {
      const hash = hashText(name);
      let slot = hash & (SLOTS - 1);
      while (this.#values[slot] !== undefined) {
        if (this.#hashes[slot] === hash) throw new RangeError(`the name ${name} has the hash of another`);
        slot = (slot + 1) & (SLOTS - 1);
      }
      this.#hashes[slot] = hash;
      this.#values[slot] = value;
    }
  }

  get(hash: number): Value | undefined {
    let slot = hash & (SLOTS - 1);
    for (;;) {
      const value = this.#values[slot];
      if (value === undefined || this.#hashes[slot] === hash) return value;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }
}
