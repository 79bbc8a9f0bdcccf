/* The recording that is being made: who runs, what the records have told, and what is counted for whom. */
#pragma once

#include "counts.h"
#include "qemuPlugin.h"
#include "sites.h"
#include "strings.h"
#include "tasks.h"

/* Instructions by enum executor, counted by translated code. */
static struct qemu_plugin_scoreboard *scoreboard;
static uint64_t *executed;

static struct task *current;
static struct counts groups[NR_GROUPS];
/* Since `current` became so; its instructions are what `executed` says beyond sliceStart. */
static struct counts slice;
static uint64_t sliceStart[NR_EXECUTORS];

static void recordedInit(void) {
  scoreboard = qemu_plugin_scoreboard_new(NR_EXECUTORS * sizeof *executed);
  current = taskAt(1); /* until the first switch tells */
}

/* Tracing takes no time. */
static inline uint64_t instructionsNow(void) { return executed[KERNEL] + executed[USER]; }

static bool inTimer;

static inline enum taskGroup currentGroup(void) {
  if (inTimer) return BY_TIMER;
  if (executed[USER] != sliceStart[USER]) current->ranUser = true;
  return groupOf(current);
}

static void beginSlice(void) {
  memset(&slice, 0, sizeof slice);
  memcpy(sliceStart, executed, sizeof sliceStart);
}

static void endSlice(void) {
  for (int by = KERNEL; by <= USER; by++) slice.instructions[by] = executed[by] - sliceStart[by];
  groups[BY_TRACING].instructions[KERNEL] += executed[TRACING] - sliceStart[TRACING];
  countsAdd(&groups[currentGroup()], &slice);
  beginSlice();
}

/*
 * The timer interrupts by the host's clock, so how often depends on how slow the emulation is: it is nobody's work, up to
 * the softirqs that it leads to.
 */
static void beginTimer(void) {
  endSlice();
  inTimer = true;
}

static void endTimer(void) {
  if (!inTimer) return;
  uint64_t before = sliceStart[KERNEL];
  endSlice();
  inTimer = false;
  executed[KERNEL] = sliceStart[KERNEL] = before; /* it has taken no time */
}

static void switchTo(uint64_t previous, uint64_t next) {
  if (current->address == 1) {
    struct task *task = taskAt(previous);
    task->isWorkload |= current->isWorkload;
    task->ranUser |= current->ranUser;
    current = task;
  }
  endSlice();
  current = taskAt(next);
}

/* How many instructions the current group has executed. */
static inline uint64_t groupInstructions(enum taskGroup group) {
  return groups[group].instructions[0] + groups[group].instructions[1] + instructionsNow() - sliceStart[KERNEL] -
         sliceStart[USER];
}

static uint64_t lastStringPc, lastStringEnd;

static inline uint64_t allExecuted(void) { return executed[KERNEL] + executed[USER] + executed[TRACING]; }

/* One that goes on has been counted when it began. */
static void uncount(const struct site *site) {
  executed[site->executor]--;
  if (site->executor != USER) (*blockCount(site->pc))--;
}

/* Whether nothing else has run since the hook of this instruction: no instruction follows itself. */
static bool stringRepeats(const struct site *site) {
  bool repeats = site->pc == lastStringPc && allExecuted() == lastStringEnd + 1;
  if (repeats) uncount(site);
  lastStringPc = site->pc;
  lastStringEnd = allExecuted();
  return repeats;
}

/* A set or copy begins, or goes on after something else. */
static void beginString(const struct site *site, uint64_t repetitions) {
  struct stringOp begun = {.task = current, .pc = site->pc, .left = repetitions, .group = currentGroup()};
  begun.op = site->string == STRING_SET ? OF_SET : OF_COPY;
  if (site->string == STRING_OTHER) begun.pc = 0;
  if (stringOpBegin(&begun, groups)) slice.repInstructions++;
  else uncount(site);
  lastStringEnd = allExecuted();
}

/* One repetition of the set or copy that runs has stored; bytes of struct pages do not count. */
static inline void stringStored(unsigned bytes) {
  if (stringOp.left) stringOp.left--;
  if (bytes && stringOp.bytes == 0) slice.ops[stringOp.op]++;
  stringOp.bytes += bytes;
  slice.bytes[stringOp.op] += bytes;
}
