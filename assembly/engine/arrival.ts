// What exports are given is checked where it arrives. Nothing is left of it in the release build (noAssert).
import { ENGINE_MAX_ORDER, ENGINE_NR_PAGES } from "../layout/engine";
import { NR_MIGRATETYPES } from "../layout/hotplug";

/** A page of the engine. */
export function assertPage(e: usize, page: u32): void {
  if (ASC_NO_ASSERT) return;
  assert(page < load<u32>(e, ENGINE_NR_PAGES), "no page of the engine");
}

/** A chunk as the buddy has them: aligned to its order, and no larger than the largest. */
export function assertChunk(e: usize, page: u32, order: u32): void {
  if (ASC_NO_ASSERT) return;
  assert(order <= <u32>ENGINE_MAX_ORDER, "no such order");
  assert((page & ((1 << order) - 1)) == 0, "a chunk that is not aligned to its order");
  assertPage(e, page + (1 << order) - 1);
}

/** The page that is asked for: any, or one that the chunk of this order begins with. */
export function assertWanted(e: usize, wanted: i32, order: u32): void {
  if (ASC_NO_ASSERT) return;
  assert(order <= <u32>ENGINE_MAX_ORDER, "no such order");
  if (wanted >= 0) assertPage(e, wanted);
}

/** As many pages as the engine has, at most. */
export function assertCount(e: usize, nr: u32): void {
  if (ASC_NO_ASSERT) return;
  assert(nr <= load<u32>(e, ENGINE_NR_PAGES), "more pages than there are");
}

/** MIGRATE_*. */
export function assertMigratetype(migratetype: u32): void {
  if (ASC_NO_ASSERT) return;
  assert(migratetype < <u32>NR_MIGRATETYPES, "no such migratetype");
}
