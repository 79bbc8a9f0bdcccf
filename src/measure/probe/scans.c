/* Operations that look at page tables, and some at struct pages. */
#include "probe.h"

#include <fcntl.h>
#include <sys/ioctl.h>

/* include/uapi/linux/fs.h since 6.7. */
struct scanArguments {
  uint64_t size, flags, start, end, walkEnd, regions, nrRegions, maxPages;
  uint64_t inverted, mask, anyOf, returned;
};
struct scanRegion {
  uint64_t start, end, categories;
};
#define SCAN _IOWR('f', 16, struct scanArguments)
#define IS_FILE (1 << 2)
#define IS_PRESENT (1 << 3)

static int pagemapFile(void) {
  static int file = -1;
  if (file < 0) file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  return file;
}

static int scan(char *at, size_t nrPages, uint64_t categories) {
  struct scanRegion region;
  struct scanArguments arguments = {.size = sizeof arguments,
                                    .start = (uintptr_t)at,
                                    .end = (uintptr_t)at + nrPages * pageBytes,
                                    .regions = (uintptr_t)&region,
                                    .nrRegions = 1,
                                    .anyOf = IS_PRESENT,
                                    .returned = categories};
  return ioctl(pagemapFile(), SCAN, &arguments);
}

static const char *scanReady(struct layout *layout) {
  if (pagemapFile() < 0) return "no /proc/self/pagemap";
  if (scan(layout->base, 1, IS_PRESENT) >= 0) return NULL;
  return errno == ENOTTY || errno == EINVAL ? "kernel" : strerror(errno);
}

static int64_t runScan(struct layout *layout, char *at, size_t nrPages) {
  int failed;
  int64_t took = TIMED(failed = scan(at, nrPages, IS_PRESENT));
  return failed < 0 ? -1 : took;
}

static int64_t runScanFile(struct layout *layout, char *at, size_t nrPages) {
  int failed;
  int64_t took = TIMED(failed = scan(at, nrPages, IS_PRESENT | IS_FILE));
  return failed < 0 ? -1 : took;
}

static uint64_t entries[MAX_PAGES];

static const char *pagemapReady(struct layout *layout) { return pagemapFile() < 0 ? "no /proc/self/pagemap" : NULL; }

static int64_t runPagemap(struct layout *layout, char *at, size_t nrPages) {
  ssize_t got;
  off_t from = (uintptr_t)at / pageBytes * sizeof *entries;
  int64_t took = TIMED(got = pread(pagemapFile(), entries, nrPages * sizeof *entries, from));
  return got < 0 ? -1 : took;
}

/* No nodes: where the pages are. */
static int64_t runQuery(struct layout *layout, char *at, size_t nrPages) {
  static void *pages[MAX_PAGES];
  static int status[MAX_PAGES];
  long failed;
  for (size_t i = 0; i < nrPages; i++) pages[i] = at + i * pageBytes;
  int64_t took = TIMED(failed = syscall(SYS_move_pages, 0, nrPages, pages, NULL, status, 0));
  return failed ? -1 : took;
}

static int64_t runMincore(struct layout *layout, char *at, size_t nrPages) {
  static unsigned char resident[MAX_PAGES];
  int failed;
  int64_t took = TIMED(failed = mincore(at, nrPages * pageBytes, resident));
  return failed ? -1 : took;
}

/* Not mapped: mincore() then looks pages up in the page cache, and takes and drops a reference on each. */
static const char *unmapAll(struct layout *layout) {
  return madvise(layout->base, layout->nrPages * pageBytes, MADV_DONTNEED) ? strerror(errno) : NULL;
}

/* Half a page table aside, so that entries are moved and not whole page tables; moved back, not timed, by `again`. */
static char *aside;

static const char *remapReady(struct layout *layout) {
  int file;
  size_t bytes = options.sliceBytes + pageBytes * 2;
  if (aside == NULL) aside = reserve(bytes, ANONYMOUS, &file);
  return NULL;
}

static int64_t runRemap(struct layout *layout, char *at, size_t nrPages) {
  void *moved;
  size_t bytes = nrPages * pageBytes;
  int64_t took = TIMED(moved = mremap(at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, aside + pageBytes));
  return moved == MAP_FAILED ? -1 : took;
}

static void remapBack(struct layout *layout, char *at, size_t nrPages) {
  size_t bytes = nrPages * pageBytes;
  if (mremap(aside + pageBytes, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED) fault("mremap");
  /* Nothing else may be put there meanwhile. */
  mmap(aside + pageBytes, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

const struct operation scanOperations[] = {
    {.name = "pagemap-scan-control", .ready = scanReady, .run = runScan},
    {.name = "mincore", .run = runMincore},
    {.name = "mremap", .ready = remapReady, .run = runRemap, .again = remapBack},
    {.name = "pagemap-scan-file", .ready = scanReady, .run = runScanFile},
    {.name = "pagemap-read", .ready = pagemapReady, .run = runPagemap},
    {.name = "move-pages-query", .run = runQuery},
    {.name = "mincore-file", .backing = TMPFS, .ready = unmapAll, .run = runMincore},
    {0},
};
