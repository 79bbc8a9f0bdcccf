/* Memory of the probe: where it lies, in which order, and how caches are emptied of it. */
#include "probe.h"

#include <fcntl.h>
#include <sys/prctl.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define MPOL_BIND 2
#define MAX_NODES 1024
#define CHASE_STEPS 1024
/* One page of so many that are handed out is measured: prefetchers fetch the neighbour of a line. */
#define SPACING 4

const char *const orderNames[] = {"random", "in-order"}, *const backingNames[] = {"anonymous", "tmpfs"};
size_t pageBytes;

/* The xorshift generator: the same layout for the same seed, as far as the kernel's allocator allows. */
uint64_t randomBelow(uint64_t bound) {
  uint64_t x = options.seed;
  x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  return (options.seed = x) % bound;
}

static void shuffle(uint32_t *list, size_t length) {
  for (size_t i = length; i > 1; i--) {
    size_t j = randomBelow(i);
    uint32_t swapped = list[i - 1];
    list[i - 1] = list[j], list[j] = swapped;
  }
}

static uint32_t *numbersBelow(size_t length) {
  uint32_t *list = malloc(length * sizeof *list);
  if (list == NULL) fault("malloc");
  for (size_t i = 0; i < length; i++) list[i] = i;
  return list;
}

static void bindTo(int node, void *at, size_t bytes) {
  unsigned long nodes[MAX_NODES / (8 * sizeof(unsigned long))] = {0};
  nodes[node / (8 * sizeof *nodes)] = 1ul << node % (8 * sizeof *nodes);
  if (syscall(SYS_mbind, at, bytes, MPOL_BIND, nodes, (unsigned long)MAX_NODES, 0)) fault("mbind");
}

/* Small pages of address space that is reserved, bound to the node asked for, inherited by no child; none is there yet. */
void mapAt(char *at, size_t bytes, int file) {
  int flags = file >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  if (mmap(at, bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, file, 0) == MAP_FAILED) fault("mmap");
  madvise(at, bytes, MADV_NOHUGEPAGE);
  madvise(at, bytes, MADV_DONTFORK);
  if (options.node >= 0) bindTo(options.node, at, bytes);
}

/* Begins where a page table does. */
char *reserve(size_t bytes, enum backing backing, int *file) {
  size_t align = pageBytes * (pageBytes / 8);
  char *all = mmap(NULL, bytes + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) fault("mmap");
  char *base = (char *)(((uintptr_t)all + align - 1) / align * align);
  if (base > all) munmap(all, base - all);
  munmap(base + bytes, all + align - base);
  *file = backing == TMPFS ? (int)syscall(SYS_memfd_create, "altmap", 1u) : -1;
  if (backing == TMPFS && (*file < 0 || ftruncate(*file, bytes))) fault("memfd_create");
  mapAt(base, bytes, *file);
  return base;
}

/*
 * Anonymous pages in pfn order, whatever the free lists look like: huge pages, which an advice on one page of each takes
 * apart (madvise_cold_or_pageout_pte_range()). Where there are none to have, the pages stay small.
 */
static void fillInOrder(struct layout *layout) {
  size_t hugeBytes = pageBytes * (pageBytes / 8), bytes = layout->nrPages * pageBytes;
  madvise(layout->base, bytes, MADV_HUGEPAGE);
  for (size_t at = 0; at < bytes; at += pageBytes) layout->base[at] = 1;
  madvise(layout->base, bytes, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < bytes; at += hugeBytes) madvise(layout->base + at, pageBytes, MADV_COLD);
}

/*
 * Fills a layout. In order: as the kernel hands pages out. At random: the same pages spread over the layout, and of each
 * SPACING that come one after the other one is used.
 */
void fill(struct layout *layout, enum order order, enum backing backing) {
  size_t spacing = order == RANDOM ? SPACING : 1;
  size_t nrPages = options.footprintBytes / pageBytes / SPACING;
  nrPages -= nrPages % (options.sliceBytes / pageBytes);
  int spareFile;
  *layout = (struct layout){.order = order, .backing = backing, .nrPages = nrPages};
  layout->base = reserve(nrPages * pageBytes, backing, &layout->file);
  layout->spareBytes = (spacing - 1) * nrPages * pageBytes;
  layout->spare = layout->spareBytes == 0 ? NULL : reserve(layout->spareBytes, ANONYMOUS, &spareFile);
  if (order == IN_ORDER && backing == ANONYMOUS) {
    fillInOrder(layout);
    return;
  }
  uint32_t *list = numbersBelow(nrPages);
  if (order == RANDOM) shuffle(list, nrPages);
  char *spare = layout->spare;
  for (size_t i = 0; i < nrPages; i++) {
    layout->base[list[i] * pageBytes] = 1;
    for (size_t s = 1; s < spacing; s++, spare += pageBytes) *spare = 1;
  }
  free(list);
}

void empty(struct layout *layout) {
  munmap(layout->base, layout->nrPages * pageBytes);
  if (layout->spare != NULL) munmap(layout->spare, layout->spareBytes);
  if (layout->file >= 0) close(layout->file);
}

static int pagemap = -1;

static ssize_t readPagemap(char *at, size_t nrPages, uint64_t *entries) {
  if (pagemap < 0) pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  return pread(pagemap, entries, nrPages * sizeof *entries, (uintptr_t)at / pageBytes * sizeof *entries);
}

#define PFN_MASK ((1ull << 55) - 1)

struct place placeOf(char *page) {
  uint64_t entry = 0;
  int node = -1;
  void *pages[1] = {page};
  if (syscall(SYS_move_pages, 0, 1ul, pages, NULL, &node, 0)) node = -1;
  if (readPagemap(page, 1, &entry) < 0) entry = 0;
  return (struct place){node, entry & PFN_MASK};
}

/* Percent of pages whose pfn is next to that of the page before; -1 where the kernel does not tell pfns. */
int inOrderPercent(const struct layout *layout) {
  uint64_t entries[512], before = 0;
  size_t nrNext = 0;
  for (size_t i = 0; i < layout->nrPages; i += 512) {
    size_t count = layout->nrPages - i < 512 ? layout->nrPages - i : 512;
    if (readPagemap(layout->base + i * pageBytes, count, entries) != (ssize_t)(count * sizeof *entries)) return -1;
    for (size_t j = 0; j < count; j++) {
      uint64_t pfn = entries[j] & PFN_MASK;
      if (pfn == 0) return -1;
      nrNext += pfn == before + 1 || pfn + 1 == before;
      before = pfn;
    }
  }
  return 100 * nrNext / (layout->nrPages - 1);
}

/* Pagemap reads flags and map count of each mapped page, and no page. */
void readStructPages(struct layout *layout, char *at, size_t nrPages) {
  static uint64_t entries[MAX_PAGES];
  (void)layout;
  if (readPagemap(at, nrPages, entries) < 0) return;
}

/* Stores to more than every cache holds. */
void sweep(void) {
  static char *buffer;
  if (buffer == NULL) {
    buffer = mmap(NULL, options.sweepBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED) fault("mmap");
    madvise(buffer, options.sweepBytes, MADV_HUGEPAGE);
    madvise(buffer, options.sweepBytes, MADV_DONTFORK);
  }
  static char value;
  value++;
  for (size_t at = 0; at < options.sweepBytes; at += LINE_BYTES) ((volatile char *)buffer)[at] = value;
}

/* ns of CHASE_STEPS dependent loads of lines at random on the node, in no cache (`cold`) or in L2 (returned). */
int64_t chase(int *cold) {
  static char *buffer;
  static uint32_t *next;
  size_t nrLines = options.chaseBytes / LINE_BYTES;
  if (buffer == NULL) {
    int file;
    buffer = reserve(options.chaseBytes, ANONYMOUS, &file);
    madvise(buffer, options.chaseBytes, MADV_HUGEPAGE);
    next = numbersBelow(nrLines);
    shuffle(next, nrLines);
    for (size_t i = 0; i < nrLines; i++)
      *(char **)(buffer + (size_t)next[i] * LINE_BYTES) = buffer + (size_t)next[(i + 1) % nrLines] * LINE_BYTES;
  }
  char *volatile *first = (char *volatile *)(buffer + next[randomBelow(nrLines)] * (size_t)LINE_BYTES);
  int64_t took[2];
  for (int again = 0; again < 2; again++) {
    char *volatile *at = first;
    int64_t from = nsOf(CLOCK_MONOTONIC);
    for (int i = 0; i < CHASE_STEPS; i++) at = (char *volatile *)*at;
    took[again] = nsOf(CLOCK_MONOTONIC) - from;
  }
  *cold = took[0];
  return took[1];
}
