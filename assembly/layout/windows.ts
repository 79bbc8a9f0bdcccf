// Windows of misses (assembly/cache/windows.ts): which misses can overlap, told by the instructions between them. As layout.ts,
// valid in both languages: what is counted, u64 each, then the state that finds it.

/** Instructions between two misses, in quarter octaves: 4 buckets from each power of two to the next. */
export const NR_WINDOW_BUCKETS = 64;
/** Longer distances are taken to be this; the first miss of a run is as far from the one before. */
export const MAX_WINDOW_DISTANCE = 65535;

/** Nothing is known of where the address came from: an independent load, or one that hangs on the miss before. */
export const MISS_DEMAND = 0;
/** The address was known before the miss before was served. */
export const MISS_INDEPENDENT = 1;
/** The address was read from the line of a page touched just before: a neighbour on a list. */
export const MISS_DEPENDENT = 2;
/** The other line of its pair (pfn ^ 1) was missed not long ago: an adjacent-line prefetcher brings both. */
export const MISS_ADJACENT = 3;
/** From the third line on in one direction: a stream prefetcher brings it. */
export const MISS_PREFETCHED = 4;
export const NR_MISS_KINDS = 5;

/** Of a prefetched miss the bucket is no distance but one of these two: within 4 KiB of struct pages... */
export const PREFETCHED_IN_PAGE = 0;
/** ...or the first two lines of the next 4 KiB: prefetched only where a stream crosses a page, else each a miss alone. */
export const PREFETCHED_RESTART = 1;

/** u64[owner][kind][bucket], u64[owner][bucket] and u64[bucket]: MissWindows of src/windows.ts. */
export const WINDOWS_MEMORY = 0;
export const WINDOWS_LLC = 5120;
export const WINDOWS_OTHER = 6144;
export const WINDOWS_COUNTED_BYTES = 6656;

// What finds them. u32 each.
/** Instructions up to now; from 0 on, and set back when they come near 2^32 (rebase). */
export const WINDOWS_POSITION = 6656;
/** Of position, in units of 2^-8: the engine counts a mean for each touch. */
export const WINDOWS_FRACTION = 6660;
/** Where the L2 miss before was, and the miss to memory that a core waited for. */
export const WINDOWS_LAST_L2_MISS = 6664;
export const WINDOWS_LAST_MISS = 6668;
/**
 * Streams, direct-mapped by 4 KiB of struct pages: 32, as Intel's L2 streamer keeps (Intel 64 and IA-32 Architectures
 * Optimization Reference Manual, data prefetching). Other cores keep about as many.
 */
export const WINDOWS_STREAMS = 6672;
export const NR_STREAMS = 32;
export const STREAM_BYTES = 24;
/** pfn >> STREAM_PAGE_SHIFT, plus 1: 0 is none. */
export const STREAM_PAGE = 0;
export const STREAM_PFN = 4;
/** u64: one bit a line of this 4 KiB that was missed. */
export const STREAM_LINES = 8;
/** i32: lines in a row in one direction, the first included; negative when they descend. */
export const STREAM_RUN = 16;
/** 4 KiB are 64 struct pages. */
export const STREAM_PAGE_SHIFT = 6;
/** Lines from one miss of a stream to the next: the one between them may have been in a cache. */
export const MAX_STREAM_STEP = 2;
/** Lines in a row before a prefetcher runs. */
export const STREAM_TRAINING = 2;
export const WINDOWS_BYTES = 7440;
