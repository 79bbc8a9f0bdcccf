/* Accesses that are not to struct pages: the caches they fill. */
#pragma once

#include "lruCache.h"
#include "recorded.h"

#define NR_NEIGHBOURS 16

static struct lruCache caches[NR_LEVELS]; /* L2, then LLCs, each behind that L2 */

/* The last misses of a group in a cache. */
struct misses {
  uint64_t lines[NR_NEIGHBOURS];
  unsigned next;
  uint64_t instructions; /* of the group, at the last */
};
static struct misses misses[NR_GROUPS][NR_LEVELS];

static struct {
  uint64_t fills[NR_LEVELS];
  uint64_t untoldFills; /* of L2, by tracing and timer: no record tells of them */
  uint64_t stringFills; /* of L2, by sets and copies */
  uint64_t lastLine; /* virtual */
} others;

static void othersInit(void) {
  lruCacheInit(&caches[0], 1 << 20);
  for (int i = 0; i < NR_LLCS; i++) lruCacheInit(&caches[1 + i], (uint64_t)llcMib[i] << 20);
}

static void othersClear(void) {
  memset(&others, 0, sizeof others);
  memset(misses, 0, sizeof misses);
}

static void countGap(int level, uint64_t line) {
  enum taskGroup group = currentGroup();
  struct misses *last = &misses[group][level];
  bool isStream = false;
  for (int i = 0; i < NR_NEIGHBOURS; i++) isStream |= last->lines[i] == line + 1 || last->lines[i] == line - 1;
  uint64_t now = groupInstructions(group);
  countSize(slice.gaps[level][isStream], now - last->instructions);
  last->instructions = now;
  last->lines[last->next++ % NR_NEIGHBOURS] = line;
}

static void countFill(int level, enum accessKind kind, uint64_t line) {
  others.fills[level]++;
  if (level == 0) others.untoldFills += kind == OF_TRACING || inTimer;
  if (kind == OF_TRACING) {
    groups[BY_TRACING].fills[OF_KERNEL][level]++;
    return;
  }
  slice.fills[kind][level]++;
  if (kind == OF_KERNEL || kind == OF_USER) countGap(level, line);
  else if (level == 0 && !inTimer) others.stringFills++;
}

/*
 * Caches hold physical lines: a page that the kernel has cleared is there when the program touches it, and two processes
 * do not share lines because they use the same addresses.
 */
static void otherAccess(qemu_plugin_meminfo_t info, uint64_t vaddr, enum accessKind kind) {
  if (vaddr >> 6 == others.lastLine) return;
  const struct qemu_plugin_hwaddr *address = qemu_plugin_get_hwaddr(info, vaddr);
  if (!address || qemu_plugin_hwaddr_is_io(address)) return;
  others.lastLine = vaddr >> 6;
  uint64_t line = qemu_plugin_hwaddr_phys_addr(address) >> 6;
  if (!lruCacheMisses(&caches[0], line)) return;
  countFill(0, kind, line);
  for (int level = 1; level < NR_LEVELS; level++)
    if (lruCacheMisses(&caches[level], line)) countFill(level, kind, line);
}
