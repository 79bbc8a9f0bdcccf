/* Which instruction made how many accesses. */
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One instruction of the kernel. */
struct site {
  struct site *next;
  uint64_t pc;
  uint64_t counts[2];    /* loads, stores */
  uint64_t hotCounts[2]; /* those to pages from pfnFrom on */
};

#define NR_BUCKETS 65536u
static struct site *siteBuckets[NR_BUCKETS];

/* Found or made; stays where it is. */
static struct site *siteOf(uint64_t pc) {
  struct site **bucket = &siteBuckets[(pc ^ pc >> 16) & (NR_BUCKETS - 1)];
  for (struct site *site = *bucket; site; site = site->next)
    if (site->pc == pc) return site;
  struct site *site = calloc(1, sizeof *site);
  if (!site) abort();
  site->pc = pc;
  site->next = *bucket;
  return *bucket = site;
}

static void sitesPrintAndClear(FILE *file) {
  for (unsigned bucket = 0; bucket < NR_BUCKETS; bucket++) {
    for (struct site *site = siteBuckets[bucket]; site; site = site->next) {
      if (site->counts[0] + site->counts[1] == 0) continue;
      fprintf(file, "site %" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", site->pc, site->counts[0],
              site->counts[1], site->hotCounts[0], site->hotCounts[1]);
      memset(site->counts, 0, sizeof site->counts);
      memset(site->hotCounts, 0, sizeof site->hotCounts);
    }
  }
}
