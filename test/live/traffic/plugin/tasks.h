/*
 * Whose instructions these are: the guest's tasks by the addresses of their task_struct. __switch_to_asm(prev, next) says
 * who is `current`, wake_up_new_task(task) who was started by whom.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum taskGroup { BY_WORKLOAD, BY_KERNEL_THREAD, BY_OTHER_PROGRAM, BY_TIMER, BY_TRACING, NR_GROUPS };
static const char *const groupNames[NR_GROUPS] = {
    "workload", "kernel_threads", "other_programs", "timer_interrupts", "tracing"};

struct task {
  uint64_t address, parent;
  bool isWorkload;
  bool ranUser; /* has been seen in user mode, or was started by one that has */
};

#define NR_TASKS 16384u
static struct task tasks[NR_TASKS];

/* Found or made. The kernel uses the memory of ended tasks again, so there are never many. */
static struct task *taskAt(uint64_t address) {
  for (unsigned i = 0; i < NR_TASKS; i++) {
    struct task *task = &tasks[((address >> 6) * 0x9e3779b1u + i) % NR_TASKS];
    if (task->address == address) return task;
    if (task->address) continue;
    task->address = address;
    return task;
  }
  fprintf(stderr, "plugin: more than %u tasks\n", NR_TASKS);
  exit(1);
}

static void taskStarted(uint64_t address, const struct task *parent) {
  struct task *task = taskAt(address);
  *task = (struct task){
      .address = address, .parent = parent->address, .isWorkload = parent->isWorkload, .ranUser = parent->ranUser};
}

/* The other groups are no task's: see beginTimer() and tracing.h. */
static inline enum taskGroup groupOf(const struct task *task) {
  if (task->isWorkload) return BY_WORKLOAD;
  return task->ranUser ? BY_OTHER_PROGRAM : BY_KERNEL_THREAD;
}
