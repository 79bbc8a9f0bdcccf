/* Set-associative caches with LRU, of 64-byte lines: whether a line misses, nothing more. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_WAYS 16

struct lruCache {
  uint64_t nrSets;
  uint64_t (*sets)[CACHE_WAYS]; /* line + 1, most recently used first; 0 is empty */
};

static inline void lruCacheInit(struct lruCache *cache, uint64_t bytes) {
  cache->nrSets = bytes / 64 / CACHE_WAYS;
  cache->sets = calloc(cache->nrSets, sizeof *cache->sets);
  if (!cache->sets) abort();
}

/* Puts the line in front of its set. Returns whether it was missing. */
static inline bool lruCacheMisses(struct lruCache *cache, uint64_t line) {
  uint64_t *ways = cache->sets[line & (cache->nrSets - 1)];
  uint64_t tag = line + 1;
  int way = 0;
  while (way < CACHE_WAYS - 1 && ways[way] != tag) way++;
  bool misses = ways[way] != tag;
  memmove(ways + 1, ways, way * sizeof *ways);
  ways[0] = tag;
  return misses;
}
