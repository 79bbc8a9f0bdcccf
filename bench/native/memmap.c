// Native C of the per-pfn memmap passes, for bench/suite/memmap.ts. One command a line:
//   "<pass> <nrPages> <times>" -> "<nanoseconds> <checksum>"
// struct page is 64 bytes; the passes do to it what assembly/memmap/memmap.ts, freepass.ts, unmovable.ts and offline.ts do.
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct page {
  uint64_t flags, lru_next, lru_prev, mapping, index, priv;
  uint64_t type_and_count;
  uint64_t memcg;
};

#define VMEMMAP UINT64_C(0xffffea0000000000)
#define START_PFN UINT64_C(0x100000)
#define FLAGS UINT64_C(0x5fffffc0000000)
#define INIT_TYPE_AND_COUNT (UINT64_C(0xf1000000) | UINT64_C(1) << 32)
#define FREED UINT64_C(0xffffffff)
#define RESERVED (UINT64_C(1) << 13)
#define SELF_HOSTED (UINT64_C(1) << 10)
#define LRU (UINT64_C(1) << 5)
#define CHECK_AT_PREP (((UINT64_C(1) << 30) - 1) & ~(UINT64_C(1) << 20))
#define OFFLINE_TYPE UINT32_C(0xf1000000)
#define CHUNK 1024
#define PAGEBLOCK 512

static struct page *pages;
static uint8_t *pageblocks; /* 16 bytes each, migratetype at 9 */
static volatile uint64_t sink;

static __attribute__((noinline)) void init_at(struct page *at, uint64_t pfn, uint32_t nr) {
  for (uint32_t i = 0; i < nr; i++) {
    struct page *p = &at[i];
    uint64_t self = VMEMMAP + ((pfn + i) << 6) + 8;
    p->flags = FLAGS;
    p->lru_next = self;
    p->lru_prev = self;
    p->mapping = 0;
    p->index = 0;
    p->priv = 0;
    p->type_and_count = INIT_TYPE_AND_COUNT;
    p->memcg = 0;
  }
}

static __attribute__((noinline)) void poison(uint32_t nr) { memset(pages, 0xff, (size_t)nr * sizeof *pages); }

static __attribute__((noinline)) uint32_t free_at(struct page *at, uint32_t nr) {
  uint32_t bad = 0;
  for (uint32_t done = 0; done < nr; done += CHUNK) {
    struct page *chunk = &at[done];
    uint32_t n = nr - done < CHUNK ? nr - done : CHUNK;
    for (uint32_t i = 0; i < n; i++) {
      chunk[i].flags &= ~RESERVED;
      chunk[i].type_and_count = FREED;
    }
    for (uint32_t i = 0; i < n; i++) {
      bad += (chunk[i].mapping | chunk[i].memcg | (chunk[i].type_and_count ^ FREED)) != 0;
      chunk[i].flags &= ~CHECK_AT_PREP;
    }
    chunk[0].priv = 0;
  }
  return bad;
}

static __attribute__((noinline)) uint32_t isolation_at(const struct page *at, uint32_t nr) {
  for (uint32_t i = 0; i < nr; i++)
    if (at[i].flags & RESERVED) return i;
  return nr;
}

static __attribute__((noinline)) uint32_t scan_at(const struct page *at, uint32_t nr) {
  for (uint32_t i = 0; i < nr; i++) {
    const struct page *p = &at[i];
    if (p->flags & LRU) return i;
    if ((p->mapping & 3) == 2) return i;
    if ((uint32_t)p->type_and_count == OFFLINE_TYPE && p->type_and_count >> 32) return i;
  }
  return nr;
}

static __attribute__((noinline)) uint32_t pageblock_flags(uint32_t nr, uint8_t migratetype) {
  uint32_t changed = 0;
  for (uint32_t i = 0; i < nr / PAGEBLOCK; i++) {
    changed += pageblocks[i * 16 + 9] != migratetype;
    pageblocks[i * 16 + 9] = migratetype;
  }
  return changed;
}

/* The whole life of one block's struct pages, chunk by chunk; the first 1/64 describes the memmap itself. */
static __attribute__((noinline)) uint32_t life(uint64_t pfn, uint32_t nr) {
  struct page *block = pages;
  uint32_t wrong = 0, own = nr / 64;
  for (uint32_t done = 0; done < nr;) {
    uint32_t end = done < own ? own : nr;
    uint32_t n = end - done < CHUNK ? end - done : CHUNK;
    init_at(&block[done], pfn + done, n);
    if (done < own) {
      for (uint32_t i = 0; i < n; i++) {
        block[done + i].flags |= SELF_HOSTED;
        block[done + i].type_and_count |= UINT64_C(0xffffffff);
      }
    } else {
      wrong += free_at(&block[done], n) + (isolation_at(&block[done], n) < n) + (scan_at(&block[done], n) < n);
    }
    done += n;
  }
  return wrong;
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Sum of all 32-bit words, each times an odd number that depends on its place in the page. */
static uint32_t checksum(uint32_t nr) {
  const uint32_t *words = (const uint32_t *)pages;
  uint32_t sum = 0;
  for (size_t i = 0; i < (size_t)nr * 16; i++) sum += words[i] * (2 * (uint32_t)(i & 15) + 1);
  return sum;
}

int main(void) {
  char line[256], pass[32];
  uint32_t nr, times;
  size_t allocated = 0;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%31s %u %u", pass, &nr, &times) != 3) return fprintf(stderr, "unknown command %s", line), 1;
    if (nr > allocated) {
      free(pages);
      free(pageblocks);
      pages = aligned_alloc(1 << 21, ((size_t)nr * sizeof *pages + (1 << 21) - 1) & ~(size_t)((1 << 21) - 1));
      pageblocks = calloc(nr / PAGEBLOCK + 1, 16);
      if (!pages || !pageblocks) return fprintf(stderr, "no memory for %u pages\n", nr), 1;
      allocated = nr;
      memset(pages, 0, (size_t)nr * sizeof *pages);
    }
    if (!strcmp(pass, "memset") || !strcmp(pass, "poison")) poison(nr);
    else init_at(pages, START_PFN, nr);
    if (!strcmp(pass, "isolation") || !strcmp(pass, "scan")) free_at(pages, nr);
    uint32_t result = 0;
    uint64_t start = now_ns();
    for (uint32_t i = 0; i < times; i++) {
      if (!strcmp(pass, "init")) init_at(pages, START_PFN, nr);
      else if (!strcmp(pass, "poison") || !strcmp(pass, "memset")) poison(nr);
      else if (!strcmp(pass, "free")) result += free_at(pages, nr);
      else if (!strcmp(pass, "isolation")) result += isolation_at(pages, nr);
      else if (!strcmp(pass, "scan")) result += scan_at(pages, nr);
      else if (!strcmp(pass, "life")) result += life(START_PFN + (uint64_t)i * nr, nr);
      else if (!strcmp(pass, "pageblock")) result += pageblock_flags(nr, (uint8_t)(i & 1 ? 1 : 5));
      else return fprintf(stderr, "unknown pass %s\n", pass), 1;
    }
    uint64_t ns = now_ns() - start;
    sink = result;
    /* The row "memset" writes the same bytes, not the same values: it proves that it wrote, and adopts the sum. */
    if (!strcmp(pass, "memset")) {
      if (checksum(nr) != 0u - nr * 256u) return fprintf(stderr, "memset failed\n"), 1;
      init_at(pages, START_PFN, nr);
    }
    printf("%llu %u/%u\n", (unsigned long long)ns, checksum(nr), result);
    fflush(stdout);
  }
  return 0;
}
