/*
 * The kernel's own event tracing, which runs because a recording is made and is nobody's work: ranges of addresses of its
 * functions, as the guest tells them (MARK_TRACING).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define NR_RANGES 32768
static struct range { uint64_t start, end; } tracingRanges[NR_RANGES];
static unsigned nrTracingRanges;

/* Ranges come in ascending order; neighbours are joined. */
static void addTracing(uint64_t start, uint64_t end) {
  struct range *last = nrTracingRanges ? &tracingRanges[nrTracingRanges - 1] : NULL;
  if (last && last->end == start) {
    last->end = end;
    return;
  }
  if (nrTracingRanges == NR_RANGES || (last && start < last->end) || end < start) {
    fprintf(stderr, "plugin: functions out of order, or more than %u ranges\n", NR_RANGES);
    exit(1);
  }
  tracingRanges[nrTracingRanges++] = (struct range){start, end};
}

static bool isTracing(uint64_t pc) {
  unsigned low = 0, high = nrTracingRanges;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (tracingRanges[middle].end <= pc) low = middle + 1;
    else high = middle;
  }
  return low < nrTracingRanges && tracingRanges[low].start <= pc;
}
