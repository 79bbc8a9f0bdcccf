// Slow twin of assembly/engine/lists.ts and engineTouch.ts: lists are arrays, touches are objects, recipes are run from their text form.
import * as E from "../../assembly/layout/engine.ts";
import type { Step } from "../../assembly/layout/steps.ts";
import { type CompiledRecipes, compileRecipes } from "../../src/linux/recipes/compile.ts";
import { type KernelRecipes, STEP_NAMES, type StepName } from "../../src/linux/recipes/table.ts";
import type { EngineTotals } from "../../src/wasm/wasmPageEngine.ts";

export const NONE = -1;

export interface Touch {
  pfn: number;
  loads: number;
  stores: number;
}

/** State of one page that is anything but untouched and on no list. */
export interface Page {
  list: number;
  order: number;
  flags: Set<string>;
  mapcount: number;
  /** Of a folio whose flags say "large". */
  folioOrder?: number;
}

export class ReferenceLists {
  readonly recipes: CompiledRecipes;
  readonly table: KernelRecipes;
  readonly basePfn: number;
  readonly nrPages: number;
  readonly touches: Touch[] = [];
  readonly runs = new Map<number, number>();
  readonly pages = new Map<number, Page>();
  readonly lists: number[][] = Array.from({ length: E.NR_LISTS }, () => []);
  surprises = 0;
  silent = false;

  constructor(table: KernelRecipes, range: { readonly basePfn: number; readonly nrPages: number }) {
    this.table = table;
    this.recipes = compileRecipes(table);
    this.basePfn = range.basePfn;
    this.nrPages = range.nrPages;
  }

  page(pfn: number): Page {
    const known = this.pages.get(pfn);
    if (known !== undefined) return known;
    const page: Page = { list: E.LIST_NONE, order: -1, flags: new Set(), mapcount: 0 };
    this.pages.set(pfn, page);
    return page;
  }

  touch(pfn: number, loads: number, stores: number): void {
    const last = this.touches.at(-1);
    if (last?.pfn === pfn) {
      last.loads += loads;
      last.stores += stores;
    } else this.touches.push({ pfn, loads, stores });
  }

  /** Reads the step's text again each time. `nextAfterWrite` stands for `next` once `prev` was written. */
  run(step: Step, self: number, prev = NONE, next = NONE, nextAfterUnlink?: number): void {
    if (this.silent) return;
    const name = STEP_NAMES[step as number] as StepName;
    let row = this.recipes.stepRow[step] as number;
    let unlinked = false;
    for (const text of this.table.steps[name].rows.split("|").filter((part) => part.trim() !== "")) {
      const [role = "", ...words] = text.trim().split(/\s+/);
      let [loads, stores] = [0, 0];
      for (const word of words) {
        const [l, s] = word.slice(word.indexOf(":") + 1).split("/");
        loads += Number(l);
        stores += Number(s);
      }
      if (nextAfterUnlink !== undefined && role === "prev" && stores > 0) unlinked = true;
      const byRole: Record<string, number> = {
        self,
        prev,
        next,
        tail1: self + 1,
        tail2: self + 2,
        tail3: self + 3,
        sub: next,
      };
      if (unlinked) byRole["next"] = nextAfterUnlink as number;
      const pfn = byRole[role] as number;
      if (pfn !== NONE) {
        this.runs.set(row, (this.runs.get(row) ?? 0) + 1);
        this.touch(pfn, loads, stores);
      }
      row++;
    }
  }

  runTails(step: Step, head: number, from: number, to: number): void {
    for (let pfn = head + from; pfn < head + to; pfn++) this.run(step, head, NONE, pfn);
  }

  addBefore(step: Step, head: number, pfn: number): void {
    const { list } = this.page(head);
    this.run(step, head, this.neighbours(head).prev, pfn);
    const members = this.lists[list] as number[];
    members.splice(members.indexOf(head), 0, pfn);
    this.page(pfn).list = list;
  }

  neighbours(pfn: number): { prev: number; next: number } {
    const { list } = this.page(pfn);
    if (list === E.LIST_NONE) return { prev: NONE, next: NONE };
    const members = this.lists[list] as number[];
    const at = members.indexOf(pfn);
    return { prev: members[at - 1] ?? NONE, next: members[at + 1] ?? NONE };
  }

  unlink(pfn: number): void {
    const page = this.page(pfn);
    if (page.list === E.LIST_NONE) return;
    const members = this.lists[page.list] as number[];
    members.splice(members.indexOf(pfn), 1);
    page.list = E.LIST_NONE;
  }

  push(list: number, pfn: number, where: number): void {
    this.page(pfn).list = list;
    if (where === E.AT_HEAD) this.lists[list]?.unshift(pfn);
    else this.lists[list]?.push(pfn);
  }

  remove(step: Step, pfn: number): void {
    const { prev, next } = this.neighbours(pfn);
    this.run(step, pfn, prev, next);
    this.unlink(pfn);
  }

  add(step: Step, list: number, pfn: number, where: number): void {
    const members = this.lists[list] as number[];
    if (where === E.AT_HEAD) this.run(step, pfn, NONE, members[0] ?? NONE);
    else this.run(step, pfn, members.at(-1) ?? NONE, NONE);
    this.push(list, pfn, where);
  }

  mapcountOf = (pfn: number): number => this.page(pfn).mapcount;
  listOf = (pfn: number): number => this.page(pfn).list;
  orderOf = (pfn: number): number => this.page(pfn).order;
  lastOf = (list: number): number => this.lists[list]?.at(-1) ?? NONE;

  totals(): EngineTotals {
    return {
      touches: this.touches.length,
      loads: this.touches.reduce((sum, touch) => sum + touch.loads, 0),
      stores: this.touches.reduce((sum, touch) => sum + touch.stores, 0),
      distinctPages: new Set(this.touches.map((touch) => touch.pfn)).size,
      surprises: this.surprises,
    };
  }

  rowRuns(): readonly number[] {
    return Array.from(this.recipes.rowRole, (_, row) => this.runs.get(row) ?? 0);
  }
}
