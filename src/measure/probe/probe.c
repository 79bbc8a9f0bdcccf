/*
 * Times operations of the kernel on pages whose struct pages are in no cache, and again at once, when they are in L2.
 * Prints every timing; altmap measure starts it, and makes sense of what it prints.
 *
 *   probe key=value... [operation...]
 */
#include "probe.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define FORMAT 1
#define MAX_SLICES 64
#define NS 1e9

struct options options = {.footprintBytes = 512 << 20, .sliceBytes = 4 << 20, .sweepBytes = 128 << 20,
                          .chaseBytes = 64 << 20, .seconds = 10, .maxRuns = 1000, .node = -1, .cpu = -1,
                          .seed = 88172645463325252ull};

static const struct operation *const tables[] = {scanOperations, referenceOperations, processOperations, mappingOperations};

void fault(const char *what) {
  printf("fault %s: %s\n", what, strerror(errno));
  exit(3);
}

static int isWanted(const char *name) {
  for (int i = 0; i < options.nrWanted; i++)
    if (!strcmp(options.wanted[i], name)) return 1;
  return options.nrWanted == 0;
}

/* How often another process took the CPU from this one. */
static long preemptions(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

/* One line for each slice: cold and hot, ns of `nrPages` pages. */
static void measure(const struct operation *operation, struct layout *layout, int run) {
  size_t nrPages = operation->nrPages ? operation->nrPages : options.sliceBytes / pageBytes;
  size_t nrSlices = layout->nrPages / nrPages < MAX_SLICES ? layout->nrPages / nrPages : MAX_SLICES;
  const char *missing = operation->ready == NULL ? NULL : operation->ready(layout);
  if (missing != NULL) {
    printf("skip %s %s\n", operation->name, missing);
    return;
  }
  sweep();
  /* The first runs the code of the kernel into the caches. */
  for (size_t i = 0; i < nrSlices; i++) {
    char *at = layout->base + i * nrPages * pageBytes;
    int64_t took[2];
    long before = preemptions();
    for (int hot = 0; hot < 2; hot++) {
      if (hot && operation->again != NULL) operation->again(layout, at, nrPages);
      took[hot] = operation->run(layout, at, nrPages);
      RECORDED_AS(operation->name, orderNames[layout->order], hot, nrPages);
      if (took[hot] >= 0) continue;
      printf("skip %s %s\n", operation->name, strerror(errno));
      if (operation->finish != NULL) operation->finish(layout);
      return;
    }
    int disturbed = preemptions() != before;
    if (operation->again != NULL) operation->again(layout, at, nrPages);
    if (i > 0 && !disturbed)
      printf("time %s %s %d %zu %lld %lld\n", operation->name, orderNames[layout->order], run, nrPages, (long long)took[0],
             (long long)took[1]);
  }
  if (operation->finish != NULL) operation->finish(layout);
}

static void measureLayout(enum order order, enum backing backing, int run) {
  struct layout layout;
  int wanted = 0;
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
    for (const struct operation *operation = tables[t]; operation->name != NULL; operation++)
      wanted |= operation->backing == backing && isWanted(operation->name);
  if (!wanted) return;
  fill(&layout, order, backing);
  printf("layout %s %s %d %zu %d\n", orderNames[order], backingNames[backing], run, layout.nrPages, inOrderPercent(&layout));
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
    for (const struct operation *operation = tables[t]; operation->name != NULL; operation++)
      if (operation->backing == backing && isWanted(operation->name)) measure(operation, &layout, run);
  empty(&layout);
}

static void measureChase(int run) {
  sweep();
  for (int i = 0; i < 16; i++) {
    int cold;
    int64_t hot = chase(&cold);
    if (i > 0) printf("chase %d %d %lld\n", run, cold, (long long)hot);
  }
}

static void readOption(const char *word) {
  static const struct {
    const char *key;
    enum { SIZE, INTEGER, REAL, SEED } kind;
    void *value;
  } keys[] = {{"footprint", SIZE, &options.footprintBytes}, {"slice", SIZE, &options.sliceBytes},
              {"sweep", SIZE, &options.sweepBytes},         {"chase", SIZE, &options.chaseBytes},
              {"seconds", REAL, &options.seconds},          {"runs", INTEGER, &options.maxRuns},
              {"node", INTEGER, &options.node},             {"cpu", INTEGER, &options.cpu},
              {"seed", SEED, &options.seed}};
  size_t length = strcspn(word, "=");
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strlen(keys[i].key) != length || strncmp(word, keys[i].key, length)) continue;
    const char *value = word + length + 1;
    if (keys[i].kind == SIZE) *(size_t *)keys[i].value = strtoull(value, NULL, 10);
    if (keys[i].kind == SEED) *(uint64_t *)keys[i].value = strtoull(value, NULL, 10) | 1;
    if (keys[i].kind == INTEGER) *(int *)keys[i].value = atoi(value);
    if (keys[i].kind == REAL) *(double *)keys[i].value = atof(value);
    return;
  }
  errno = EINVAL;
  fault(word);
}

static void pinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set)) fault("sched_setaffinity");
}

int main(int argc, char **argv) {
  /* Who started it is gone: so is this, and with it all that it allocated. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pageBytes = sysconf(_SC_PAGESIZE);
  int i = 1;
  for (; i < argc && strchr(argv[i], '='); i++) readOption(argv[i]);
  options.nrWanted = argc - i, options.wanted = argv + i;
  if (options.cpu >= 0) pinTo(options.cpu);
  printf("probe %d %zu\n", FORMAT, pageBytes);
  int64_t from = nsOf(CLOCK_MONOTONIC), last = from;
  for (int run = 0; run < options.maxRuns; run++) {
    measureChase(run);
    for (int order = 0; order < NR_ORDERS; order++)
      for (int backing = 0; backing < NR_BACKINGS; backing++) measureLayout(order, backing, run);
    int64_t now = nsOf(CLOCK_MONOTONIC);
    printf("run %d %lld\n", run, (long long)(now - from));
    fflush(stdout);
    /* Another one must end in time. */
    if (now - from + (now - last) > options.seconds * NS) break;
    last = now;
  }
  printf("end\n");
  return 0;
}
