/* What the plugin has to know of the kernel, by /proc/kallsyms. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "work.h"

static bool startsWithOneOf(const char *name, const char *const *prefixes) {
  for (; *prefixes; prefixes++)
    if (!strncmp(name, *prefixes, strlen(*prefixes))) return true;
  return false;
}

/* kernel/trace: events, their ring buffer and its clock. Red-black trees share a prefix with the ring buffer. */
static bool isTracing(const char *name) {
  static const char *const tracing[] = {"trac", "__trac", "ring_buffer_", "rb_", "__rb_", NULL};
  static const char *const trees[] = {"rb_erase", "rb_next",    "rb_prev",    "rb_first",    "rb_last",
                                      "rb_insert", "rb_replace", "__rb_erase", "__rb_insert", NULL};
  if (!strcmp(name, "sched_clock") || !strcmp(name, "native_sched_clock") || !strcmp(name, "sched_clock_noinstr"))
    return true;
  return startsWithOneOf(name, tracing) && !startsWithOneOf(name, trees);
}

struct symbol {
  unsigned long address;
  bool isTracing;
};

static int byAddress(const void *left, const void *right) {
  unsigned long a = ((const struct symbol *)left)->address, b = ((const struct symbol *)right)->address;
  return (a > b) - (a < b);
}

static struct symbol *symbols;
static size_t nrSymbols;

static void addSymbol(unsigned long address, bool ofTracing) {
  if (nrSymbols % 65536 == 0) symbols = realloc(symbols, (nrSymbols + 65536) * sizeof *symbols);
  if (!symbols) die("symbols");
  symbols[nrSymbols++] = (struct symbol){address, ofTracing};
}

static void tellTracing(void) {
  qsort(symbols, nrSymbols, sizeof *symbols, byAddress);
  for (size_t i = 0, next; i < nrSymbols; i = next) {
    bool ofTracing = false;
    for (next = i; next < nrSymbols && symbols[next].address == symbols[i].address; next++)
      ofTracing |= symbols[next].isTracing;
    if (ofTracing && next < nrSymbols) EXECUTE_MARK_WITH(MARK_TRACING, symbols[i].address, symbols[next].address);
  }
}

void follow(void) {
  static const char *const functions[] = KERNEL_FUNCTIONS;
  FILE *file = fopen("/proc/kallsyms", "r");
  if (!file) die("/proc/kallsyms");
  char line[1024], name[512], kind;
  unsigned long address, found[NR_FUNCTIONS] = {0};
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%lx %c %511s", &address, &kind, name) != 3 || !strchr("tTwW", kind) || address < 1ul << 63)
      continue;
    addSymbol(address, isTracing(name));
    for (int which = 0; which < NR_FUNCTIONS; which++)
      if (!strcmp(name, functions[which])) found[which] = address;
  }
  fclose(file);
  for (unsigned long which = 0; which < NR_FUNCTIONS; which++) {
    if (found[which]) EXECUTE_MARK_WITH(MARK_FUNCTION, which, found[which]);
    else if (which < SOFTIRQS || !found[SOFTIRQS_OLD]) {
      fprintf(stderr, "/proc/kallsyms has no %s\n", functions[which]);
      exit(1);
    }
  }
  tellTracing();
  EXECUTE_MARK(MARK_FOLLOW);
}
