// Replay of recorded touches of struct pages through the cache hierarchy.
import { fillClean, touch } from "./cache";
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  LEVEL_MEMORY,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
  REPLAY_BITMAP,
  REPLAY_FIRST_TOUCHES,
  REPLAY_HAS_PREVIOUS,
  REPLAY_INSTRUCTIONS,
  REPLAY_LLC_SHARE_Q31,
  REPLAY_OTHER_L2_FILLS,
  REPLAY_OTHER_TRAFFIC,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_PREVIOUS_PFN,
  RW_READ,
  RW_WRITE,
  TOUCH_BYTES,
  TOUCH_INSTRUCTIONS,
  TOUCH_OTHER_L2_FILLS,
  TOUCH_PFN,
  TOUCH_STORES,
} from "./layout";

/**
 * Replays one batch of records. A record is one touch: a write when it has stores. Before it, its
 * `other_l2_fills` lines of other traffic enter. A touch of the struct page right before or right after the one
 * touched before it is a stream, in either direction, as a hardware prefetcher sees it; the rest is unclassified.
 *
 * @shape `nrRecords` records of 12 bytes at `records`, of any alignment
 * @return the number of records done; fewer than `nrRecords` when the next one's pfn is beyond REPLAY_PFN_LAST
 */
export function replayBatch(cache: usize, counters: usize, replay: usize, records: usize, nrRecords: u32): u32 {
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  const pfnLast = load<u32>(replay, REPLAY_PFN_LAST);
  const otherTraffic = load<u32>(replay, REPLAY_OTHER_TRAFFIC) != 0;
  const llcShareQ31 = load<u32>(replay, REPLAY_LLC_SHARE_Q31);
  let previousPfn = load<u32>(replay, REPLAY_PREVIOUS_PFN);
  let hasPrevious = load<u32>(replay, REPLAY_HAS_PREVIOUS);
  let instructions: u64 = 0;
  let otherFills: u64 = 0;
  let done: u32 = 0;
  for (let record = records; done < nrRecords; done++, record += TOUCH_BYTES) {
    const pfn = load<u32>(record, TOUCH_PFN);
    if (pfn > pfnLast) break;
    instructions += load<u32>(record, TOUCH_INSTRUCTIONS);
    const fills = <u32>load<u16>(record, TOUCH_OTHER_L2_FILLS);
    otherFills += fills;
    if (otherTraffic && fills != 0) fillClean(cache, counters, fills, llcShareQ31);
    const distance = pfn - previousPfn;
    const isStream = hasPrevious & u32(distance + 1 == 0 || distance == 1);
    const owner = pfn >= pfnFrom ? OWNER_HOT_ADDED : OWNER_BOOT;
    const rw = load<u8>(record, TOUCH_STORES) != 0 ? RW_WRITE : RW_READ;
    const attr = ((isStream ? CLASS_STREAM : CLASS_UNCLASSIFIED) << ATTR_CLASS_SHIFT) | (owner << ATTR_OWNER_SHIFT) | rw;
    // Only a miss can be a first touch: the caches were empty of struct pages when the bitmap was.
    if (touch(cache, counters, pfn, attr) == LEVEL_MEMORY) countFirstTouch(replay, pfn, owner);
    previousPfn = pfn;
    hasPrevious = 1;
  }
  store<u32>(replay, previousPfn, REPLAY_PREVIOUS_PFN);
  store<u32>(replay, hasPrevious, REPLAY_HAS_PREVIOUS);
  add(replay, REPLAY_INSTRUCTIONS, instructions);
  add(replay, REPLAY_OTHER_L2_FILLS, otherFills);
  return done;
}

/** Counts a struct page once in the life of the replay, by one bit per pfn. */
function countFirstTouch(replay: usize, pfn: u32, owner: u32): void {
  const at = <usize>load<u32>(replay, REPLAY_BITMAP) + (pfn >> 3);
  const seen = load<u8>(at);
  const bit = <u8>1 << <u8>(pfn & 7);
  if (seen & bit) return;
  store<u8>(at, seen | bit);
  add(replay, REPLAY_FIRST_TOUCHES + owner * 8, 1);
}

function add(base: usize, offset: usize, amount: u64): void {
  store<u64>(base + offset, load<u64>(base + offset) + amount);
}
