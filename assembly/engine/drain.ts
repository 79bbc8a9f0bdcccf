import {
  AT_HEAD,
  ENGINE_FREE_TYPE_OF_BLOCK,
  ENGINE_NR_ISOLATED,
  ENGINE_PCP_BATCH,
  ENGINE_PCP_HIGH,
  LIST_PCP,
  NR_PCP_LISTS,
  ZONE_LISTS_SHIFT,
  ZONE_PCP_COUNT,
  ZONE_PCP_FREE_FACTOR,
} from "../layout/engine";
import { MIGRATE_ISOLATE } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertChunk, assertMigratetype, assertWanted } from "./arrival";
import { freeOnePage } from "./buddy";
import { engineAdd, engineRemove, lastOf, listOf } from "./lists";
import { isPcpList, migratetypeOf, pcpListOf, pcpOrderOf, zoneOf } from "./migratetypes";
import { mapcountOf, NONE, setFlags, setMapcount } from "./pages";
import { addCount, claim, firstZone, isPcpOrder, zonePcp } from "./pcp";

/** CONFIG_PCP_BATCH_SCALE_MAX. */
const BATCH_SCALE_MAX: u32 = 5;

/** free_unref_page: to the head of the pcp list of its pageblock's type; isolated ones straight to the free lists. */
export function engineCommit(e: usize, page: u32, order: u32): void {
  assertChunk(e, page, order);
  const migratetype = migratetypeOf(e, page);
  for (let at: u32 = 0; at < 1 << order; at++) setFlags(e, page + at, 0);
  if (migratetype == MIGRATE_ISOLATE || !isPcpOrder(order)) {
    freeOnePage(e, page, order, migratetype);
    return;
  }
  const zone = zoneOf(e, page);
  const list = pcpListOf(order, migratetype, zone);
  setMapcount(e, page, migratetype);
  engineAdd(e, Step.pcpAdd, list, page, AT_HEAD);
  addCount(e, zone, 1 << order);
  const high = load<u32>(e, ENGINE_PCP_HIGH);
  if (load<u32>(zonePcp(e, zone), ZONE_PCP_COUNT) >= high) freePcppagesBulk(e, zone, nrPcpFree(e, zone, high), list);
}

/** nr_pcp_free: twice as many each time that pages are freed without allocations in between. */
function nrPcpFree(e: usize, zone: u32, high: u32): u32 {
  const batch = load<u32>(e, ENGINE_PCP_BATCH);
  const most = high > batch ? high - batch : 1;
  const pcp = zonePcp(e, zone);
  const factor = load<u32>(pcp, ZONE_PCP_FREE_FACTOR);
  const nr = batch << factor;
  if (nr < most && factor < BATCH_SCALE_MAX) store<u32>(pcp, factor + 1, ZONE_PCP_FREE_FACTOR);
  return min<u32>(max<u32>(nr, batch), most);
}

/** free_pcppages_bulk: empties one list after the other, from `first` on, until `nr` pages of 4 KiB are free. */
function freePcppagesBulk(e: usize, zone: u32, nr: u32, first: u32): void {
  let left = <i32>min<u32>(nr, load<u32>(zonePcp(e, zone), ZONE_PCP_COUNT));
  let list = first;
  for (let empty: u32 = 0; left > 0 && empty < <u32>NR_PCP_LISTS; ) {
    const page = lastOf(e, list);
    if (page == NONE) {
      list = isPcpList(list + 1) ? list + 1 : (zone << ZONE_LISTS_SHIFT) + LIST_PCP;
      empty++;
      continue;
    }
    empty = 0;
    drainPage(e, page, pcpOrderOf(list));
    left -= 1 << pcpOrderOf(list);
  }
}

/** free_pcppages_bulk, one page: the given one, or the last of its list. */
export function engineDrain(e: usize, wanted: i32, order: u32, migratetype: u32): void {
  assertWanted(e, wanted, order);
  assertMigratetype(migratetype);
  const page = wanted == NONE ? lastOf(e, pcpListOf(order, migratetype, firstZone(e, migratetype))) : wanted;
  if (page == NONE) return;
  const list = listOf(e, page);
  if (!isPcpList(list) || pcpOrderOf(list) != order) {
    claim(e, page);
    setMapcount(e, page, migratetype);
  }
  drainPage(e, page, order);
}

function drainPage(e: usize, page: u32, order: u32): void {
  // bulkfree_pcp_prepare ... get_pcppage_migratetype: what the page was put on the list as, unless some are isolated.
  const isOfBlock = load<u32>(e, ENGINE_FREE_TYPE_OF_BLOCK) != 0 || load<u32>(e, ENGINE_NR_ISOLATED) != 0;
  const migratetype = isOfBlock ? migratetypeOf(e, page) : mapcountOf(e, page);
  engineRemove(e, Step.drainTake, page);
  addCount(e, zoneOf(e, page), -(1 << order));
  freeOnePage(e, page, order, migratetype);
}
