// The packaged workloads, run natively: CPU time of what their recordings hold, user and kernel, children included.
//   workloads churn|fault|fork|tmpfs [FOLDER of a tmpfs]
// Prints nanoseconds. The same memory, sizes and order as test/live/traffic/guest, without marks.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1ul << 20)
#define PAGE 4096ul

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double cpuNs(void) {
  double ns = 0;
  for (int i = 0; i < 2; i++) {
    struct rusage used;
    if (getrusage(i ? RUSAGE_CHILDREN : RUSAGE_SELF, &used)) die("getrusage");
    ns += 1e9 * (used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1e3 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  }
  return ns;
}

static char *mapSmall(unsigned long bytes) {
  char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED || madvise(start, bytes, MADV_NOHUGEPAGE)) die("mmap");
  return start;
}

static void touch(char *start, unsigned long bytes) {
  for (unsigned long at = 0; at < bytes; at += PAGE) start[at] = 1;
}

static void fault(unsigned long bytes, int times) {
  while (times-- > 0) {
    char *start = mapSmall(bytes);
    touch(start, bytes);
    munmap(start, bytes);
  }
}

static void forkCow(int times, unsigned long bytes) {
  char *start = mapSmall(bytes);
  memset(start, 1, bytes);
  while (times-- > 0) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      touch(start, bytes / 4);
      _exit(0);
    }
    waitpid(child, NULL, 0);
  }
}

static unsigned randomBelow(unsigned limit) {
  static unsigned state = 1;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % limit;
}

static void churn(char *start, unsigned long bytes, int times) {
  while (times-- > 0) {
    char *page = start + randomBelow(bytes / PAGE) * PAGE;
    if (madvise(page, PAGE, MADV_DONTNEED)) die("MADV_DONTNEED");
    *page = 1;
  }
}

static void tmpfsFile(unsigned long bytes, const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/altmap-native-%d", folder, (int)getpid());
  char *buffer = mapSmall(MIB);
  memset(buffer, 7, MIB);
  int fd = open(path, O_CREAT | O_RDWR | O_EXCL, 0600);
  if (fd < 0) die(path);
  for (unsigned long at = 0; at < bytes; at += MIB)
    if (write(fd, buffer, MIB) != (ssize_t)MIB) die("write");
  lseek(fd, 0, SEEK_SET);
  for (unsigned long at = 0; at < bytes; at += MIB)
    if (read(fd, buffer, MIB) != (ssize_t)MIB) die("read");
  close(fd);
  unlink(path);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  char *held = NULL;
  unsigned long heldBytes = 3072 * MIB;
  if (!strcmp(what, "churn")) {
    held = mapSmall(heldBytes);
    touch(held, heldBytes);
  }
  double before = cpuNs();
  if (held) churn(held, heldBytes, 20000);
  else if (!strcmp(what, "fault")) fault(64 * MIB, 2);
  else if (!strcmp(what, "fork")) forkCow(20, 16 * MIB);
  else if (!strcmp(what, "tmpfs")) tmpfsFile(48 * MIB, argc > 2 ? argv[2] : "/dev/shm");
  else {
    fprintf(stderr, "workloads churn|fault|fork|tmpfs [FOLDER]\n");
    return 2;
  }
  printf("%.0f\n", cpuNs() - before);
  return 0;
}
