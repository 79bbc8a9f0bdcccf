// Plain, tight scalar C for the hierarchy of assembly/cache/cache.ts: 32 KiB 8-way, 1 MiB 16-way, 32 MiB 16-way, LRU,
// write-back, write-allocate. The geometry is a compile-time constant, which favours C: the kernels take any.
//
// One command per line on stdin, one answer "<nanoseconds of processor time> <checksum>" per line on stdout:
//   load PATH            12-byte touch records; the checksum is their number
//   bare                 the records, counting misses and write-backs per level only
//   replay PFN_FROM      the records, counting as replayBatch does: by class, owner, read or write, and level
//   other PFN_FROM SHARE the same with the other traffic between the touches; SHARE / 2^31 of it enters the LLC
//   sweep N STORE STRIDE N lines from 0 on, STRIDE apart
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define L1_SHIFT 6
#define L1_WAYS 8
#define L2_SHIFT 10
#define L2_WAYS 16
#define LLC_SHIFT 15
#define LLC_WAYS 16
#define EMPTY 0xfffffffcu
#define DIRTY 1u
#define OWNER 2u

static _Alignas(64) uint32_t l1[L1_WAYS << L1_SHIFT];
static _Alignas(64) uint32_t l2[L2_WAYS << L2_SHIFT];
static _Alignas(64) uint32_t llc[LLC_WAYS << LLC_SHIFT];
static uint64_t misses[3], write_backs[3];
static uint64_t demand[16][4], write_backs_by_owner[3][2], first_touches[2];
static uint8_t *seen;
static uint8_t *records;
static size_t nr_records;

// Searches and steps back in one pass; 1 on a hit, else 0 and the victim.
static inline __attribute__((always_inline)) int access_set(uint32_t *set, int ways, uint32_t word, uint32_t *victim) {
  uint32_t before = set[0];
  if ((before ^ word) <= DIRTY) {
    set[0] = before | word;
    return 1;
  }
  for (int i = 1; i < ways; i++) {
    uint32_t here = set[i];
    set[i] = before;
    if ((here ^ word) <= DIRTY) {
      set[0] = here | word;
      return 1;
    }
    before = here;
  }
  set[0] = word;
  *victim = before;
  return 0;
}

static inline int access_llc(uint32_t line, uint32_t owner_and_dirty) {
  uint32_t victim;
  uint32_t index = line & ((1u << LLC_SHIFT) - 1);
  if (access_set(llc + index * LLC_WAYS, LLC_WAYS, (line >> LLC_SHIFT) << 2 | owner_and_dirty, &victim)) return 1;
  if (victim & DIRTY) write_backs[2]++, write_backs_by_owner[2][(victim & OWNER) >> 1]++;
  return 0;
}

// A read from L1 (0) or a dirty victim of it (1); returns the level that had the line.
static __attribute__((noinline)) int access_l2(uint32_t line, uint32_t owner_and_dirty) {
  uint32_t victim;
  uint32_t index = line & ((1u << L2_SHIFT) - 1);
  if (access_set(l2 + index * L2_WAYS, L2_WAYS, (line >> L2_SHIFT) << 2 | owner_and_dirty, &victim)) return 1;
  int level = 2;
  if (!(owner_and_dirty & DIRTY)) {
    misses[1]++;
    if (!access_llc(line, owner_and_dirty)) {
      misses[2]++;
      level = 3;
    }
  }
  if (victim & DIRTY) {
    write_backs[1]++, write_backs_by_owner[1][(victim & OWNER) >> 1]++;
    access_llc((victim >> 2) << L2_SHIFT | index, victim & (OWNER | DIRTY));
  }
  return level;
}

static inline __attribute__((always_inline)) int touch(uint32_t line, uint32_t owner_and_dirty) {
  uint32_t victim;
  uint32_t index = line & ((1u << L1_SHIFT) - 1);
  if (access_set(l1 + index * L1_WAYS, L1_WAYS, (line >> L1_SHIFT) << 2 | owner_and_dirty, &victim)) return 0;
  misses[0]++;
  int level = access_l2(line, owner_and_dirty & OWNER);
  if (victim & DIRTY) {
    write_backs[0]++, write_backs_by_owner[0][(victim & OWNER) >> 1]++;
    access_l2((victim >> 2) << L1_SHIFT | index, victim & (OWNER | DIRTY));
  }
  return level;
}

static void bare(void) {
  const uint8_t *record = records;
  for (size_t i = 0; i < nr_records; i++, record += 12) {
    uint32_t pfn;
    memcpy(&pfn, record, 4);
    touch(pfn, record[5] != 0);
  }
}

static uint32_t cursors[3], share_sum;

// A clean line that nobody asks for again enters in front; returns the one that leaves.
static inline __attribute__((always_inline)) uint32_t insert_empty(uint32_t *sets, int level, int shift, int ways,
                                                                   uint32_t *index) {
  *index = cursors[level];
  cursors[level] = (*index + 1) & ((1u << shift) - 1);
  uint32_t *set = sets + *index * ways;
  uint32_t victim = set[ways - 1];
  memmove(set + 1, set, (ways - 1) * sizeof *set);
  set[0] = EMPTY;
  return victim;
}

static void fill_clean(uint32_t nr_fills, uint32_t share) {
  uint32_t index;
  for (uint32_t i = 0; i < nr_fills; i++) {
    share_sum += share;
    if (share_sum >> 31) {
      uint32_t victim = insert_empty(llc, 2, LLC_SHIFT, LLC_WAYS, &index);
      if (victim & DIRTY) write_backs[2]++, write_backs_by_owner[2][(victim & OWNER) >> 1]++;
    }
    share_sum &= 0x7fffffff;
    uint32_t victim = insert_empty(l2, 1, L2_SHIFT, L2_WAYS, &index);
    if (victim & DIRTY) {
      write_backs[1]++, write_backs_by_owner[1][(victim & OWNER) >> 1]++;
      access_llc((victim >> 2) << L2_SHIFT | index, victim & (OWNER | DIRTY));
    }
    victim = insert_empty(l1, 0, L1_SHIFT, L1_WAYS, &index);
    if (victim & DIRTY) {
      write_backs[0]++, write_backs_by_owner[0][(victim & OWNER) >> 1]++;
      access_l2((victim >> 2) << L1_SHIFT | index, victim & (OWNER | DIRTY));
    }
  }
}

static inline __attribute__((always_inline)) uint64_t replay_records(uint32_t pfn_from, int has_other, uint32_t share) {
  const uint8_t *record = records;
  uint32_t previous = 0x7fffffff;
  uint64_t instructions = 0, fills = 0;
  for (size_t i = 0; i < nr_records; i++, record += 12) {
    uint32_t pfn, passed;
    uint16_t other;
    memcpy(&pfn, record, 4);
    memcpy(&other, record + 6, 2);
    memcpy(&passed, record + 8, 4);
    instructions += passed;
    fills += other;
    if (has_other && other) fill_clean(other, share);
    uint32_t owner = pfn >= pfn_from ? OWNER : 0;
    uint32_t rw = record[5] != 0;
    uint32_t stream = pfn - previous == 1 || previous - pfn == 1;
    int level = touch(pfn, owner | rw);
    demand[(stream ? 0 : 12) | owner | rw][level]++;
    if (level == 3 && !(seen[pfn >> 3] >> (pfn & 7) & 1)) {
      seen[pfn >> 3] |= 1 << (pfn & 7);
      first_touches[owner >> 1]++;
    }
    previous = pfn;
  }
  return instructions + fills;
}

static uint64_t replay(uint32_t pfn_from) { return replay_records(pfn_from, 0, 0); }

static uint64_t replay_other(uint32_t pfn_from, uint32_t share) { return replay_records(pfn_from, 1, share); }

static void sweep(uint32_t nr_lines, uint32_t store, uint32_t stride) {
  for (uint32_t i = 0, line = 0; i < nr_lines; i++, line += stride) touch(line, store);
}

static void empty(void) {
  for (size_t i = 0; i < sizeof l1 / 4; i++) l1[i] = EMPTY;
  for (size_t i = 0; i < sizeof l2 / 4; i++) l2[i] = EMPTY;
  for (size_t i = 0; i < sizeof llc / 4; i++) llc[i] = EMPTY;
  memset(misses, 0, sizeof misses);
  memset(write_backs, 0, sizeof write_backs);
  memset(demand, 0, sizeof demand);
  memset(write_backs_by_owner, 0, sizeof write_backs_by_owner);
  memset(first_touches, 0, sizeof first_touches);
  memset(cursors, 0, sizeof cursors);
  share_sum = 0;
  memset(seen, 0, 1 << 20);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  fseek(file, 0, SEEK_END);
  nr_records = (size_t)ftell(file) / 12;
  rewind(file);
  records = realloc(records, nr_records * 12 + 1);
  size_t got = fread(records, 12, nr_records, file);
  fclose(file);
  return got == nr_records;
}

int main(void) {
  char line[4096], path[4000];
  uint32_t a, b, c;
  seen = calloc(1, 1u << 29);
  volatile uint64_t sink;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "load %3999[^\n]", path) == 1) {
      if (!load(path)) return fprintf(stderr, "cannot read %s\n", path), 1;
      printf("0 %zu\n", nr_records);
    } else {
      empty();
      uint64_t start = now_ns();
      if (strncmp(line, "bare", 4) == 0) bare();
      else if (sscanf(line, "replay %u", &a) == 1) sink = replay(a);
      else if (sscanf(line, "other %u %u", &a, &b) == 2) sink = replay_other(a, b);
      else if (sscanf(line, "sweep %u %u %u", &a, &b, &c) == 3) sweep(a, b, c);
      else return fprintf(stderr, "unknown command %s", line), 1;
      uint64_t ns = now_ns() - start;
      printf("%llu %llu/%llu/%llu %llu/%llu/%llu\n", (unsigned long long)ns, (unsigned long long)misses[0],
             (unsigned long long)misses[1], (unsigned long long)misses[2], (unsigned long long)write_backs[0],
             (unsigned long long)write_backs[1], (unsigned long long)write_backs[2]);
    }
    fflush(stdout);
  }
  (void)sink;
  return 0;
}
