/* What the parts of the probe share. One thread, one process but for the children of fork: state is in globals. */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Headers are often older than the kernel that runs. */
#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* Of one call. */
#define MAX_PAGES (1 << 14)
#define LINE_BYTES 64

enum order { RANDOM, IN_ORDER, NR_ORDERS };
enum backing { ANONYMOUS, TMPFS, NR_BACKINGS };
extern const char *const orderNames[], *const backingNames[];

/* Pages whose struct pages are touched: virtual neighbours are neighbours by pfn, or lie anywhere. */
struct layout {
  enum order order;
  enum backing backing;
  int file; /* of tmpfs, else -1 */
  char *base;
  size_t nrPages;
  /* Pages handed out between those above: held, so that no line next to a measured one belongs to another slice. */
  char *spare;
  size_t spareBytes;
};

struct options {
  size_t footprintBytes, sliceBytes, sweepBytes, chaseBytes;
  double seconds;
  int maxRuns, node, cpu;
  uint64_t seed;
  int nrWanted;
  char **wanted;
};
extern struct options options;
extern size_t pageBytes;

/* An operation on `nrPages` pages from `at` on. */
struct operation {
  const char *name;
  enum backing backing;
  /* Pages of one timed call; 0: a slice. */
  size_t nrPages;
  /* All of `layout`, before the caches are emptied. Returns why the operation cannot be had, or NULL. */
  const char *(*ready)(struct layout *layout);
  /* ns of one call, negative when it failed with errno. */
  int64_t (*run)(struct layout *layout, char *at, size_t nrPages);
  /* Makes `run` possible again, and leaves the struct pages in L2. */
  void (*again)(struct layout *layout, char *at, size_t nrPages);
  /* Leaves `layout` as it was. */
  void (*finish)(struct layout *layout);
};

extern const struct operation scanOperations[], referenceOperations[], mappingOperations[], processOperations[];

/* Of memory.c */
void mapAt(char *at, size_t bytes, int file);
char *reserve(size_t bytes, enum backing backing, int *file);
void fill(struct layout *layout, enum order order, enum backing backing);
void empty(struct layout *layout);
/* Node and pfn of a page, each -1 or 0 where it is not told. */
struct place {
  int node;
  uint64_t pfn;
};
struct place placeOf(char *page);
int inOrderPercent(const struct layout *layout);
void readStructPages(struct layout *layout, char *at, size_t nrPages);
void sweep(void);
int64_t chase(int *cold);
uint64_t randomBelow(uint64_t bound);
void fault(const char *what) __attribute__((noreturn));

/* Around every timed call, where an emulator records what it touches (test/live/measure). */
#ifdef RECORDED
#include "marks.h"
#else
#define RECORD_FROM()
#define RECORD_TO()
#define RECORDED_AS(name, order, isHot, nrPages)
#endif

static inline int64_t nsOf(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Times statements by the wall clock. */
#define TIMED(...)                                      \
  ({                                                    \
    RECORD_FROM();                                      \
    int64_t timedFrom = nsOf(CLOCK_MONOTONIC);          \
    __VA_ARGS__;                                        \
    int64_t timedNs = nsOf(CLOCK_MONOTONIC) - timedFrom; \
    RECORD_TO();                                        \
    timedNs;                                            \
  })
