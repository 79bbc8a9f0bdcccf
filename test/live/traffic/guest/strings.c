/* String instructions whose number is known: what the plugin is tested with. */
#define _GNU_SOURCE
#include "mark.h"
#include "work.h"

/*
 * TIMES BYTES: marks a loop that sets, and one that copies, so many bytes so many times, after the memory has been
 * touched. What is recorded are exactly 3 instructions, the mark that stops among them, and 11 for each time, of
 * which two are string instructions.
 */
void strings(int argc, char **argv) {
  unsigned long times = number(argv[0]), bytes = number(argv[1]);
  char *target = mapSmall(bytes), *source = mapSmall(bytes);
  touch(target, bytes, 1);
  touch(source, bytes, 1);
  ready();
  awaitGo();
  __asm__ volatile(
      MARK_TEXT("%c[start]")
      "mov %[times], %%r8\n\t"
      "1: mov %[target], %%rdi\n\t"
      "mov %[bytes], %%rcx\n\t"
      "rep stosb\n\t"
      "dec %%r8\n\t"
      "jnz 1b\n\t"
      "mov %[times], %%r8\n\t"
      "2: mov %[target], %%rdi\n\t"
      "mov %[source], %%rsi\n\t"
      "mov %[bytes], %%rcx\n\t"
      "rep movsb\n\t"
      "dec %%r8\n\t"
      "jnz 2b\n\t"
      MARK_TEXT("%c[stop]")
      :
      : [start] "i"(MARK_START), [stop] "i"(MARK_STOP), [times] "r"(times), [target] "r"(target), [source] "r"(source),
        [bytes] "r"(bytes), "a"(0)
      : "rdi", "rsi", "rcx", "r8", "memory");
  stopAndTell();
}
