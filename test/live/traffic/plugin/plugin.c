/*
 * A QEMU TCG plugin that records every access of the guest to the vmemmap, between two marks that the guest executes
 * (mark.h). Arguments: dir=DIRECTORY, where recording-N.touch and recording-N.txt go, and pfn_from=PFN, the first page
 * of hot-added memory. One guest CPU; x86_64 with 4-level page tables and without KASLR.
 *
 * A guest boots at full speed: memory accesses are instrumented from the mark "watch" on, when QEMU is made to forget
 * its translations. From then on the caches follow them, so that a recording finds there what ran before it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../guest/mark.h"
#include "lruCache.h"
#include "qemuPlugin.h"
#include "sites.h"

#define VMEMMAP_START 0xffffea0000000000ull
#define MAX_PFN (1ull << 28)
#define STRUCT_PAGE_SHIFT 6
#define NR_LLCS 3

PLUGIN_EXPORT int qemu_plugin_version = 1;

/* One record of a *.touch file. */
struct touch {
  uint32_t pfn;
  uint8_t loads;
  uint8_t stores;
  uint16_t otherL2Fills;
  uint32_t instructions;
};

static const char *directory = ".";
static uint64_t pfnFrom = 0x100000;
static qemu_plugin_id_t pluginId;
static unsigned nrRecordings;
static bool isWatching;

static const unsigned llcMib[NR_LLCS] = {8, 32, 128};
static struct lruCache l2;
static struct lruCache llcs[NR_LLCS];

/* The recording that is being made, if touchFile is open; otherwise these count for nobody. */
static struct {
  uint64_t instructions, allCounts[2], counts[2], hotCounts[2];
  uint64_t touches, hotTouches, pages, hotPages;
  uint64_t otherL2Fills, llcFills[NR_LLCS];
  uint64_t fillsTold, instructionsTold; /* of these, what records have told */
  uint64_t lastOtherLine, lastHotPfn;
  struct touch open;
  bool hasOpen;
} run;
static uint8_t *seenPages;
static FILE *touchFile;

static void closeTouch(void) {
  if (run.hasOpen) fwrite(&run.open, sizeof run.open, 1, touchFile);
  run.hasOpen = false;
}

/* What does not fit in a field goes to the next record. */
static uint64_t tell(uint64_t total, uint64_t *told, uint64_t limit) {
  uint64_t now = total - *told < limit ? total - *told : limit;
  *told += now;
  return now;
}

static void openTouch(uint64_t pfn) {
  closeTouch();
  run.open = (struct touch){
      .pfn = pfn,
      .otherL2Fills = tell(run.otherL2Fills, &run.fillsTold, UINT16_MAX),
      .instructions = tell(run.instructions, &run.instructionsTold, UINT32_MAX),
  };
  run.hasOpen = true;
  run.touches++;
  uint8_t bit = 1 << (pfn & 7);
  if (seenPages[pfn >> 3] & bit) return;
  seenPages[pfn >> 3] |= bit;
  run.pages++;
  run.hotPages += pfn >= pfnFrom;
}

static void vmemmapAccess(uint64_t pfn, bool isStore, struct site *site) {
  if (!run.hasOpen || run.open.pfn != pfn || run.open.loads == UINT8_MAX || run.open.stores == UINT8_MAX)
    openTouch(pfn);
  if (isStore) run.open.stores++;
  else run.open.loads++;
  run.counts[isStore]++;
  site->counts[isStore]++;
  if (pfn < pfnFrom) return;
  run.hotCounts[isStore]++;
  site->hotCounts[isStore]++;
  if (run.lastHotPfn != pfn) run.hotTouches++;
  run.lastHotPfn = pfn;
}

static void otherAccess(uint64_t line) {
  if (line == run.lastOtherLine) return;
  run.lastOtherLine = line;
  if (!lruCacheMisses(&l2, line)) return;
  run.otherL2Fills++;
  for (int i = 0; i < NR_LLCS; i++) run.llcFills[i] += lruCacheMisses(&llcs[i], line);
}

static void onAccess(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *site) {
  bool isStore = qemu_plugin_mem_is_store(info);
  run.allCounts[isStore]++;
  uint64_t pfn = (vaddr - VMEMMAP_START) >> STRUCT_PAGE_SHIFT;
  if (pfn >= MAX_PFN) otherAccess(vaddr >> 6);
  else if (touchFile) vmemmapAccess(pfn, isStore, site);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static FILE *openFile(const char *suffix) {
  char path[4096];
  snprintf(path, sizeof path, "%s/recording-%u.%s", directory, nrRecordings, suffix);
  FILE *file = fopen(path, "w");
  if (!file) fail(path);
  return file;
}

static void closeFile(FILE *file) {
  if (ferror(file) || fclose(file)) fail("recording");
}

static void writeTotals(void) {
  FILE *file = openFile("txt");
  const struct { const char *name; uint64_t value; } totals[] = {
      {"records", run.counts[0] + run.counts[1]},
      {"loads", run.counts[0]},
      {"stores", run.counts[1]},
      {"all_loads", run.allCounts[0]},
      {"all_stores", run.allCounts[1]},
      {"other_l2_fills", run.otherL2Fills},
      {"instructions", run.instructions},
      {"distinct_pages", run.pages},
      {"page_switches", run.touches},
      {"hot_touches", run.hotTouches},
      {"hot_loads", run.hotCounts[0]},
      {"hot_stores", run.hotCounts[1]},
      {"hot_distinct_pages", run.hotPages},
  };
  for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
    fprintf(file, "%s %" PRIu64 "\n", totals[i].name, totals[i].value);
  for (int i = 0; i < NR_LLCS; i++)
    fprintf(file, "other_llc_fills_%uMiB %" PRIu64 "\n", llcMib[i], run.llcFills[i]);
  sitesPrintAndClear(file);
  closeFile(file);
}

static void onMark(unsigned vcpu, void *value);

static uint32_t markOf(const struct qemu_plugin_insn *insn) {
  const uint8_t bytes[] = MARK_BYTES;
  uint32_t value;
  if (qemu_plugin_insn_size(insn) != sizeof bytes + sizeof value) return 0;
  const uint8_t *data = qemu_plugin_insn_data(insn);
  if (memcmp(data, bytes, sizeof bytes) != 0) return 0;
  memcpy(&value, data + sizeof bytes, sizeof value);
  return value;
}

static void instrumentMark(struct qemu_plugin_insn *insn) {
  uintptr_t value = markOf(insn);
  if (value == MARK_WATCH || value == MARK_START || value == MARK_STOP)
    qemu_plugin_register_vcpu_insn_exec_cb(insn, onMark, QEMU_PLUGIN_CB_NO_REGS, (void *)value);
}

static void translateBefore(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) instrumentMark(qemu_plugin_tb_get_insn(tb, i));
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    struct site *site = siteOf(qemu_plugin_insn_vaddr(insn));
    qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &run.instructions, 1);
    qemu_plugin_register_vcpu_mem_cb(insn, onAccess, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, site);
    instrumentMark(insn);
  }
}

static void instrument(qemu_plugin_id_t id) { qemu_plugin_register_vcpu_tb_trans_cb(id, translate); }

/*
 * Once: QEMU before 8.0 can leave cpu->plugin_mem_cbs pointing into what the reset of instrumented translations would
 * free.
 */
static void watch(void) {
  qemu_plugin_reset(pluginId, instrument);
  isWatching = true;
}

static void start(void) {
  memset(&run, 0, sizeof run);
  memset(seenPages, 0, MAX_PFN / 8);
  touchFile = openFile("touch");
}

static void stop(void) {
  closeTouch();
  closeFile(touchFile);
  touchFile = NULL;
  writeTotals();
  nrRecordings++;
}

static void onMark(unsigned vcpu, void *value) {
  if ((uintptr_t)value == MARK_WATCH && !isWatching) watch();
  if ((uintptr_t)value == MARK_START && isWatching && !touchFile) start();
  if ((uintptr_t)value == MARK_STOP && touchFile) stop();
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  pluginId = id;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "dir=", 4) == 0) directory = strdup(argv[i] + 4);
    else if (strncmp(argv[i], "pfn_from=", 9) == 0) pfnFrom = strtoull(argv[i] + 9, NULL, 0);
    else return -1;
  }
  lruCacheInit(&l2, 1 << 20);
  for (int i = 0; i < NR_LLCS; i++) lruCacheInit(&llcs[i], (uint64_t)llcMib[i] << 20);
  seenPages = calloc(1, MAX_PFN / 8);
  if (!seenPages) abort();
  qemu_plugin_register_vcpu_tb_trans_cb(id, translateBefore);
  return 0;
}
