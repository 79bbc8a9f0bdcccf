// Counters of touches, shared between AssemblyScript and TypeScript.
// Only `export const` and `export const enum`: valid in both languages.

// Counters: u64 demand[attr 16][level 4], then u64 writeBacks[from level 3][owner 2]
export const COUNTER_DEMAND = 0;
export const NR_DEMAND = 64;
export const COUNTER_WRITE_BACKS = 64;
export const NR_WRITE_BACKS = 6;
/** Room for counters that are added later keeps every region aligned to 1 KiB. */
export const COUNTERS_BYTES = 1024;
