/* Anonymous memory in 4 KiB pages. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

/* MIB [TIMES]: touched and unmapped. */
void fault(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB;
  for (unsigned long times = argc > 1 ? number(argv[1]) : 1; times > 0; times--) {
    char *start = mapSmall(bytes);
    touch(start, bytes, PAGE);
    munmap(start, bytes);
  }
}

static void forkOnce(char *start, unsigned long writeBytes) {
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    touch(start, writeBytes, PAGE);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

/* TIMES MIB: children that write a quarter of the pages. */
void forkCow(int argc, char **argv) {
  unsigned long times = number(argv[0]), bytes = number(argv[1]) * MIB;
  char *start = mapSmall(bytes);
  memset(start, 1, bytes);
  while (times-- > 0) forkOnce(start, bytes / 4);
}

/* MIB: marks two forks of a process that holds so much, each on its own; the children exit at once. */
void forkHeld(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB;
  char *start = mapSmall(bytes);
  touch(start, bytes, PAGE);
  for (int times = 2; times > 0; times--) {
    startWhenAsked();
    forkOnce(start, 0);
    stopAndTell();
  }
}

/* MIB PAGES [unmarked]: zaps and faults again so many random pages; marks that alone unless told not to. */
void churn(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB, times = number(argv[1]);
  char *start = mapSmall(bytes);
  touch(start, bytes, PAGE);
  if (argc < 3) startWhenAsked();
  while (times-- > 0) {
    char *page = start + randomBelow(bytes / PAGE) * PAGE;
    zap(page, PAGE);
    *page = 1;
  }
  if (argc < 3) stopAndTell();
}

/* MIB [STEP]: holds memory; every STEP-th page alone when given. */
void hold(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB, step = argc > 1 ? number(argv[1]) : 1;
  char *start = mapSmall(bytes);
  touch(start, bytes, PAGE);
  for (unsigned long page = 0; step > 1 && page < bytes / PAGE; page++)
    if (page % step) zap(start + page * PAGE, PAGE);
  ready();
  pause();
}

/* MIB: marks swapping out held memory, then touching it again. */
void swap(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB;
  char *start = mapSmall(bytes);
  for (unsigned long at = 0; at < bytes; at += 8) *(uint64_t *)(start + at) = at / 64 * 0x9e3779b97f4a7c15ull;
  startWhenAsked();
  if (madvise(start, bytes, MADV_PAGEOUT)) die("MADV_PAGEOUT");
  stopAndTell();
  startWhenAsked();
  touch(start, bytes, PAGE);
  stopAndTell();
}
