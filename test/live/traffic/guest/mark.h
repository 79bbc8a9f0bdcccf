/*
 * The instruction that makes the plugin watch memory, and starts and stops a recording: an 8-byte NOP whose displacement
 * no compiler chooses.
 */
#pragma once

#define MARK_BYTES {0x0f, 0x1f, 0x84, 0x00} /* nopl VALUE(%rax,%rax) */
#define MARK_WATCH 0x616d7400
#define MARK_START 0x616d7401
#define MARK_STOP 0x616d7402

#define EXECUTE_MARK(value) __asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00\n\t.long %c0" ::"i"(value) : "memory")
