/* Huge pages, of pools and transparent. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "work.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* Aligned, so that every 2 MiB can be one page. */
static char *mapHuge(unsigned long bytes) {
  char *start = map(bytes + HUGE, 0);
  start = (char *)(((uintptr_t)start + HUGE - 1) & ~(HUGE - 1));
  if (madvise(start, bytes, MADV_HUGEPAGE)) die("MADV_HUGEPAGE");
  return start;
}

/* PAGES: faulted and unmapped pages of a hugetlb pool. */
void hugetlb(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * HUGE;
  char *start = map(bytes, MAP_HUGETLB);
  touch(start, bytes, HUGE);
  munmap(start, bytes);
}

/* PAGES: transparent huge pages faulted and unmapped. */
void thp(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * HUGE;
  char *start = mapHuge(bytes);
  touch(start, bytes, HUGE);
  munmap(start, bytes);
}

/* Splits the huge pages of a range through debugfs. */
static void split(char *start, unsigned long bytes) {
  int fd = open("/sys/kernel/debug/split_huge_pages", O_WRONLY);
  if (fd < 0 || dprintf(fd, "%d,0x%lx,0x%lx", getpid(), (uintptr_t)start, (uintptr_t)start + bytes) < 0) die("split");
  close(fd);
}

/*
 * PAGES zap|unmap|protect|split: holds transparent huge pages, marks what is done to the second half of each (split: to
 * all), and holds on.
 */
void thpPart(int argc, char **argv) {
  unsigned long count = number(argv[0]);
  char *start = mapHuge(count * HUGE);
  touch(start, count * HUGE, HUGE);
  const char *what = argv[1];
  startWhenAsked();
  if (!strcmp(what, "split")) split(start, count * HUGE);
  for (unsigned long i = 0; i < count; i++) {
    char *half = start + i * HUGE + HUGE / 2;
    if (!strcmp(what, "zap")) zap(half, HUGE / 2);
    if (!strcmp(what, "unmap") && munmap(half, HUGE / 2)) die("munmap");
    if (!strcmp(what, "protect") && mprotect(half, HUGE / 2, PROT_READ)) die("mprotect");
  }
  stopAndTell();
  pause();
}

/* PAGES now|later: small pages in ranges of a huge one each; marks MADV_COLLAPSE, or leaves them to khugepaged. */
void collapse(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * HUGE;
  char *start = mapHuge(bytes);
  if (madvise(start, bytes, MADV_NOHUGEPAGE)) die("MADV_NOHUGEPAGE");
  touch(start, bytes, PAGE);
  bool now = !strcmp(argv[1], "now");
  if (now) startWhenAsked();
  else ready(), awaitGo();
  if (madvise(start, bytes, MADV_HUGEPAGE)) die("MADV_HUGEPAGE");
  if (now && madvise(start, bytes, MADV_COLLAPSE)) die("MADV_COLLAPSE");
  if (now) stopAndTell();
  pause();
}
