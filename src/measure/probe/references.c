/* Operations that take and drop references on pages: the paths of direct I/O, splice and ptrace. */
#include "probe.h"

#include <fcntl.h>
#include <sys/uio.h>

#define PIPE_BYTES (1 << 20)
/* UIO_MAXIOV */
#define MAX_VECTORS 1024

static int ends[2], null;
static size_t pipePages;

static const char *spliceReady(struct layout *layout) {
  if (null > 0) return NULL;
  null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null < 0 || pipe(ends)) return "no pipe";
  /* Less where the user has used up what /proc/sys/fs/pipe-user-pages-soft allows. */
  fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
  int bytes = fcntl(ends[1], F_GETPIPE_SZ);
  pipePages = bytes < (int)pageBytes ? 1 : bytes / pageBytes;
  return NULL;
}

/* get_user_pages() for a pipe, which /dev/null empties: one reference taken and dropped, nothing copied. */
static int64_t runSplice(struct layout *layout, char *at, size_t nrPages) {
  int failed = 0;
  int64_t took = TIMED(for (size_t done = 0; done < nrPages && !failed;) {
    size_t count = nrPages - done < pipePages ? nrPages - done : pipePages;
    struct iovec part = {at + done * pageBytes, count * pageBytes};
    ssize_t in = vmsplice(ends[1], &part, 1, 0);
    if (in <= 0 || splice(ends[0], NULL, null, NULL, in, 0) != in) failed = 1;
    done += in / (ssize_t)pageBytes;
  });
  return failed ? -1 : took;
}

static int64_t runReadv(struct layout *layout, char *at, size_t nrPages) {
  static struct iovec remote[MAX_VECTORS];
  static char bytes[MAX_VECTORS];
  if (nrPages > MAX_VECTORS) nrPages = MAX_VECTORS;
  struct iovec local = {bytes, nrPages};
  for (size_t i = 0; i < nrPages; i++) {
    /* Every page another line: the first ones of pages share a few sets of a cache. */
    remote[i] = (struct iovec){at + i * pageBytes + i * LINE_BYTES % pageBytes, 1};
    /* The byte that is copied is in cache, and its page in the TLB: what is left is the struct page. */
    bytes[0] += *(volatile char *)remote[i].iov_base;
  }
  ssize_t copied;
  int64_t took = TIMED(copied = syscall(SYS_process_vm_readv, getpid(), &local, 1, remote, nrPages, 0));
  return copied == (ssize_t)nrPages ? took : -1;
}

static const char *readvReady(struct layout *layout) {
  if (options.sliceBytes / pageBytes > MAX_VECTORS) return "pages of a slice are more than one call takes";
  return runReadv(layout, layout->base, 1) < 0 ? strerror(errno) : NULL;
}

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#define SYS_io_uring_register 427
#endif
#define REGISTER_BUFFERS 0
#define UNREGISTER_BUFFERS 1
#define PARAMETER_BYTES 120
#define MAX_RINGS 64

static int rings[MAX_RINGS];

static int newRing(void) {
  char parameters[PARAMETER_BYTES] = {0};
  return (int)syscall(SYS_io_uring_setup, 1, parameters);
}

static int pin(int ring, char *at, size_t nrPages) {
  struct iovec whole = {at, nrPages * pageBytes};
  return (int)syscall(SYS_io_uring_register, ring, REGISTER_BUFFERS, &whole, 1);
}

static int unpin(int ring) { return (int)syscall(SYS_io_uring_register, ring, UNREGISTER_BUFFERS, NULL, 0); }

static const char *ringReady(void) {
  if (rings[0] == 0) rings[0] = newRing();
  if (rings[0] >= 0) return NULL;
  int error = errno;
  rings[0] = 0;
  return error == ENOSYS ? "kernel" : error == EPERM ? "io_uring is not permitted here" : strerror(error);
}

static const char *memlock(void) {
  return errno == ENOMEM ? "the limit of locked memory (ulimit -l) is too low" : strerror(errno);
}

/*
 * These pins are long-term ones (FOLL_LONGTERM), which move pages out of ZONE_MOVABLE and CMA first: the layout would then
 * lie elsewhere, for all that is timed after them. Tried with a page of its own.
 */
static const char *movedByPin(void) {
  int file;
  char *page = reserve(pageBytes, ANONYMOUS, &file);
  *page = 1;
  struct place before = placeOf(page);
  if (pin(rings[0], page, 1)) return memlock();
  struct place after = placeOf(page);
  unpin(rings[0]);
  munmap(page, pageBytes);
  return before.node == after.node && before.pfn == after.pfn ? NULL
                                                              : "a long-term pin moves pages out of this zone (ZONE_MOVABLE)";
}

static const char *pinReady(struct layout *layout) {
  const char *missing = ringReady();
  if (missing == NULL) missing = movedByPin();
  if (missing != NULL) return missing;
  if (pin(rings[0], layout->base, options.sliceBytes / pageBytes)) return memlock();
  unpin(rings[0]);
  return NULL;
}

static int64_t runPin(struct layout *layout, char *at, size_t nrPages) {
  int failed;
  int64_t took = TIMED(failed = pin(rings[0], at, nrPages));
  return failed ? -1 : took;
}

static void unpinAgain(struct layout *layout, char *at, size_t nrPages) {
  unpin(rings[0]);
  readStructPages(layout, at, nrPages);
}

static void pinFinish(struct layout *layout) { unpin(rings[0]); }

static int *ringOf(struct layout *layout, char *at) { return &rings[(at - layout->base) / options.sliceBytes % MAX_RINGS]; }

static void closeRings(struct layout *layout) {
  for (int i = 1; i < MAX_RINGS && rings[i] > 0; i++) close(rings[i]), rings[i] = 0;
  unpin(rings[0]);
}

/* Each slice is pinned by a ring of its own. */
static const char *unpinReady(struct layout *layout) {
  const char *missing = ringReady();
  if (missing == NULL) missing = movedByPin();
  if (missing != NULL) return missing;
  if (layout->nrPages * pageBytes / options.sliceBytes > MAX_RINGS) return "more slices than rings";
  for (size_t at = 0; at < layout->nrPages * pageBytes; at += options.sliceBytes) {
    int *ring = ringOf(layout, layout->base + at);
    if (*ring == 0) *ring = newRing();
    if (*ring > 0 && !pin(*ring, layout->base + at, options.sliceBytes / pageBytes)) continue;
    const char *reason = *ring < 0 ? "rings: too many open files" : memlock();
    if (*ring < 0) *ring = 0;
    closeRings(layout);
    return reason;
  }
  return NULL;
}

static int64_t runUnpin(struct layout *layout, char *at, size_t nrPages) {
  int failed;
  int64_t took = TIMED(failed = unpin(*ringOf(layout, at)));
  return failed ? -1 : took;
}

static void pinAgain(struct layout *layout, char *at, size_t nrPages) {
  pin(*ringOf(layout, at), at, nrPages);
  readStructPages(layout, at, nrPages);
}

const struct operation referenceOperations[] = {
    {.name = "gup-get-put", .ready = spliceReady, .run = runSplice},
    {.name = "process-vm-readv", .ready = readvReady, .run = runReadv},
    {.name = "uring-pin", .ready = pinReady, .run = runPin, .again = unpinAgain, .finish = pinFinish},
    {.name = "uring-unpin", .ready = unpinReady, .run = runUnpin, .again = pinAgain, .finish = closeRings},
    {0},
};
