// Slow twin of assembly/engine/fallback.ts: __rmqueue and what it does when a migratetype has nothing (mm/page_alloc.c).
import { ENGINE_MAX_ORDER, FALLBACK_CLAIM, FALLBACK_RULE, FALLBACK_STEAL } from "../../assembly/layout/engine.ts";
import { MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE } from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { BLOCK, ReferenceBuddy } from "./engineBuddy.ts";
import { NONE } from "./engineLists.ts";

const FALLBACKS: Readonly<Record<number, readonly number[]>> = {
  [MIGRATE_UNMOVABLE]: [MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE],
  [MIGRATE_MOVABLE]: [MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE],
  [MIGRATE_RECLAIMABLE]: [MIGRATE_UNMOVABLE, MIGRATE_MOVABLE],
};

const DOWNWARDS = Array.from({ length: ENGINE_MAX_ORDER + 1 }, (_, i) => ENGINE_MAX_ORDER - i);
const canSteal = (order: number, type: number): boolean => order >= 4 || type !== MIGRATE_MOVABLE;

export class ReferenceFallback extends ReferenceBuddy {
  protected mode: "normal" | "steal" = "normal";

  protected rmqueue(order: number, type: number, zone: number): number {
    const { claimsBlocks } = this.recipes.sizes;
    if (!claimsBlocks || this.mode === "normal") {
      const pfn = this.rmqueueSmallest(order, type, zone);
      if (pfn !== NONE) return pfn;
    }
    if (!claimsBlocks) return this.#stealLargest(order, type, zone) ? this.rmqueueSmallest(order, type, zone) : NONE;
    if (this.mode === "normal") {
      const pfn = this.#claim(order, type, zone);
      if (pfn !== NONE) return pfn;
    }
    return this.#steal(order, type, zone);
  }

  protected rmqueueWanted(pfn: number, order: number, type: number, how: number): boolean {
    const chunk = this.chunkOf(pfn, order);
    if (chunk === NONE) return false;
    let rest = type;
    let isClaim = false;
    if (this.typeOfChunk(chunk) === type) this.mode = "normal";
    else if (!this.recipes.sizes.claimsBlocks) this.#stealSuitable(chunk, type, FALLBACK_RULE);
    else {
      if (this.mode === "normal") this.#attempts(pfn, order, type, how);
      if (how === FALLBACK_CLAIM && this.migratetypeOf(pfn) !== type) {
        this.surprises++;
        this.#claimBlock(chunk, type, FALLBACK_CLAIM);
      }
      rest = this.migratetypeOf(pfn);
      this.mode = rest === type ? "normal" : "steal";
      isClaim = rest === type && this.page(chunk).order >= 9;
    }
    this.delAndExpand(chunk, pfn, order, rest, isClaim);
    return true;
  }

  /** The first type whose list of an order holds something. */
  #fallbackAt(order: number, type: number, zone: number): number {
    return (FALLBACKS[type] as number[]).find((other) => this.firstFree(order, other, zone) !== NONE) ?? NONE;
  }

  // ---- 6.1

  #stealLargest(order: number, type: number, zone: number): boolean {
    const orders = DOWNWARDS.filter((o) => o >= order);
    let at = orders.find((o) => this.#fallbackAt(o, type, zone) !== NONE);
    if (at === undefined) return false;
    if (!canSteal(at, type) && at > order)
      at = orders.reverse().find((o) => this.#fallbackAt(o, type, zone) !== NONE) as number;
    this.#stealSuitable(this.firstFree(at, this.#fallbackAt(at, type, zone), zone), type, FALLBACK_RULE);
    return true;
  }

  #stealSuitable(chunk: number, type: number, how: number): void {
    const { order } = this.page(chunk);
    const blockType = this.migratetypeOf(chunk);
    this.run(Step.stealChunk, chunk);
    if (order >= 9) this.setMigratetypes(chunk, type);
    if (order >= 9 || !canSteal(order, type)) {
      this.moveToFreeList(Step.stealSingle, Step.stealSingleAdd, chunk, type);
      return;
    }
    const block = chunk - ((chunk - this.basePfn) % BLOCK);
    const found = this.moveFreepages(block, type);
    if (this.#decides(found, type, blockType, how)) this.setMigratetype(block, type);
  }

  /** At least half of the pages are free or alike; a recording may know better. */
  #decides(found: { free: number; movable: number }, type: number, blockType: number, how: number): boolean {
    const alike =
      type === MIGRATE_MOVABLE ? found.movable : blockType === MIGRATE_MOVABLE ? BLOCK - found.free - found.movable : 0;
    const claims = found.free + alike >= BLOCK / 2;
    if (how === FALLBACK_RULE) return claims;
    if (claims !== (how === FALLBACK_CLAIM)) this.surprises++;
    return how === FALLBACK_CLAIM;
  }

  stealChunk(pfn: number, type: number, how: number): void {
    const chunk = this.chunkOf(pfn, 0);
    if (chunk === NONE || this.typeOfChunk(chunk) === type) this.surprises++;
    else this.#stealSuitable(chunk, type, how);
  }

  // ---- 6.12

  #claim(order: number, type: number, zone: number): number {
    for (const o of DOWNWARDS.filter((other) => other >= order)) {
      const other = this.#fallbackAt(o, type, zone);
      if (other === NONE) continue;
      if (!canSteal(o, type)) return NONE;
      const chunk = this.firstFree(o, other, zone);
      if (!this.#claimBlock(chunk, type, FALLBACK_RULE)) continue;
      if (o < 9) return this.rmqueueSmallest(order, type, zone);
      this.delAndExpand(chunk, chunk, order, type, true);
      return chunk;
    }
    return NONE;
  }

  #attempts(wanted: number, order: number, type: number, how: number): void {
    const zone = this.zoneOf(wanted);
    for (const o of DOWNWARDS.filter((other) => other >= order)) {
      const other = this.#fallbackAt(o, type, zone);
      if (other === NONE) continue;
      if (!canSteal(o, type)) return;
      const chunk = this.firstFree(o, other, zone);
      const unit = Math.max(BLOCK, 2 ** o);
      const isHere = Math.floor((wanted - this.basePfn) / unit) === Math.floor((chunk - this.basePfn) / unit);
      const fails = how === FALLBACK_STEAL || (!isHere && (o >= 9 || how === FALLBACK_CLAIM));
      if (fails && o >= 9) this.surprises++;
      else if (this.#claimBlock(chunk, type, fails ? FALLBACK_STEAL : how)) return;
    }
  }

  #claimBlock(chunk: number, type: number, how: number): boolean {
    if (this.page(chunk).order >= 9) {
      this.setMigratetypes(chunk, type);
      return true;
    }
    const block = chunk - ((chunk - this.basePfn) % BLOCK);
    const found = { free: 0, movable: 0 };
    for (let pfn = block; pfn < block + BLOCK; ) {
      const { order } = this.page(pfn);
      if (order >= 0) {
        this.run(Step.stealScanFree, pfn);
        found.free += 2 ** order;
      } else if (this.scanUsed(pfn)) found.movable++;
      pfn += order < 0 ? 1 : 2 ** order;
    }
    if (!this.#decides(found, type, this.migratetypeOf(chunk), how)) return false;
    this.moveBlock(block, type);
    return true;
  }

  #steal(order: number, type: number, zone: number): number {
    for (let o = order; o <= ENGINE_MAX_ORDER; o++) {
      const other = this.#fallbackAt(o, type, zone);
      if (other === NONE) continue;
      const chunk = this.firstFree(o, other, zone);
      this.delAndExpand(chunk, chunk, order, other);
      this.mode = "steal";
      return chunk;
    }
    return NONE;
  }
}
