/*
 * A QEMU TCG plugin that records every access of the guest to the vmemmap, between two marks that the guest executes
 * (mark.h). Arguments: dir=DIRECTORY, where recording-N.touch, .marks and .txt go, and pfn_from=PFN, the first page of
 * hot-added memory. One guest CPU; x86_64 with 4-level page tables and without KASLR.
 *
 * A guest boots at full speed. From the mark "follow" on tasks are followed, from the mark "watch" on every access to
 * memory too, until the mark "rest"; QEMU is made to forget its translations then. Caches see what is watched, so that a
 * recording finds there what ran before it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../guest/mark.h"
#include "registers.h"
#include "touches.h"

#define VMEMMAP_START 0xffffea0000000000ull
#define STRUCT_PAGE_SHIFT 6
#define MAX_CODE_BYTES 16

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API_VERSION;

static const char *directory = ".";
static qemu_plugin_id_t pluginId;
static unsigned nrRecordings;
static bool isFollowing, isWatching;
static uint64_t functionPcs[NR_FUNCTIONS];
static uint64_t allCounts[2];
static uint64_t hotDataAccesses; /* to pages of hot-added memory themselves */

static void hotDataAccess(qemu_plugin_meminfo_t info, uint64_t vaddr) {
  const struct qemu_plugin_hwaddr *address = qemu_plugin_get_hwaddr(info, vaddr);
  if (!address || qemu_plugin_hwaddr_is_io(address)) return;
  uint64_t pfn = qemu_plugin_hwaddr_phys_addr(address) >> 12;
  hotDataAccesses += pfn >= pfnFrom && pfn < MAX_PFN;
}

static void onAccess(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *data) {
  struct site *site = data;
  bool isStore = qemu_plugin_mem_is_store(info);
  bool isString = site->string == STRING_SET || site->string == STRING_COPY;
  allCounts[isStore]++;
  uint64_t pfn = (vaddr - VMEMMAP_START) >> STRUCT_PAGE_SHIFT;
  bool isOther = pfn >= MAX_PFN;
  if (isString && isStore) stringStored(isOther ? 1u << qemu_plugin_mem_size_shift(info) : 0);
  if (!isOther) {
    if (touchFile) vmemmapAccess(pfn, isStore, site);
    return;
  }
  if (touchFile) hotDataAccess(info, vaddr);
  if (site->executor == TRACING) {
    groups[BY_TRACING].otherAccesses[isStore]++;
    otherAccess(info, vaddr, OF_TRACING);
  } else if (isString) {
    otherAccess(info, vaddr, site->string == STRING_SET ? OF_SET : OF_COPY);
  } else {
    slice.otherAccesses[isStore]++;
    otherAccess(info, vaddr, site->executor == KERNEL ? OF_KERNEL : OF_USER);
  }
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
  struct counts whole = {0};
  for (int group = 0; group < NR_GROUPS; group++) countsAdd(&whole, &groups[group]);
  FILE *file = openFile("txt");
  const struct { const char *name; uint64_t value; } totals[] = {
      {"records", whole.accesses[0] + whole.accesses[1]},
      {"loads", whole.accesses[0]},
      {"stores", whole.accesses[1]},
      {"all_loads", allCounts[0]},
      {"all_stores", allCounts[1]},
      {"other_l2_fills", others.fills[0]},
      {"instructions", whole.instructions[0] + whole.instructions[1]},
      {"distinct_pages", touches.pages},
      {"page_switches", whole.touches},
      {"hot_touches", whole.hotTouches},
      {"hot_loads", whole.hotAccesses[0]},
      {"hot_stores", whole.hotAccesses[1]},
      {"hot_distinct_pages", touches.hotPages},
      {"hot_data_accesses", hotDataAccesses},
  };
  for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
    fprintf(file, "%s %" PRIu64 "\n", totals[i].name, totals[i].value);
  for (int i = 0; i < NR_LLCS; i++) fprintf(file, "other_llc_fills_%uMiB %" PRIu64 "\n", llcMib[i], others.fills[1 + i]);
  for (int group = 0; group < NR_GROUPS; group++) countsPrint(file, groupNames[group], &groups[group]);
  sitesPrintAndClear(file);
  blocksPrint(file);
  closeFile(file);
}

static void start(void) {
  stringOpsEnd(groups);
  memset(groups, 0, sizeof groups);
  beginSlice();
  othersClear();
  touchesClear();
  blocksClear();
  memset(allCounts, 0, sizeof allCounts);
  hotDataAccesses = 0;
  touchFile = openFile("touch");
  markFile = openFile("marks");
}

static void stop(void) {
  endSlice();
  stringOpsEnd(groups);
  closeTouch();
  closeFile(touchFile);
  closeFile(markFile);
  touchFile = markFile = NULL;
  writeTotals();
  nrRecordings++;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);

/* QEMU translates anew. */
static void instrument(qemu_plugin_id_t id) { qemu_plugin_register_vcpu_tb_trans_cb(id, translate); }

static void follow(void) {
  qemu_plugin_reset(pluginId, instrument);
  isFollowing = true;
}

static void watch(bool isWanted) {
  qemu_plugin_reset(pluginId, instrument);
  isWatching = isWanted;
}

static void onMark(unsigned vcpu, void *value) {
  uintptr_t mark = (uintptr_t)value;
  if (mark == MARK_TRACING && !isFollowing) addTracing(registerValue(RAX), registerValue(RDX));
  if (mark == MARK_FUNCTION && !isFollowing) functionPcs[registerValue(RAX)] = registerValue(RDX);
  if (mark == MARK_FOLLOW && !isFollowing) follow();
  if (!isFollowing) return;
  if (mark == MARK_WATCH && !isWatching) watch(true);
  if (mark == MARK_REST && isWatching && !touchFile) watch(false);
  if (mark == MARK_START && isWatching && !touchFile) start();
  if (mark == MARK_STOP && touchFile) stop();
  if (mark == MARK_WORKLOAD || mark == MARK_WORKLOAD_PARENT || mark == MARK_NO_WORKLOAD_PARENT) endSlice();
  if (mark == MARK_WORKLOAD) current->isWorkload = true;
  if (mark == MARK_WORKLOAD_PARENT) taskAt(current->parent)->isWorkload = true;
  if (mark == MARK_NO_WORKLOAD_PARENT) taskAt(current->parent)->isWorkload = false;
}

static void onFunction(unsigned vcpu, void *data) {
  switch ((enum kernelFunction)(uintptr_t)data) {
    case SWITCH_TO: endTimer(), switchTo(registerValue(RDI), registerValue(RSI)); break;
    case WAKE_UP_NEW_TASK: currentGroup(), taskStarted(registerValue(RDI), current); break;
    case TIMER_INTERRUPT: beginTimer(); break;
    default: endTimer();
  }
}

static void onString(unsigned vcpu, void *data) {
  const struct site *site = data;
  if (!stringRepeats(site)) beginString(site, registerValue(RCX));
}

static uint32_t markOf(const uint8_t *code, size_t size) {
  const uint8_t bytes[] = MARK_BYTES;
  uint32_t value;
  if (size != sizeof bytes + sizeof value || memcmp(code, bytes, sizeof bytes) != 0) return 0;
  memcpy(&value, code + sizeof bytes, sizeof value);
  return value;
}

static void instrumentMark(struct qemu_plugin_insn *insn) {
  uint8_t code[MAX_CODE_BYTES];
  uintptr_t value = markOf(code, qemu_plugin_insn_data(insn, code, sizeof code));
  if (value >= MARK_WATCH && value <= LAST_MARK)
    qemu_plugin_register_vcpu_insn_exec_cb(insn, onMark, QEMU_PLUGIN_CB_R_REGS, (void *)value);
}

/* What follows tasks. */
static void instrumentFunction(struct qemu_plugin_insn *insn) {
  uint64_t pc = qemu_plugin_insn_vaddr(insn);
  for (uintptr_t which = 0; which < NR_FUNCTIONS; which++)
    if (pc == functionPcs[which])
      qemu_plugin_register_vcpu_insn_exec_cb(insn, onFunction, QEMU_PLUGIN_CB_R_REGS, (void *)which);
}

static void instrumentInstruction(struct qemu_plugin_insn *insn) {
  uint64_t pc = qemu_plugin_insn_vaddr(insn);
  uint8_t code[MAX_CODE_BYTES];
  struct site *site = siteOf(pc, stringKindOf(code, qemu_plugin_insn_data(insn, code, sizeof code)));
  qemu_plugin_u64 counter = {scoreboard, site->executor * sizeof *executed};
  qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64, counter, 1);
  if (site->string != NO_STRING) qemu_plugin_register_vcpu_insn_exec_cb(insn, onString, QEMU_PLUGIN_CB_R_REGS, site);
  qemu_plugin_register_vcpu_mem_cb(insn, onAccess, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, site);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  size_t size = qemu_plugin_tb_n_insns(tb);
  uint64_t pc = qemu_plugin_tb_vaddr(tb);
  if (isWatching && pc >> 63)
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, blockCounter(pc), size);
  for (size_t i = 0; i < size; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    if (isFollowing) instrumentFunction(insn);
    if (isWatching) instrumentInstruction(insn);
    instrumentMark(insn);
  }
}

static void onVcpu(qemu_plugin_id_t id, unsigned vcpu) {
  registersInit();
  executed = qemu_plugin_scoreboard_find(scoreboard, vcpu);
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  pluginId = id;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "dir=", 4) == 0) directory = strdup(argv[i] + 4);
    else if (strncmp(argv[i], "pfn_from=", 9) == 0) pfnFrom = strtoull(argv[i] + 9, NULL, 0);
    else return -1;
  }
  othersInit();
  touchesInit();
  blocksInit();
  recordedInit();
  qemu_plugin_register_vcpu_init_cb(id, onVcpu);
  instrument(id);
  return 0;
}
