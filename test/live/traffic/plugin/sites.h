/* Which instruction made how many accesses, and which translated blocks of the kernel ran how often. */
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemuPlugin.h"
#include "strings.h"
#include "tracing.h"

enum executor { KERNEL, USER, TRACING, NR_EXECUTORS };

/* One instruction. */
struct site {
  struct site *next;
  uint64_t pc;
  enum executor executor;
  enum stringKind string;
  uint64_t counts[2];    /* loads, stores of struct pages */
  uint64_t hotCounts[2]; /* those of pages from pfnFrom on */
};

#define NR_BUCKETS 65536u
static struct site *siteBuckets[NR_BUCKETS];

/* Found or made; stays where it is. */
static struct site *siteOf(uint64_t pc, enum stringKind string) {
  struct site **bucket = &siteBuckets[(pc ^ pc >> 16) & (NR_BUCKETS - 1)];
  for (struct site *site = *bucket; site; site = site->next)
    if (site->pc == pc && site->string == string) return site;
  struct site *site = calloc(1, sizeof *site);
  if (!site) abort();
  site->pc = pc;
  site->executor = isTracing(pc) ? TRACING : pc >> 63 ? KERNEL : USER;
  site->string = string;
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

#define NR_BLOCKS (1u << 18)
static struct qemu_plugin_scoreboard *blockScoreboard;
static uint64_t blockPcs[NR_BLOCKS];

static void blocksInit(void) { blockScoreboard = qemu_plugin_scoreboard_new(NR_BLOCKS * sizeof(uint64_t)); }

static unsigned blockSlot(uint64_t pc) {
  unsigned slot = (pc ^ pc >> 18) % NR_BLOCKS;
  for (unsigned tries = 0; blockPcs[slot] && blockPcs[slot] != pc; tries++) {
    slot = (slot + 1) % NR_BLOCKS;
    if (tries < NR_BLOCKS) continue;
    fprintf(stderr, "plugin: more than %u blocks\n", NR_BLOCKS);
    exit(1);
  }
  blockPcs[slot] = pc;
  return slot;
}

/* Where the instructions of the block at this PC are counted. */
static qemu_plugin_u64 blockCounter(uint64_t pc) {
  return (qemu_plugin_u64){blockScoreboard, blockSlot(pc) * sizeof(uint64_t)};
}

static uint64_t *blockCount(uint64_t pc) {
  return (uint64_t *)qemu_plugin_scoreboard_find(blockScoreboard, 0) + blockSlot(pc);
}

static void blocksClear(void) { memset(qemu_plugin_scoreboard_find(blockScoreboard, 0), 0, NR_BLOCKS * sizeof(uint64_t)); }

static void blocksPrint(FILE *file) {
  const uint64_t *counts = qemu_plugin_scoreboard_find(blockScoreboard, 0);
  for (unsigned slot = 0; slot < NR_BLOCKS; slot++)
    if (counts[slot]) fprintf(file, "block %" PRIx64 " %" PRIu64 "\n", blockPcs[slot], counts[slot]);
}
