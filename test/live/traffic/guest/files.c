/* Files and pipes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "work.h"

static void moreFiles(unsigned long files) {
  struct rlimit limit = {files, files};
  if (setrlimit(RLIMIT_NOFILE, &limit)) die("RLIMIT_NOFILE");
}

/* NUMBER DIRECTORY: files created and kept open, closed, unlinked. */
void files(int argc, char **argv) {
  unsigned long count = number(argv[0]);
  moreFiles(count + 16);
  if (chdir(argv[1])) die(argv[1]);
  char name[32];
  for (unsigned long i = 0; i < count; i++) {
    snprintf(name, sizeof name, "file%lu", i);
    if (open(name, O_CREAT | O_RDWR, 0600) < 0) die(name);
  }
  for (unsigned long i = 0; i < count; i++) close(3 + i);
  for (unsigned long i = 0; i < count; i++) {
    snprintf(name, sizeof name, "file%lu", i);
    if (unlink(name)) die(name);
  }
  usleep(300000); /* inodes are freed after a grace period */
}

/* NUMBER: pipes made and closed. */
void pipes(int argc, char **argv) {
  unsigned long count = number(argv[0]);
  moreFiles(2 * count + 16);
  int ends[2];
  for (unsigned long i = 0; i < count; i++)
    if (pipe(ends)) die("pipe");
  for (int fd = ends[1]; fd >= 3; fd--) close(fd);
}

static unsigned long writeAll(int fd, char *buffer, unsigned long bytes) {
  for (unsigned long at = 0; at < bytes; at += MIB)
    if (write(fd, buffer, MIB) != (ssize_t)MIB) die("write");
  return bytes;
}

/* MIB PATH: file written, read and unlinked, 1 MiB a call. */
void file(int argc, char **argv) {
  unsigned long bytes = number(argv[0]) * MIB;
  char *buffer = mapSmall(MIB);
  memset(buffer, 1, MIB);
  int fd = open(argv[1], O_CREAT | O_RDWR, 0600);
  if (fd < 0) die(argv[1]);
  writeAll(fd, buffer, bytes);
  lseek(fd, 0, SEEK_SET);
  while (read(fd, buffer, MIB) > 0) {
  }
  close(fd);
  unlink(argv[1]);
}

/* PATH: read to its end, 64 KiB a call, every byte summed as a compressor would look at it. */
void stream(int argc, char **argv) {
  static unsigned char buffer[65536];
  int fd = open(argv[0], O_RDONLY);
  if (fd < 0) die(argv[0]);
  volatile unsigned sum = 0;
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;)
    for (ssize_t i = 0; i < got; i++) sum += buffer[i];
  close(fd);
}

/* PATH MIB TRANSACTIONS: each reads four random pages of a file, writes two, and syncs. */
void database(int argc, char **argv) {
  static char page[PAGE];
  unsigned pages = number(argv[1]) * (MIB / PAGE);
  int fd = open(argv[0], O_RDWR);
  if (fd < 0) die(argv[0]);
  for (unsigned long times = number(argv[2]); times > 0; times--) {
    for (int i = 0; i < 4; i++)
      if (pread(fd, page, PAGE, randomBelow(pages) * PAGE) != (ssize_t)PAGE) die("pread");
    for (int i = 0; i < 2; i++)
      if (pwrite(fd, page, PAGE, randomBelow(pages) * PAGE) != (ssize_t)PAGE) die("pwrite");
    if (fsync(fd)) die("fsync");
  }
  close(fd);
}
