/* Accesses to struct pages, and the records that tell of them. */
#pragma once

#include "others.h"
#include "sites.h"

#define MAX_PFN (1ull << 28)

/* One record of a *.touch file. */
struct touch {
  uint32_t pfn;
  uint8_t loads;
  uint8_t stores;
  uint16_t otherL2Fills;
  uint32_t instructions;
};

/* What else is known of it: one record of a *.marks file. */
struct touchMark {
  uint16_t stringFills; /* of its other L2 fills, those of sets and copies */
  uint8_t by;           /* enum taskGroup */
  uint8_t zero;
};

static uint64_t pfnFrom = 0x100000;
static uint8_t *seenPages;
static FILE *touchFile, *markFile; /* open while a recording is made */

static struct {
  uint64_t pages, hotPages;
  uint64_t fillsTold, stringFillsTold, instructionsTold; /* what records have told */
  uint64_t startInstructions;
  uint64_t lastHotPfn;
  struct touch open;
  struct touchMark mark;
  bool hasOpen;
} touches;

static void touchesInit(void) {
  seenPages = calloc(1, MAX_PFN / 8);
  if (!seenPages) abort();
}

static void touchesClear(void) {
  memset(&touches, 0, sizeof touches);
  touches.startInstructions = instructionsNow();
  memset(seenPages, 0, MAX_PFN / 8);
}

static void closeTouch(void) {
  if (touches.hasOpen) {
    fwrite(&touches.open, sizeof touches.open, 1, touchFile);
    fwrite(&touches.mark, sizeof touches.mark, 1, markFile);
  }
  touches.hasOpen = false;
}

/* What does not fit in a field goes to the next record. */
static uint64_t tell(uint64_t total, uint64_t *told, uint64_t limit) {
  uint64_t now = total - *told < limit ? total - *told : limit;
  *told += now;
  return now;
}

static void openTouch(uint64_t pfn) {
  closeTouch();
  uint64_t fills = tell(others.fills[0] - others.untoldFills, &touches.fillsTold, UINT16_MAX);
  touches.open = (struct touch){
      .pfn = pfn,
      .otherL2Fills = fills,
      .instructions = tell(instructionsNow() - touches.startInstructions, &touches.instructionsTold, UINT32_MAX),
  };
  touches.mark = (struct touchMark){
      .stringFills = tell(others.stringFills, &touches.stringFillsTold, fills),
      .by = currentGroup(),
  };
  touches.hasOpen = true;
  slice.touches++;
  uint8_t bit = 1 << (pfn & 7);
  if (seenPages[pfn >> 3] & bit) return;
  seenPages[pfn >> 3] |= bit;
  touches.pages++;
  touches.hotPages += pfn >= pfnFrom;
}

static void vmemmapAccess(uint64_t pfn, bool isStore, struct site *site) {
  if (!touches.hasOpen || touches.open.pfn != pfn || touches.open.loads == UINT8_MAX ||
      touches.open.stores == UINT8_MAX)
    openTouch(pfn);
  if (isStore) touches.open.stores++;
  else touches.open.loads++;
  slice.accesses[isStore]++;
  site->counts[isStore]++;
  if (pfn < pfnFrom) return;
  slice.hotAccesses[isStore]++;
  site->hotCounts[isStore]++;
  if (touches.lastHotPfn != pfn) slice.hotTouches++;
  touches.lastHotPfn = pfn;
}
