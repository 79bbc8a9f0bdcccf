/* fork() of one slice alone, and the exit of such a child. What a fork costs without it is measured beside. */
#include "probe.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define MAX_CHILDREN 64

/* When the child began to exit; shared. */
static volatile int64_t *exitFrom;

static const char *processReady(struct layout *layout) {
  if (exitFrom != NULL) return NULL;
  void *shared = mmap(NULL, pageBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return strerror(errno);
  exitFrom = shared;
  return NULL;
}

/* `inherited`: whether the slice goes to the child. */
static pid_t forked(char *at, size_t nrPages, int inherited, int64_t *took) {
  pid_t child;
  if (inherited) madvise(at, nrPages * pageBytes, MADV_DOFORK);
  RECORD_FROM();
  /* Of this thread: the child may run first. */
  int64_t from = nsOf(CLOCK_THREAD_CPUTIME_ID);
  child = fork();
  if (child != 0) {
    *took = nsOf(CLOCK_THREAD_CPUTIME_ID) - from;
    RECORD_TO();
    if (inherited) madvise(at, nrPages * pageBytes, MADV_DONTFORK);
  }
  return child;
}

static int64_t runFork(char *at, size_t nrPages, int inherited) {
  int64_t took;
  pid_t child = forked(at, nrPages, inherited, &took);
  if (child == 0) _exit(0);
  if (child < 0) return -1;
  waitpid(child, NULL, 0);
  return took;
}

/* Once before: then entries are read-only, and pages no longer known to be exclusive. */
static const char *forkReady(struct layout *layout) {
  const char *missing = processReady(layout);
  size_t nrPages = options.sliceBytes / pageBytes;
  for (size_t i = 0; missing == NULL && i < layout->nrPages; i += nrPages)
    if (runFork(layout->base + i * pageBytes, nrPages, 1) < 0) return strerror(errno);
  return missing;
}

static int64_t runForkSlice(struct layout *layout, char *at, size_t nrPages) { return runFork(at, nrPages, 1); }
static int64_t runForkAlone(struct layout *layout, char *at, size_t nrPages) { return runFork(at, nrPages, 0); }

static struct child {
  pid_t pid;
  int go;
} children[MAX_CHILDREN];

static struct child *childOf(struct layout *layout, char *at) {
  return &children[(at - layout->base) / options.sliceBytes % MAX_CHILDREN];
}

/* A child that waits, and then exits. */
static int waiting(struct child *child, char *at, size_t nrPages, int inherited) {
  int ends[2];
  int64_t took;
  if (pipe(ends)) return -1;
  child->pid = forked(at, nrPages, inherited, &took);
  if (child->pid == 0) {
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(ends[0], &byte, 1) < 0) _exit(1);
    RECORD_FROM();
    *exitFrom = nsOf(CLOCK_MONOTONIC);
    _exit(0);
  }
  close(ends[0]);
  child->go = ends[1];
  return child->pid < 0 ? -1 : 0;
}

static int64_t runExit(struct layout *layout, char *at, size_t nrPages) {
  struct child *child = childOf(layout, at);
  if (write(child->go, "", 1) != 1) return -1;
  waitpid(child->pid, NULL, 0);
  int64_t took = nsOf(CLOCK_MONOTONIC) - *exitFrom;
  RECORD_TO();
  close(child->go);
  *child = (struct child){0};
  return took;
}

static void childrenEnd(struct layout *layout) {
  for (int i = 0; i < MAX_CHILDREN; i++) {
    if (children[i].pid == 0) continue;
    /* Closing would not do: children that came later have this end too. */
    if (write(children[i].go, "", 1) != 1) fault("write");
    close(children[i].go);
    waitpid(children[i].pid, NULL, 0);
    children[i] = (struct child){0};
  }
}

static const char *waitingAll(struct layout *layout, int inherited) {
  const char *missing = processReady(layout);
  if (missing != NULL) return missing;
  if (layout->nrPages * pageBytes / options.sliceBytes > MAX_CHILDREN) return "more slices than children";
  for (size_t at = 0; at < layout->nrPages * pageBytes; at += options.sliceBytes) {
    char *slice = layout->base + at;
    if (!waiting(childOf(layout, slice), slice, options.sliceBytes / pageBytes, inherited)) continue;
    const char *reason = strerror(errno);
    childrenEnd(layout);
    return reason;
  }
  return NULL;
}

static const char *exitReady(struct layout *layout) { return waitingAll(layout, 1); }
static const char *exitAloneReady(struct layout *layout) { return waitingAll(layout, 0); }
static void forkSlice(struct layout *layout, char *at, size_t nrPages) {
  if (waiting(childOf(layout, at), at, nrPages, 1)) fault("fork");
}
static void forkAlone(struct layout *layout, char *at, size_t nrPages) {
  if (waiting(childOf(layout, at), at, nrPages, 0)) fault("fork");
}

const struct operation processOperations[] = {
    {.name = "fork-alone", .ready = processReady, .run = runForkAlone},
    {.name = "fork", .ready = forkReady, .run = runForkSlice},
    {.name = "child-exit-alone", .ready = exitAloneReady, .run = runExit, .again = forkAlone, .finish = childrenEnd},
    {.name = "child-exit", .ready = exitReady, .run = runExit, .again = forkSlice, .finish = childrenEnd},
    {0},
};
