/* The recorded workloads: what the kernel is made to do. One static program, run by the guest's shell. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mark.h"
#include "work.h"

#define MPOL_BIND 2

/* TIMES PROGRAM...: fork, exec and wait. */
static void execs(int argc, char **argv) {
  for (unsigned long times = number(argv[0]); times > 0; times--) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      execv(argv[1], argv + 1);
      _exit(127);
    }
    waitpid(child, NULL, 0);
  }
}

static void nothing(int argc, char **argv) {}

/* NODE PROGRAM...: the workload, with the memory of one node alone. */
static void bind(int argc, char **argv) {
  EXECUTE_MARK(MARK_WORKLOAD);
  unsigned long nodes = 1ul << number(argv[0]);
  if (syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 64)) die("set_mempolicy");
  execv(argv[1], argv + 1);
  die(argv[1]);
}

/* follow, watch, rest, or start|stop [shell]: the shell that runs this is the workload meanwhile. */
static void mark(int argc, char **argv) {
  int ofShell = argc > 1;
  if (!strcmp(argv[0], "follow")) follow();
  if (!strcmp(argv[0], "watch")) EXECUTE_MARK(MARK_WATCH);
  if (!strcmp(argv[0], "rest")) EXECUTE_MARK(MARK_REST);
  if (!strcmp(argv[0], "start")) {
    if (ofShell) EXECUTE_MARK(MARK_WORKLOAD_PARENT);
    startRecording();
  }
  if (!strcmp(argv[0], "stop")) {
    stopRecording();
    if (ofShell) EXECUTE_MARK(MARK_NO_WORKLOAD_PARENT);
  }
}

static const struct {
  const char *name;
  int arguments;
  command *run;
} commands[] = {
    {"bind", 2, bind},         {"churn", 2, churn},     {"collapse", 2, collapse}, {"db", 3, database},
    {"execs", 2, execs},       {"fault", 1, fault},     {"file", 2, file},         {"files", 2, files},
    {"fork", 2, forkCow},      {"hold", 1, hold},       {"hugetlb", 1, hugetlb},   {"mark", 1, mark},
    {"forkHeld", 1, forkHeld}, {"nothing", 0, nothing}, {"pfnOrder", 3, pfnOrder}, {"pipes", 1, pipes},
    {"stream", 1, stream},
    {"strings", 2, strings},   {"swap", 1, swap},       {"thp", 1, thp},           {"thpPart", 2, thpPart},
};

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(argv[1], commands[i].name) || argc - 2 < commands[i].arguments) continue;
    commands[i].run(argc - 2, argv + 2);
    return 0;
  }
  fprintf(stderr, "work: unknown command, or arguments missing\n");
  return 2;
}
