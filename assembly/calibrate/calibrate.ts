// Kernels that measure the machine's memory: the host times them. They use real linear memory, and count nothing.
import { PAGE_REFCOUNT, STRUCT_PAGE_BYTES, STRUCT_PAGE_SHIFT } from "../layout/structPage";

/** xorshift32: the state is never 0. */
// @ts-ignore: decorator
@inline
export function nextRandom(state: u32): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^ (state << 5);
}

/** A number below `bound` from 32 random bits, without a division. */
// @ts-ignore: decorator
@inline
export function below(bound: u32, random: u32): u32 {
  return <u32>((<u64>random * <u64>bound) >> 32);
}

/**
 * Links nodes, 2^strideShift bytes apart, into one cycle for `chase`: windows of `windowNodes` neighbours in random
 * order, and in each window all nodes in random order (Sattolo), so that a window's pages stay within the TLB's
 * reach. One window over everything is a fully random chase.
 *
 * @shape node: u32 address of the next node; nrNodes is a multiple of windowNodes
 */
export function buildChase(base: u32, nrNodes: u32, windowNodes: u32, strideShift: u32, seed: u32): void {
  assert((base & 3) == 0 && windowNodes > 0 && windowNodes <= nrNodes, "no window");
  let random = seed | 1;
  const nrWindows = nrNodes / windowNodes;
  // The second word of each window's first node holds the order of windows.
  for (let w: u32 = 0; w < nrWindows; w++) store<u32>(base + ((w * windowNodes) << strideShift), w, 4);
  for (let w = nrWindows - 1; w > 0; w--) {
    random = nextRandom(random);
    const a = base + ((w * windowNodes) << strideShift);
    const b = base + ((below(w + 1, random) * windowNodes) << strideShift);
    const order = load<u32>(a, 4);
    store<u32>(a, load<u32>(b, 4), 4);
    store<u32>(b, order, 4);
  }
  for (let w: u32 = 0; w < nrWindows; w++) {
    random = linkWindow(base + ((w * windowNodes) << strideShift), windowNodes, strideShift, random);
  }
  // Exchanging the successors of two nodes joins their cycles.
  for (let w: u32 = 0; w + 1 < nrWindows; w++) {
    const a = base + ((load<u32>(base + ((w * windowNodes) << strideShift), 4) * windowNodes) << strideShift);
    const b = base + ((load<u32>(base + (((w + 1) * windowNodes) << strideShift), 4) * windowNodes) << strideShift);
    const next = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, next);
  }
}

/** All nodes of a window in one cycle of random order (Sattolo). @return the state for the next window */
export function linkWindow(first: u32, nrNodes: u32, strideShift: u32, seed: u32): u32 {
  let random = seed;
  for (let i: u32 = 0; i < nrNodes; i++) store<u32>(first + (i << strideShift), first + (i << strideShift));
  for (let i = nrNodes - 1; i > 0; i--) {
    random = nextRandom(random);
    const a = first + (i << strideShift);
    const b = first + (below(i, random) << strideShift);
    const next = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, next);
  }
  return random;
}

/** `steps` loads, each of which gives the address of the next. @return where it stopped */
export function chase(start: u32, steps: u32): u32 {
  assert((start & 3) == 0, "unaligned");
  let at = start;
  for (let i: u32 = 0; i < steps; i++) at = load<u32>(at);
  return at;
}

/** `nr` chases side by side, `steps` loads each. @shape cursors: u32[nr], where each chase stands */
export function chaseMany(cursors: u32, nr: u32, steps: u32): void {
  assert((cursors & 3) == 0, "unaligned");
  const end = cursors + (nr << 2);
  for (let i: u32 = 0; i < steps; i++) {
    for (let cursor = cursors; cursor < end; cursor += 4) store<u32>(cursor, load<u32>(load<u32>(cursor)));
  }
}

/** `steps` dependent additions and shifts of one cycle each: 2 x steps cycles. */
export function spin(steps: u32): u32 {
  let x: u32 = steps;
  for (let i: u32 = 0; i < steps; i++) x = (x << 1) ^ i;
  return x;
}

/** Reads every byte of every line. */
export function streamRead(base: u32, nrLines: u32): u32 {
  assert((base & 63) == 0, "no struct pages here");
  const end = base + (nrLines << STRUCT_PAGE_SHIFT);
  let sum = i64x2.splat(0);
  for (let line = base; line < end; line += STRUCT_PAGE_BYTES) {
    sum = i64x2.add(sum, v128.load(line, 0));
    sum = i64x2.add(sum, v128.load(line, 16));
    sum = i64x2.add(sum, v128.load(line, 32));
    sum = i64x2.add(sum, v128.load(line, 48));
  }
  return <u32>(i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1));
}

/** Writes every byte of every line with plain stores. */
export function streamStore(base: u32, nrLines: u32, value: u32): void {
  assert((base & 63) == 0, "no struct pages here");
  const end = base + (nrLines << STRUCT_PAGE_SHIFT);
  const word = i32x4.splat(<i32>value);
  for (let line = base; line < end; line += STRUCT_PAGE_BYTES) {
    v128.store(line, word, 0);
    v128.store(line, word, 16);
    v128.store(line, word, 32);
    v128.store(line, word, 48);
  }
}

/** Stores to one word of `steps` random lines. @return the state for the next call */
export function randomStore(base: u32, nrLines: u32, steps: u32, seed: u32): u32 {
  assert((base & 63) == 0, "no struct pages here");
  assert(nrLines > 0, "no lines");
  let random = seed | 1;
  for (let i: u32 = 0; i < steps; i++) {
    random = nextRandom(random);
    store<u32>(base + (below(nrLines, random) << STRUCT_PAGE_SHIFT), random, PAGE_REFCOUNT);
  }
  return random;
}
