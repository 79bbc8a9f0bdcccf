// Numbers that the page engine shares between AssemblyScript and TypeScript: recipe steps and page roles.
// Only `export const` and `export const enum`: valid in both languages.

/** Which struct page a recipe row touches, seen from the page that an operation is about. */
export const ROLE_SELF = 0;
/** The pages before and after it on a list, where these are pages and not the list head (which lies in DRAM). */
export const ROLE_PREV = 1;
export const ROLE_NEXT = 2;
/** The first and second tail page of a compound page whose head is self. */
export const ROLE_TAIL1 = 3;
export const ROLE_TAIL2 = 4;

/** Steps of which operations consist; a recipe says, for one kernel version, which functions touch what in each. */
export const enum Step {
  // Allocator.
  refillRemove,
  refillSplit,
  refillCheck,
  refillCheckTail,
  refillLink,
  pcpTake,
  pcpPrep,
  pcpPrepTail,
  pcpAdd,
  drainTake,
  mergePeekBusy,
  mergePeekFree,
  mergeMatch,
  mergeRemove,
  mergeDone,
  insertHead,
  insertTail,
  // Fault of an anonymous page, and the batch that puts pages on LRU lists.
  anonFault,
  folioAddLru,
  folioAddLruFull,
  lruAddFirst,
  lruAddAgain,
  lruAddAnon,
  lruAddCache,
  lruAddPut,
  // Unmap and free.
  zapLast,
  zapShared,
  swapFree,
  putShared,
  releaseFirst,
  releaseAgain,
  releaseRemove,
  releaseRemoveCache,
  releaseLink,
  unchargeFirst,
  unchargeAgain,
  prepareAnon,
  prepareCache,
  unlink,
  // Fork and copy on write.
  forkShared,
  forkExclusive,
  cowCheck,
  cowAlloc,
  cowCopy,
  cowRmap,
  cowDrop,
  // tmpfs.
  shmemAlloc,
  shmemAddLru,
  shmemAddLruFull,
  shmemWritten,
  shmemRead,
  shmemReadInactive,
  shmemReadInactiveFull,
  shmemReadPending,
  shmemReadActive,
  shmemReadDone,
  activateFirst,
  activateAgain,
  activateMove,
  activatePut,
  truncateFind,
  truncateFolio,
  // Transparent huge pages.
  thpTake,
  thpTakeTail,
  thpPrepHead,
  thpPrepTail,
  thpFault,
  thpAddLru,
  thpMapped,
  thpZap,
  thpReleaseFirst,
  thpReleaseAgain,
  thpRelease,
  thpUncharge,
  thpFreeTail1,
  thpFreeTail2,
  thpFreeTail3,
  thpFreeTail,
  thpFreeHead,
  // get_user_pages and unpin.
  gupPin,
  gupNext,
  gupUnpin,
  count,
}
