/* Operations that change mappings: reclaim's advice, pages of tmpfs, unmapping and faults of anonymous memory. */
#include "probe.h"

#define MADV_FREE_ADVICE 8
/* Data of so many pages lies in L2 beside their struct pages. */
#define FAULTED_PAGES 32
#define ZAPPED_PAGES 64

static int advise(char *at, size_t nrPages, int advice) { return madvise(at, nrPages * pageBytes, advice); }

static int64_t runAdvice(char *at, size_t nrPages, int advice) {
  int failed;
  int64_t took = TIMED(failed = advise(at, nrPages, advice));
  return failed ? -1 : took;
}

/* Twice: what an advice finds changed by itself is another path of the kernel. */
static const char *adviseAll(struct layout *layout, int advice) {
  for (int i = 0; i < 2; i++)
    if (advise(layout->base, layout->nrPages, advice)) return errno == EINVAL ? "kernel" : strerror(errno);
  return NULL;
}

static const char *coldReady(struct layout *layout) { return adviseAll(layout, MADV_COLD); }
static int64_t runCold(struct layout *layout, char *at, size_t nrPages) { return runAdvice(at, nrPages, MADV_COLD); }

static const char *freeReady(struct layout *layout) { return adviseAll(layout, MADV_FREE_ADVICE); }
static int64_t runFree(struct layout *layout, char *at, size_t nrPages) {
  return runAdvice(at, nrPages, MADV_FREE_ADVICE);
}

/* Written to, pages are no longer to be freed. */
static void store(struct layout *layout) {
  for (size_t i = 0; i < layout->nrPages; i++) ((volatile char *)layout->base)[i * pageBytes] = 1;
}

static const char *mapReady(struct layout *layout) {
  if (advise(layout->base, layout->nrPages, MADV_POPULATE_READ)) return errno == EINVAL ? "kernel" : strerror(errno);
  advise(layout->base, layout->nrPages, MADV_DONTNEED);
  return NULL;
}

static int64_t runPopulate(struct layout *layout, char *at, size_t nrPages) {
  return runAdvice(at, nrPages, MADV_POPULATE_READ);
}

static void unmapAgain(struct layout *layout, char *at, size_t nrPages) { advise(at, nrPages, MADV_DONTNEED); }

static const char *unmapReady(struct layout *layout) {
  return advise(layout->base, layout->nrPages, MADV_POPULATE_READ) ? (errno == EINVAL ? "kernel" : strerror(errno)) : NULL;
}

static int64_t runDiscard(struct layout *layout, char *at, size_t nrPages) {
  return runAdvice(at, nrPages, MADV_DONTNEED);
}

static void mapAgain(struct layout *layout, char *at, size_t nrPages) { advise(at, nrPages, MADV_POPULATE_READ); }

static int64_t runUnmap(struct layout *layout, char *at, size_t nrPages) {
  int failed;
  int64_t took = TIMED(failed = munmap(at, nrPages * pageBytes));
  return failed ? -1 : took;
}

/* Faulting clears pages, which takes L2 for their data: then struct pages are read. */
static void mapAnew(struct layout *layout, char *at, size_t nrPages) {
  mapAt(at, nrPages * pageBytes, -1);
  for (size_t i = 0; i < nrPages; i++) ((volatile char *)at)[i * pageBytes] = 1;
  readStructPages(layout, at, nrPages);
}

static void mapAllAnew(struct layout *layout) {
  size_t nrPages = options.sliceBytes / pageBytes;
  for (size_t i = 0; i < layout->nrPages; i += nrPages) mapAnew(layout, layout->base + i * pageBytes, nrPages);
}

static const char *faultReady(struct layout *layout) {
  return advise(layout->base, layout->nrPages, MADV_DONTNEED) ? strerror(errno) : NULL;
}

static int64_t runFault(struct layout *layout, char *at, size_t nrPages) {
  return TIMED(for (size_t i = 0; i < nrPages; i++)((volatile char *)at)[i * pageBytes] = 1);
}

/* What a fault clears, cleared by the program as the kernel does it (clear_page_erms()); no struct page. */
static int64_t runClear(struct layout *layout, char *at, size_t nrPages) {
  return TIMED(for (size_t i = 0; i < nrPages; i++) {
    char *page = at + i * pageBytes;
#ifdef __x86_64__
    size_t left = pageBytes;
    __asm__ volatile("rep stosb" : "+D"(page), "+c"(left) : "a"(0) : "memory");
#else
    memset(page, 0, pageBytes);
    __asm__ volatile("" ::: "memory");
#endif
  });
}

/* Pages at random over all of the layout: one discarded, and faulted at once from the list that it was freed to. */
static int64_t runZapFault(struct layout *layout, char *at, size_t nrPages) {
  static char *pages[ZAPPED_PAGES];
  for (size_t i = 0; i < nrPages; i++) pages[i] = at + randomBelow(nrPages) * pageBytes;
  return TIMED(for (size_t i = 0; i < nrPages; i++) {
    madvise(pages[i], pageBytes, MADV_DONTNEED);
    *(volatile char *)pages[i] = 1;
  });
}

const struct operation mappingOperations[] = {
    {.name = "madv-cold", .ready = coldReady, .run = runCold},
    {.name = "tmpfs-map", .backing = TMPFS, .ready = mapReady, .run = runPopulate, .again = unmapAgain},
    {.name = "tmpfs-unmap", .backing = TMPFS, .ready = unmapReady, .run = runDiscard, .again = mapAgain},
    {.name = "madv-free", .ready = freeReady, .run = runFree, .finish = store},
    {.name = "clear", .nrPages = FAULTED_PAGES, .run = runClear},
    {.name = "anon-fault", .nrPages = FAULTED_PAGES, .ready = faultReady, .run = runFault, .again = unmapAgain, .finish = store},
    {.name = "zap-fault", .nrPages = ZAPPED_PAGES, .run = runZapFault},
    {.name = "anon-unmap", .run = runUnmap, .again = mapAnew, .finish = mapAllAnew},
    {0},
};
