import { PAGE_BYTES, STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { sampleInDram } from "../cost/devicePrices.ts";
import { priceEvent } from "../cost/hotplugPrice.ts";
import { type MachineSamples, sampleMachine } from "../cost/price.ts";
import type { Estimate } from "../cost/sample.ts";
import { walkHotplug } from "../count/hotplug/walk.ts";
import type { EventRun } from "../counts.ts";
import type { BlockChanges, ScriptRun } from "../hotplug/script/runSteps.ts";
import type { HotplugMachine } from "../hotplug/state/machine.ts";
import { isKernelZone, type MemoryBlock } from "../hotplug/state/memoryBlock.ts";
import { OWN_WALK } from "../hotplug/zones.ts";
import { recordedKernelOf } from "../linux/recordedKernels.ts";
import { geometryOf } from "../machine/geometry.ts";
import { machineOf } from "../machine/machine.ts";
import type { ProfileSet } from "../machine/schema.ts";
import { parseScenario } from "../scenario/scenario.ts";
import type { HotplugEvent } from "../scenario/schema.ts";

/** What one step costs in struct pages and instructions; undefined where nothing is added, onlined, offlined or removed. */
export type StepCost = Estimate | undefined;

export interface PricedSteps {
  /** In ns, by step. */
  readonly steps: readonly StepCost[];
  /** Whose figures, or why there are none. */
  readonly note: string;
}

/** Profiles that stand for the machine when a script names none. */
const DEFAULT_DEVICE = "cxl-samsung-mxp-genoa";

/** How many blocks of a kind a step moves, and how many of the kind were online before it. */
interface Moved {
  readonly event: HotplugEvent;
  readonly selfHosted: boolean;
  readonly onlineBefore: number;
  readonly count: number;
}

/**
 * Prices each step from the counts that `altmap answer` takes of whole devices: what the k-th to n-th block of a zone
 * cost is what n cost less what k do, because each online and offline walks the zone so far.
 *
 * @returns ns with 90 % intervals
 * @error   InputError for a host or device that nobody knows
 */
export function priceSteps(run: ScriptRun, own: ProfileSet): PricedSteps {
  const { arch, structPageBytes } = run.host.machine.settings;
  const none = run.steps.map(() => undefined);
  if (arch.pageBytes !== PAGE_BYTES || structPageBytes !== STRUCT_PAGE_BYTES)
    return { steps: none, note: `not priced: pages of ${arch.pageBytes / 1024} KiB` };
  if (arch.family !== "x86_64") return { steps: none, note: `not priced: no host of ${arch.family}` };
  const price = blockPricer(run, own);
  const follow = new BlockFollower(run.host.machine, run);
  const steps = run.steps.map(({ changed, prediction }) =>
    prediction.endless === undefined ? sumOf(follow.moves(changed, prediction.state.blocks).map(price.of)) : undefined,
  );
  return { steps, note: price.note };
}

function sumOf(costs: readonly Estimate[]): StepCost {
  if (costs.length === 0) return undefined;
  const sum = (pick: (cost: Estimate) => number) =>
    Math.max(
      0,
      costs.reduce((total, cost) => total + pick(cost), 0),
    );
  return {
    value: sum(({ value }) => value),
    interval: [sum(({ interval }) => interval[0]), sum(({ interval }) => interval[1])],
  };
}

/** Knows of each block where its memmap lies and which zone it was in. */
class BlockFollower {
  readonly #selfHosted = new Map<number, boolean>();
  readonly #zone = new Map<number, string>();
  /** Blocks online, by zone and hosting. */
  readonly #online = new Map<string, number>();

  constructor(machine: HotplugMachine, { steps }: ScriptRun) {
    for (const block of machine.blocks.values()) if (!block.boot) this.#note(block);
    for (const { changed } of steps) {
      for (const id of changed.added) this.#selfHosted.set(id, false);
      for (const id of changed.selfHosted) this.#selfHosted.set(id, true);
    }
  }

  #note({ id, altmap }: MemoryBlock): void {
    this.#selfHosted.set(id, altmap !== undefined);
  }

  #kind(id: number, zone: string): string {
    return `${zone} ${this.#selfHosted.get(id) === true ? "self-hosted" : "dram"}`;
  }

  #enter(id: number, zone: string): void {
    this.#zone.set(id, zone);
    this.#online.set(this.#kind(id, zone), (this.#online.get(this.#kind(id, zone)) ?? 0) + 1);
  }

  #leave(id: number): void {
    const kind = this.#kind(id, this.#zone.get(id) ?? "");
    this.#online.set(kind, (this.#online.get(kind) ?? 0) - 1);
    this.#zone.delete(id);
  }

  /** Boot blocks are left out: their struct pages are nobody's question. */
  moves(changed: BlockChanges, blocks: Readonly<Record<string, { readonly valid_zones: string }>>): Moved[] {
    const moves: Moved[] = [];
    const hot = (ids: readonly number[]) => ids.filter((id) => this.#selfHosted.has(id));
    const group = (ids: readonly number[], event: (zone: string) => HotplugEvent, zoneOf: (id: number) => string) => {
      const counts = new Map<string, number>();
      for (const id of ids) {
        const key = this.#kind(id, zoneOf(id));
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      for (const [key, count] of counts) {
        const [zone = "", hosted] = key.split(" ");
        const onlineBefore = this.#online.get(key) ?? 0;
        moves.push({ event: event(zone), selfHosted: hosted === "self-hosted", onlineBefore, count });
      }
    };
    group(
      hot(changed.added),
      () => "add",
      () => "",
    );
    const online = hot(changed.online);
    group(
      online,
      (zone) => (isKernelZone(zone as Parameters<typeof isKernelZone>[0]) ? "online_kernel" : "online_movable"),
      (id) => blocks[String(id)]?.valid_zones ?? "Normal",
    );
    for (const id of online) this.#enter(id, blocks[String(id)]?.valid_zones ?? "Normal");
    const offline = hot(changed.offline.concat(changed.removed)).filter((id) => this.#zone.has(id));
    group(
      offline,
      () => "offline",
      (id) => this.#zone.get(id) ?? "",
    );
    for (const id of offline) this.#leave(id);
    group(
      hot(changed.removed),
      () => "remove",
      () => "",
    );
    return moves;
  }
}

function blockPricer({ script, host }: ScriptRun, own: ProfileSet) {
  const { settings, blockPages } = host.machine;
  const { host: hostId = "default", device: deviceId = DEFAULT_DEVICE } = script.priced;
  const scenario = parseScenario(
    JSON.stringify({ machine: { host: hostId }, devices: [{ id: deviceId }] }),
    script.where,
  );
  const machine = machineOf(scenario, own);
  const device = machine.devices[0]!.profile;
  const samples = {
    onMemory: sampleMachine(machine.host, { boot: machine.dram, hotAdded: device }),
    inDram: sampleInDram(machine, scenario),
  };
  const geometry = geometryOf(machine.host, scenario.use.llcShare);
  const known = new Map<string, Estimate>();
  const upTo = (event: HotplugEvent, selfHosted: boolean, count: number): Estimate => {
    const key = `${event} ${selfHosted} ${count}`;
    const price =
      known.get(key) ??
      wholeEvent({ event, selfHosted, count, blockPages, version: settings.kernel }, geometry, {
        samples: selfHosted ? samples.onMemory : samples.inDram,
        zoneContiguous: settings.rules.zoneContiguous.value,
      });
    known.set(key, price);
    return price;
  };
  const of = ({ event, selfHosted, onlineBefore, count }: Moved): Estimate => {
    if (event === "add" || event === "remove") return upTo(event, selfHosted, count);
    const more = event === "offline" ? onlineBefore : onlineBefore + count;
    const [all, rest] = [upTo(event, selfHosted, more), upTo(event, selfHosted, more - count)];
    const less = (a: number, b: number) => Math.max(0, a - b);
    return {
      value: less(all.value, rest.value),
      interval: [less(all.interval[0], rest.interval[0]), less(all.interval[1], rest.interval[1])],
    };
  };
  return { of, note: `costs: host ${machine.host.id}, hot-added memory ${device.id}, blocks that nobody uses` };
}

interface WholeEvent {
  readonly event: HotplugEvent;
  readonly selfHosted: boolean;
  readonly count: number;
  readonly blockPages: number;
  readonly version: string;
}

/** One event of a device of `count` blocks, as `altmap answer` counts and prices it. */
function wholeEvent(
  { event, selfHosted, count, blockPages, version }: WholeEvent,
  geometry: ReturnType<typeof geometryOf>,
  { samples, zoneContiguous }: { samples: MachineSamples; zoneContiguous: "walk" | "tracked" },
): Estimate {
  if (count === 0) return { value: 0, interval: [0, 0] };
  const kernel = recordedKernelOf(version);
  const zone = event === "online_kernel" ? "kernel" : "movable";
  const phases = walkHotplug({
    kernel,
    blockPages,
    nrBlocks: count,
    zone,
    zoneContiguous,
    caches: geometry,
    selfHosted,
    events: ["add", "online", "offline", "remove"],
    materialise: false,
    sampleClasses: true,
  });
  const at = { add: 0, online_movable: 1, online_kernel: 1, offline: 2, remove: 3 }[event];
  const { event: _, ...phase } = phases[at]!;
  const run: EventRun = { event, recordedKernel: kernel, ...phase };
  const memmapBytes = count * blockPages * STRUCT_PAGE_BYTES;
  const alone = { node: 1, online: OWN_WALK, offline: OWN_WALK };
  const plan = { nrBlocks: count, blockPages, memmapBytes, zoneContiguous, zone: alone };
  // A memmap in DRAM is cleared when it is allocated, as scenarios have it unless they say otherwise.
  const caches = { l2Bytes: geometry.l2.bytes, llcBytes: geometry.llc.bytes, initOnAlloc: true };
  const { price } = priceEvent(run, plan, samples, selfHosted, caches);
  return { value: price.ns, interval: price.interval };
}
