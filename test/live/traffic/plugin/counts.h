/* What is counted of a group of tasks. */
#pragma once

#include <inttypes.h>
#include <stdio.h>

#define NR_SIZES 40
#define NR_LLCS 3
#define NR_LEVELS (1 + NR_LLCS)

static const unsigned llcMib[NR_LLCS] = {8, 32, 128};

/* Who made an access that is not to a struct page. */
enum accessKind { OF_SET, OF_COPY, OF_KERNEL, OF_USER, NR_KINDS, OF_TRACING = NR_KINDS };

struct counts {
  uint64_t instructions[2]; /* kernel, user: a rep-prefixed one once */
  uint64_t repInstructions;
  uint64_t ops[2], bytes[2]; /* sets, copies */
  uint64_t sizes[2][NR_SIZES]; /* of those, by the logarithm of their bytes */
  uint64_t otherAccesses[2]; /* loads, stores that are neither of these nor to struct pages */
  uint64_t fills[NR_KINDS][NR_LEVELS];
  /* Misses of others, by whether a neighbouring line was missed shortly before, and the logarithm of instructions since. */
  uint64_t gaps[NR_LEVELS][2][NR_SIZES];
  uint64_t touches, accesses[2], hotTouches, hotAccesses[2]; /* to struct pages */
};

static void countsAdd(struct counts *to, const struct counts *from) {
  uint64_t *sums = (uint64_t *)to;
  const uint64_t *more = (const uint64_t *)from;
  for (size_t i = 0; i < sizeof *to / sizeof *sums; i++) sums[i] += more[i];
}

static inline unsigned bitsOf(uint64_t value) { return value ? 64 - __builtin_clzll(value) : 0; }

/* How many values of this size are counted together, at [0] only 0, at [i] those of i bits. */
static inline void countSize(uint64_t *sizes, uint64_t value) {
  unsigned bits = bitsOf(value);
  sizes[bits < NR_SIZES ? bits : NR_SIZES - 1]++;
}

static void printRow(FILE *file, const char *group, const char *name, const uint64_t *values, size_t count) {
  fprintf(file, "%s.%s", group, name);
  for (size_t i = 0; i < count; i++) fprintf(file, " %" PRIu64, values[i]);
  fprintf(file, "\n");
}

static void countsPrint(FILE *file, const char *group, const struct counts *counts) {
  const struct { const char *name; const uint64_t *values; size_t count; } rows[] = {
      {"kernel_instructions", &counts->instructions[0], 1},
      {"user_instructions", &counts->instructions[1], 1},
      {"rep_instructions", &counts->repInstructions, 1},
      {"nr_sets", &counts->ops[OF_SET], 1},
      {"nr_copies", &counts->ops[OF_COPY], 1},
      {"bytes_set", &counts->bytes[OF_SET], 1},
      {"bytes_copied", &counts->bytes[OF_COPY], 1},
      {"set_sizes", counts->sizes[OF_SET], NR_SIZES},
      {"copy_sizes", counts->sizes[OF_COPY], NR_SIZES},
      {"other_loads", &counts->otherAccesses[0], 1},
      {"other_stores", &counts->otherAccesses[1], 1},
      {"set_fills", counts->fills[OF_SET], NR_LEVELS},
      {"copy_fills", counts->fills[OF_COPY], NR_LEVELS},
      {"other_kernel_fills", counts->fills[OF_KERNEL], NR_LEVELS},
      {"other_user_fills", counts->fills[OF_USER], NR_LEVELS},
      {"touches", &counts->touches, 1},
      {"loads", &counts->accesses[0], 1},
      {"stores", &counts->accesses[1], 1},
      {"hot_touches", &counts->hotTouches, 1},
      {"hot_loads", &counts->hotAccesses[0], 1},
      {"hot_stores", &counts->hotAccesses[1], 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) printRow(file, group, rows[i].name, rows[i].values, rows[i].count);
  for (int level = 0; level < NR_LEVELS; level++) {
    for (int isStream = 0; isStream < 2; isStream++) {
      char name[64], size[32] = "l2";
      if (level > 0) snprintf(size, sizeof size, "llc_%uMiB", llcMib[level - 1]);
      snprintf(name, sizeof name, "%s_gaps_%s", isStream ? "stream" : "other", size);
      printRow(file, group, name, counts->gaps[level][isStream], NR_SIZES);
    }
  }
}
