/** What is measured, what is modelled, what is assumed: said with every answer. */
export const HOW_IT_IS_KNOWN: readonly string[] = [
  "Recorded: every load and store that Linux 6.1.192 made to the vmemmap under these workloads (emulated, one CPU), and",
  "  what its memmaps looked like. Measured by others: latency and bandwidth of each memory (altmap profiles show ID).",
  "Modelled: caches (L1, L2, LLC; LRU, write-back), hotplug passes per struct page, overlap of misses, device bandwidth;",
  "  many CPUs as a closed queueing network over zone->lock, the lru lock and both memories (altmap explain --cost).",
  "Assumed: CPI 0.5 to 1.5 (or the scenario's), user data on the hot-added memory in both placements, other traffic as",
  "  recorded. Misses within a core's reorder buffer share one latency; where it is not known whether one's address hangs",
  "  on the one before, both are carried. Removing a block executes what adding a further one does. Intervals are 90 %,",
  "  from the ranges of the profiles and these assumptions.",
];
