/* Single operations on many struct pages, at random and in order of their pfns. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

#define SLICE_PAGES 1024ul

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* PAGEMAP_SCAN of include/uapi/linux/fs.h, since 6.7. */
#define PAGE_IS_FILE (1 << 2)
#define PAGE_IS_PRESENT (1 << 3)
struct pageRegion {
  uint64_t start, end, categories;
};
struct pageScan {
  uint64_t size, flags, start, end, walkEnd, vec, vecLength, maxPages;
  uint64_t inverted, mask, anyOfMask, returnMask;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct pageScan)

static unsigned *pageOrder(unsigned long pages, bool isRandom) {
  unsigned *order = malloc(pages * sizeof *order);
  if (!order) die("malloc");
  for (unsigned long i = 0; i < pages; i++) order[i] = i;
  for (unsigned long i = pages - 1; isRandom && i > 0; i--) {
    unsigned other = randomBelow(i + 1), own = order[i];
    order[i] = order[other];
    order[other] = own;
  }
  return order;
}

/* Free memory is handed out in order of its pfns: pages touched at random lie so. */
static void touchIn(const unsigned *order, char *start, unsigned long pages) {
  for (unsigned long i = 0; i < pages; i++) start[order[i] * PAGE] = 1;
}

static void scan(char *start, unsigned long bytes, uint64_t categories) {
  static struct pageRegion regions[SLICE_PAGES];
  int fd = open("/proc/self/pagemap", O_RDONLY);
  for (unsigned long at = 0; at < bytes; at += SLICE_PAGES * PAGE) {
    struct pageScan scan = {.size = sizeof scan,
                            .start = (uintptr_t)start + at,
                            .end = (uintptr_t)start + at + SLICE_PAGES * PAGE,
                            .vec = (uintptr_t)regions,
                            .vecLength = SLICE_PAGES,
                            .anyOfMask = categories,
                            .returnMask = categories};
    if (ioctl(fd, PAGEMAP_SCAN, &scan) < 0) die("PAGEMAP_SCAN");
  }
  close(fd);
}

static void scanPages(char *start, unsigned long bytes) { scan(start, bytes, PAGE_IS_PRESENT); }
static void scanFilePages(char *start, unsigned long bytes) { scan(start, bytes, PAGE_IS_PRESENT | PAGE_IS_FILE); }

static void queryNodes(char *start, unsigned long bytes) {
  static void *pages[SLICE_PAGES];
  static int status[SLICE_PAGES];
  for (unsigned long at = 0; at < bytes; at += SLICE_PAGES * PAGE) {
    for (unsigned long i = 0; i < SLICE_PAGES; i++) pages[i] = start + at + i * PAGE;
    if (syscall(SYS_move_pages, 0, SLICE_PAGES, pages, NULL, status, 0)) die("move_pages");
  }
}

static void advise(char *start, unsigned long bytes, int advice, const char *what) {
  for (unsigned long at = 0; at < bytes; at += SLICE_PAGES * PAGE)
    if (madvise(start + at, SLICE_PAGES * PAGE, advice)) die(what);
}

static void makeCold(char *start, unsigned long bytes) { advise(start, bytes, MADV_COLD, "MADV_COLD"); }
static void populate(char *start, unsigned long bytes) { advise(start, bytes, MADV_POPULATE_READ, "MADV_POPULATE_READ"); }
static void unmapAll(char *start, unsigned long bytes) { advise(start, bytes, MADV_DONTNEED, "MADV_DONTNEED"); }

static void zapAndFault(char *start, unsigned long bytes) {
  for (unsigned long at = 0; at < bytes; at += SLICE_PAGES * PAGE) {
    zap(start + at, SLICE_PAGES * PAGE);
    touch(start + at, SLICE_PAGES * PAGE, PAGE);
  }
}

/* The child outlives what is recorded. */
static void forkAlone(char *start, unsigned long bytes) {
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pause();
}

static const struct {
  const char *name;
  void (*run)(char *start, unsigned long bytes);
  bool ofFile, isMapped;
} operations[] = {
    {"scan", scanPages, false, true},        {"scanFile", scanFilePages, false, true}, {"query", queryNodes, false, true},
    {"cold", makeCold, false, true},         {"populate", populate, true, false},      {"unmap", unmapAll, true, true},
    {"zapFault", zapAndFault, false, true},  {"fork", forkAlone, false, true},
};

/* Pages of a tmpfs file that has been written in this order; mapped or not. */
static char *mapFile(const unsigned *order, unsigned long pages, bool isMapped) {
  static char page[PAGE] = {1};
  int fd = open("/ram/pages", O_CREAT | O_TRUNC | O_RDWR, 0600);
  for (unsigned long i = 0; i < pages; i++)
    if (pwrite(fd, page, PAGE, order[i] * PAGE) != (ssize_t)PAGE) die("/ram/pages");
  char *start = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, 0);
  if (start == MAP_FAILED) die("mmap");
  if (isMapped) populate(start, pages * PAGE);
  close(fd);
  return start;
}

/* MIB OPERATION random|ordered: marks one operation on memory whose pfns lie so, in slices of 4 MiB. */
void pfnOrder(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB, pages = bytes / PAGE;
  const unsigned *order = pageOrder(pages, !strcmp(argv[2], "random"));
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    if (strcmp(argv[1], operations[i].name)) continue;
    char *start = operations[i].ofFile ? mapFile(order, pages, operations[i].isMapped) : mapSmall(bytes);
    if (!operations[i].ofFile) touchIn(order, start, pages);
    startWhenAsked();
    operations[i].run(start, bytes);
    stopAndTell();
    pause();
  }
  die(argv[1]);
}
