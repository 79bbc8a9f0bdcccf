// Replay of touch records (assembly/replay/replay.ts): the state of one replay. As layout.ts, valid in both languages.
// Parameters that the host sets, what is counted beside the touches, then scratch.

/** u32: the pfn before, and whether there is one. */
export const REPLAY_PREVIOUS_PFN = 0;
export const REPLAY_HAS_PREVIOUS = 4;
/** u32: pages from this pfn on are hot-added. */
export const REPLAY_PFN_FROM = 8;
/** u32: the machine's last pfn, inclusive. */
export const REPLAY_PFN_LAST = 12;
/** u32: 1 when `other_l2_fills` are let in, and the share of them that enters the LLC in units of 2^-31. */
export const REPLAY_OTHER_TRAFFIC = 16;
export const REPLAY_LLC_SHARE_Q31 = 20;
/** u32: byte offset of one bit per pfn up to the last, set when the page was touched. */
export const REPLAY_BITMAP = 24;
/** u32: byte offset of the windows of misses (layout.windows.ts). */
export const REPLAY_WINDOWS = 28;
/** u64 each. */
export const REPLAY_INSTRUCTIONS = 32;
export const REPLAY_OTHER_L2_FILLS = 40;
/** u64[owner]: struct pages touched for the first time in the life of the replay. */
export const REPLAY_FIRST_TOUCHES = 48;
/** u32: the time of the next touch (assembly/cache/recency.ts), while other traffic enters. */
export const REPLAY_TIME = 64;
/** u32: lines of other traffic in the events of this chunk. */
export const REPLAY_CHUNK_FILLS = 68;

/** Records that are classified at once (assembly/replay/classify.ts): one bit each in a u64. */
export const REPLAY_GROUP_RECORDS = 64;
/** u32 each: attr and, from bit CACHE_EVENT_POSITION_SHIFT on, position; pfn, set of L1, and where the time of the touch goes, less twice the way. */
export const REPLAY_ATTRS = 80;
export const REPLAY_PFNS = 336;
export const REPLAY_SETS = 592;
export const REPLAY_TIMES = 848;
/** u32 each, of L1: where the first set is, the mask of indexes, bytes of a set, and two distances within it. */
export const REPLAY_L1_SETS = 1104;
export const REPLAY_L1_MASK = 1108;
export const REPLAY_L1_SET_BYTES = 1112;
export const REPLAY_L1_TO_READ = 1116;
export const REPLAY_L1_READ_TO_WRITTEN = 1120;
export const REPLAY_BYTES = 1136;
