import { count } from "../cache/cache";
import { countOther, goTo, positionOf } from "../cache/windows";
import { CACHE_EVENT_POSITION_SHIFT } from "../layout/cache";
import {
  REPLAY_ATTRS,
  REPLAY_INSTRUCTIONS,
  REPLAY_L1_MASK,
  REPLAY_L1_READ_TO_WRITTEN,
  REPLAY_L1_SET_BYTES,
  REPLAY_L1_SETS,
  REPLAY_L1_TO_READ,
  REPLAY_OTHER_L2_FILLS,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_PFNS,
  REPLAY_PREVIOUS_PFN,
  REPLAY_SETS,
  REPLAY_TIMES,
  REPLAY_WINDOWS,
} from "../layout/replay";
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  LEVEL_L1,
  NR_LEVELS,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
  RW_READ,
  RW_WRITE,
  TOUCH_BYTES,
  TOUCH_INSTRUCTIONS,
  TOUCH_OTHER_L2_FILLS,
  TOUCH_PFN,
  TOUCH_STORES,
} from "../layout/touch";
import { MAX_WINDOW_DISTANCE } from "../layout/windows";

/** Record by record: what is no whole group, or ends at a pfn beyond the last. */
export function classifyEach(counters: usize, replay: usize, record: usize, stop: usize): usize {
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  const pfnLast = load<u32>(replay, REPLAY_PFN_LAST);
  const sets = load<u32>(replay, REPLAY_L1_SETS);
  const mask = load<u32>(replay, REPLAY_L1_MASK);
  const setBytes = load<u32>(replay, REPLAY_L1_SET_BYTES);
  const toRead = load<u32>(replay, REPLAY_L1_TO_READ);
  const readToWritten = load<u32>(replay, REPLAY_L1_READ_TO_WRITTEN);
  const windows = <usize>load<u32>(replay, REPLAY_WINDOWS);
  let position = positionOf(windows);
  let previousPfn = load<u32>(replay, REPLAY_PREVIOUS_PFN);
  for (let at = replay; record < stop; record += TOUCH_BYTES, at += 4) {
    const pfn = load<u32>(record, TOUCH_PFN);
    if (pfn > pfnLast) break;
    const attr = attrOf(pfn, previousPfn, pfnFrom, load<u8>(record, TOUCH_STORES));
    store<u32>(at, pfn, REPLAY_PFNS);
    const instructions = load<u32>(record, TOUCH_INSTRUCTIONS);
    const nrFills = <u32>load<u16>(record, TOUCH_OTHER_L2_FILLS);
    position += min<u32>(instructions, MAX_WINDOW_DISTANCE);
    store<u32>(at, attr | (position << CACHE_EVENT_POSITION_SHIFT), REPLAY_ATTRS);
    const set = sets + (pfn & mask) * setBytes;
    store<u32>(at, set, REPLAY_SETS);
    store<u32>(at, set + toRead + (attr & RW_WRITE) * readToWritten, REPLAY_TIMES);
    count(counters, attr * NR_LEVELS + LEVEL_L1, 1);
    add(replay, REPLAY_INSTRUCTIONS, instructions);
    add(replay, REPLAY_OTHER_L2_FILLS, nrFills);
    if (nrFills != 0) countOther(windows, nrFills, instructions);
    previousPfn = pfn;
  }
  store<u32>(replay, previousPfn, REPLAY_PREVIOUS_PFN);
  goTo(windows, position);
  return record;
}

function attrOf(pfn: u32, previousPfn: u32, pfnFrom: u32, stores: u32): u32 {
  const distance = pfn - previousPfn;
  const isNeighbour = distance == 1 || distance == 0xffff_ffff;
  const accessClass: u32 = isNeighbour ? CLASS_STREAM : CLASS_UNCLASSIFIED;
  const owner: u32 = pfn >= pfnFrom ? OWNER_HOT_ADDED : OWNER_BOOT;
  return (accessClass << ATTR_CLASS_SHIFT) | (owner << ATTR_OWNER_SHIFT) | (stores != 0 ? RW_WRITE : RW_READ);
}

/** Adds to a u64 in memory. */
export function add(base: usize, offset: usize, amount: u64): void {
  store<u64>(base + offset, load<u64>(base + offset) + amount);
}
