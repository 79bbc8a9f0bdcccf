/* Between these the recorder's plugin records: every timed call is a recording of its own, and says which (probe.c). */
#pragma once
#include "../traffic/guest/mark.h"

extern int nrRecordings;
/* The end counts: a child that exits ends in its parent. */
#define RECORD_FROM() EXECUTE_MARK(MARK_START)
#define RECORD_TO()            \
  do {                         \
    EXECUTE_MARK(MARK_STOP);   \
    nrRecordings++;            \
  } while (0)
#define RECORDED_AS(name, order, isHot, nrPages) \
  printf("recorded %s %s %d %zu %d\n", name, order, isHot, nrPages, nrRecordings - 1)
