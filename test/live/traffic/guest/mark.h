/*
 * The instruction that makes the plugin watch memory, tells it of the workload, and starts and stops a recording: an
 * 8-byte NOP whose displacement no compiler chooses.
 */
#pragma once

#define MARK_BYTES {0x0f, 0x1f, 0x84, 0x00} /* nopl VALUE(%rax,%rax) */
#define MARK_WATCH 0x616d7400
/* Follows tasks alone, which slows nothing; before MARK_WATCH. */
#define MARK_FOLLOW 0x616d7408
#define MARK_START 0x616d7401
#define MARK_STOP 0x616d7402
/* Who executes this is the workload, with every task that it starts. */
#define MARK_WORKLOAD 0x616d7403
/* The same of who started the one that executes this: the shell. */
#define MARK_WORKLOAD_PARENT 0x616d7404
/* The parent is so no longer. */
#define MARK_NO_WORKLOAD_PARENT 0x616d7405

/* In RAX and RDX start and end of functions that trace events; in ascending order, before MARK_FOLLOW. */
#define MARK_TRACING 0x616d7406
/* Before MARK_FOLLOW, for each of these: which in RAX, its address in RDX. */
#define MARK_FUNCTION 0x616d7407
/* Watches no longer, until the next MARK_WATCH. */
#define MARK_REST 0x616d7409
#define LAST_MARK MARK_REST
#define KERNEL_FUNCTIONS \
  {"__switch_to_asm", "wake_up_new_task", "asm_sysvec_apic_timer_interrupt", "native_irq_return_iret", \
   "handle_softirqs", "__do_softirq"}
/* Softirqs: since 6.10 and before. */
enum kernelFunction { SWITCH_TO, WAKE_UP_NEW_TASK, TIMER_INTERRUPT, IRET, SOFTIRQS, SOFTIRQS_OLD, NR_FUNCTIONS };

#define MARK_TEXT(value) ".byte 0x0f, 0x1f, 0x84, 0x00\n\t.long " value "\n\t"
#define EXECUTE_MARK_WITH(value, first, second) \
  __asm__ volatile(MARK_TEXT("%c0")::"i"(value), "a"(first), "d"(second) : "memory")
#define EXECUTE_MARK(value) EXECUTE_MARK_WITH(value, 0l, 0l)
