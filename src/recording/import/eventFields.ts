import * as L from "../../../assembly/layout/allocatorEvents.ts";
import { PAGE_BYTES } from "../../../assembly/layout/structPage.ts";
import { Slot } from "./traceEvents.ts";
import type { TraceLine } from "./traceLine.ts";

/** The fields of a record that depend on the op; their meaning is in assembly/layout/allocatorEvents.ts. */
export interface EventFields {
  pfn: number;
  order: number;
  migratetype: number;
  arg: number;
  count: number;
}

/** Fills `out` from the parsed line. An event that is about a process has the pid that it names, not the one in front. */
export function fillEventFields(out: EventFields, op: number, line: TraceLine): void {
  out.pfn = known(line, Slot.Pfn);
  out.order = known(line, Slot.Order);
  const migratetype = line.value(Slot.Migratetype);
  out.migratetype = migratetype < 0 ? L.EVENT_MIGRATETYPE_UNKNOWN : migratetype;
  out.arg = 0;
  out.count = 0;
  if (op === L.EVENT_ALLOC) out.arg = known(line, Slot.Gfp);
  else if (op === L.EVENT_ZONE_LOCKED) out.count = known(line, Slot.Refill);
  else if (op > L.EVENT_PCPU_DRAIN && op <= L.EVENT_PAGE_CACHE_DELETE) fillPage(out, op, line);
  else if (op > L.EVENT_PAGE_CACHE_DELETE && op <= L.EVENT_EXIT) fillProcess(out, op, line);
  else if (op > L.EVENT_EXIT) fillRange(out, op, line);
}

const known = (line: TraceLine, slot: Slot): number => Math.max(0, line.value(slot));

function fillPage(out: EventFields, op: number, line: TraceLine): void {
  switch (op) {
    case L.EVENT_EXTFRAG: {
      const [order, type, owner] = [Slot.FallbackOrder, Slot.FallbackMigratetype, Slot.ChangeOwnership];
      out.count = (known(line, order) & 0xff) | ((known(line, type) & 0xff) << 8) | ((known(line, owner) & 1) << 16);
      break;
    }
    case L.EVENT_LRU_INSERT:
      out.count = known(line, Slot.Lru);
      break;
    case L.EVENT_PAGE_CACHE_ADD:
    case L.EVENT_PAGE_CACHE_DELETE:
      out.count = Math.floor(known(line, Slot.Offset) / PAGE_BYTES);
      out.arg = known(line, Slot.Inode);
      break;
  }
}

function fillProcess(out: EventFields, op: number, line: TraceLine): void {
  switch (op) {
    case L.EVENT_FAULT_USER:
      out.pfn = Math.floor(line.value(Slot.Address) / PAGE_BYTES);
      out.count = known(line, Slot.ErrorCode);
      break;
    case L.EVENT_RSS_STAT:
      out.migratetype = known(line, Slot.Member);
      out.count = Math.floor(known(line, Slot.Size) / PAGE_BYTES);
      out.arg = known(line, Slot.MmId);
      break;
    case L.EVENT_FORK:
      out.count = known(line, Slot.ChildPid);
      line.pid = line.value(Slot.Pid);
      break;
    case L.EVENT_EXEC:
    case L.EVENT_EXIT:
      line.pid = line.value(Slot.Pid);
      break;
  }
}

function fillRange(out: EventFields, op: number, line: TraceLine): void {
  const start = known(line, Slot.StartPfn);
  switch (op) {
    case L.EVENT_MIGRATE:
      out.order = known(line, Slot.Mode);
      out.migratetype = line.value(Slot.Reason) < 0 ? L.EVENT_MIGRATETYPE_UNKNOWN : line.value(Slot.Reason);
      out.count = known(line, Slot.Succeeded);
      out.arg = known(line, Slot.Failed);
      break;
    case L.EVENT_COMPACTION_MIGRATE:
      out.count = known(line, Slot.Succeeded);
      out.arg = known(line, Slot.Failed);
      break;
    case L.EVENT_COMPACTION_BEGIN:
    case L.EVENT_COMPACTION_END:
      out.pfn = start;
      out.order = known(line, Slot.Mode);
      out.count = Math.max(0, known(line, Slot.EndPfn) - known(line, Slot.ZoneStart));
      break;
    case L.EVENT_ISOLATE_MIGRATE:
    case L.EVENT_ISOLATE_FREE:
    case L.EVENT_LRU_ISOLATE:
      out.pfn = start;
      out.count = known(line, Slot.Taken);
      out.arg = known(line, Slot.Scanned);
      break;
    case L.EVENT_LRU_SHRINK:
      out.count = known(line, Slot.Reclaimed);
      out.arg = known(line, Slot.Scanned);
      break;
    case L.EVENT_DIRECT_RECLAIM_END:
      out.count = known(line, Slot.Reclaimed);
      break;
    case L.EVENT_TEST_ISOLATED:
      out.pfn = start;
      out.count = Math.max(0, known(line, Slot.EndPfn) - start);
      out.order = known(line, Slot.Ret);
      break;
  }
}
