#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mark.h"
#include "work.h"

void die(const char *what) {
  perror(what);
  exit(1);
}

unsigned long number(const char *text) { return strtoul(text, NULL, 0); }

char *map(unsigned long bytes, int flags) {
  char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (start == MAP_FAILED) die("mmap");
  return start;
}

char *mapSmall(unsigned long bytes) {
  char *start = map(bytes, 0);
  if (madvise(start, bytes, MADV_NOHUGEPAGE)) die("MADV_NOHUGEPAGE");
  return start;
}

void touch(char *start, unsigned long bytes, unsigned long step) {
  for (unsigned long at = 0; at < bytes; at += step) start[at] = 1;
}

void zap(char *start, unsigned long bytes) {
  if (madvise(start, bytes, MADV_DONTNEED)) die("MADV_DONTNEED");
}

static void tracing(const char *state) {
  int fd = open("/sys/kernel/tracing/tracing_on", O_WRONLY);
  if (fd < 0 || write(fd, state, 1) != 1) die("tracing_on");
  close(fd);
}

static void makeFile(const char *path) { close(open(path, O_CREAT | O_WRONLY, 0600)); }

void startRecording(void) {
  tracing("1");
  EXECUTE_MARK(MARK_START);
}

void stopRecording(void) {
  EXECUTE_MARK(MARK_STOP);
  tracing("0");
}

void ready(void) { makeFile("/ready"); }

void awaitGo(void) {
  while (access("/go", F_OK)) usleep(20000);
  unlink("/go");
}

void startWhenAsked(void) {
  ready();
  awaitGo();
  startRecording();
}

void stopAndTell(void) {
  stopRecording();
  makeFile("/done");
}

static unsigned randomState = 1;

unsigned randomBelow(unsigned limit) {
  randomState ^= randomState << 13;
  randomState ^= randomState >> 17;
  randomState ^= randomState << 5;
  return randomState % limit;
}
