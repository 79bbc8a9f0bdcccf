/* What the workloads share. */
#pragma once

#define PAGE 4096ul
#define MIB (1ul << 20)
#define HUGE (2 * MIB)

void die(const char *what);
unsigned long number(const char *text);

/* Anonymous memory, none present. */
char *map(unsigned long bytes, int flags);
/* The same in 4 KiB pages only. */
char *mapSmall(unsigned long bytes);
void touch(char *start, unsigned long bytes, unsigned long step);
void zap(char *start, unsigned long bytes);
/* Xorshift from a fixed seed. */
unsigned randomBelow(unsigned limit);

/* Tells the plugin where functions of the kernel are, and makes it follow tasks. */
void follow(void);
void startRecording(void);
void stopRecording(void);
/* Tells the shell that what comes before the recording is done. */
void ready(void);
/* Waits until the shell asks for what comes next. */
void awaitGo(void);
/* Both, then starts: the shell has looked at the state before. */
void startWhenAsked(void);
void stopAndTell(void);

typedef void command(int argc, char **argv);
command churn, collapse, database, fault, file, files, forkCow, forkHeld, hold, hugetlb, pfnOrder, pipes, stream, strings, swap, thp,
    thpPart;
