// gfp bits as include/linux/gfp_types.h of 6.12 numbers them (6.1 to 6.18 agree on bits 0 to 22, except that bit 9,
// __GFP_ATOMIC, went away in 6.3). A bare number in a trace is taken as it is.
const DMA = 1 << 0;
const HIGHMEM = 1 << 1;
const DMA32 = 1 << 2;
const MOVABLE = 1 << 3;
const RECLAIMABLE = 1 << 4;
const HIGH = 1 << 5;
const IO = 1 << 6;
const FS = 1 << 7;
const ZERO = 1 << 8;
const DIRECT_RECLAIM = 1 << 10;
const KSWAPD_RECLAIM = 1 << 11;
const WRITE = 1 << 12;
const NOWARN = 1 << 13;
const RETRY_MAYFAIL = 1 << 14;
const NOFAIL = 1 << 15;
const NORETRY = 1 << 16;
const MEMALLOC = 1 << 17;
const COMP = 1 << 18;
const NOMEMALLOC = 1 << 19;
const HARDWALL = 1 << 20;
const THISNODE = 1 << 21;
const ACCOUNT = 1 << 22;
const RECLAIM = DIRECT_RECLAIM | KSWAPD_RECLAIM;
const KERNEL = RECLAIM | IO | FS;
const USER = KERNEL | HARDWALL;
const HIGHUSER_MOVABLE = USER | HIGHMEM | MOVABLE;
const TRANSHUGE_LIGHT = (HIGHUSER_MOVABLE | COMP | NOMEMALLOC | NOWARN) & ~RECLAIM;

/** Single flags and the combinations that the kernel's print format shortens to one name. */
const BITS_BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries({
    GFP_ATOMIC: HIGH | KSWAPD_RECLAIM,
    GFP_KERNEL: KERNEL,
    GFP_KERNEL_ACCOUNT: KERNEL | ACCOUNT,
    GFP_NOWAIT: KSWAPD_RECLAIM,
    GFP_NOIO: RECLAIM,
    GFP_NOFS: RECLAIM | IO,
    GFP_TEMPORARY: KERNEL | RECLAIMABLE,
    GFP_USER: USER,
    GFP_DMA: DMA,
    GFP_DMA32: DMA32,
    GFP_HIGHUSER: USER | HIGHMEM,
    GFP_HIGHUSER_MOVABLE: HIGHUSER_MOVABLE,
    GFP_TRANSHUGE_LIGHT: TRANSHUGE_LIGHT,
    GFP_TRANSHUGE: TRANSHUGE_LIGHT | DIRECT_RECLAIM,
    __GFP_DMA: DMA,
    __GFP_HIGHMEM: HIGHMEM,
    __GFP_DMA32: DMA32,
    __GFP_MOVABLE: MOVABLE,
    __GFP_RECLAIMABLE: RECLAIMABLE,
    __GFP_HIGH: HIGH,
    __GFP_IO: IO,
    __GFP_FS: FS,
    __GFP_ZERO: ZERO,
    __GFP_DIRECT_RECLAIM: DIRECT_RECLAIM,
    __GFP_KSWAPD_RECLAIM: KSWAPD_RECLAIM,
    __GFP_RECLAIM: RECLAIM,
    __GFP_WRITE: WRITE,
    __GFP_NOWARN: NOWARN,
    __GFP_RETRY_MAYFAIL: RETRY_MAYFAIL,
    __GFP_NOFAIL: NOFAIL,
    __GFP_NORETRY: NORETRY,
    __GFP_MEMALLOC: MEMALLOC,
    __GFP_COMP: COMP,
    __GFP_NOMEMALLOC: NOMEMALLOC,
    __GFP_HARDWALL: HARDWALL,
    __GFP_THISNODE: THISNODE,
    __GFP_ACCOUNT: ACCOUNT,
  }),
);

/** The bits of `GFP_KERNEL|__GFP_ZERO`, `none`, `0x140cca`; names that this table lacks add nothing. */
export function parseGfpFlags(text: string): number {
  let bits = 0;
  for (const name of text.split("|")) {
    const known = BITS_BY_NAME.get(name);
    if (known !== undefined) bits |= known;
    else if (/^(0x)?[0-9a-f]{1,8}$/i.test(name)) bits |= Number.parseInt(name, 16);
  }
  return bits >>> 0;
}

/** Distinct texts are a few dozen. */
const MEMO_SLOTS = 1024;

/** Parses each distinct text of flags once; found again by two hashes of its bytes, without making a string. */
export class GfpMemo {
  readonly #first = new Int32Array(MEMO_SLOTS);
  readonly #second = new Int32Array(MEMO_SLOTS);
  readonly #bits = new Uint32Array(MEMO_SLOTS);

  bitsOf(line: Uint8Array, start: number, end: number): number {
    let first = end - start;
    let second = 1;
    for (let at = start; at < end; at++) {
      first = (Math.imul(first, 31) + line[at]!) | 0;
      second = Math.imul(second ^ line[at]!, 0x01000193);
    }
    const slot = (first ^ (first >>> 15)) & (MEMO_SLOTS - 1);
    if (this.#first[slot] !== first || this.#second[slot] !== second) {
      this.#first[slot] = first;
      this.#second[slot] = second;
      this.#bits[slot] = parseGfpFlags(String.fromCharCode(...line.subarray(start, end)));
    }
    return this.#bits[slot]!;
  }
}
