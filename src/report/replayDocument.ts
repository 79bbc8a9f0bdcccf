import { NR_CLASSES, NR_LEVELS, NR_OWNERS, NR_RW } from "../../assembly/layout/touch.ts";
import { type Price, priceCounts } from "../cost/price.ts";
import type { ReplayCounts, WorkloadRun } from "../counts/workload.ts";
import { demandOf, type TouchCounts, writeBacksOf } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { roundNs } from "./numbers.ts";

/** The JSON of `altmap replay`. Counts are of struct page lines; `hot_added` are those that change medium. */
export interface ReplayDocument {
  readonly schema: "altmap/replay-v1";
  readonly input: { readonly trace: string; readonly kernel: string; readonly host: string; readonly dram: string };
  readonly judged: "cold" | "warm";
  readonly instructions: number;
  readonly struct_pages_in_use_bytes: number;
  readonly runs: readonly ReplayRun[];
  readonly warnings: readonly string[];
  /** Only with --timing: it differs from run to run. */
  readonly host?: { readonly seconds: number; readonly touches_per_second: number };
}

interface ReplayRun {
  readonly state: "cold" | "warm";
  readonly touches: number;
  readonly hits: { readonly l1: number; readonly l2: number; readonly llc: number };
  readonly llc_misses: number;
  readonly hot_added_llc_misses: number;
  readonly compulsory_misses: number;
  readonly write_backs: { readonly l1: number; readonly l2: number; readonly llc: number };
  readonly hot_added_llc_write_backs: number;
  readonly devices: readonly {
    readonly device: string;
    readonly metadata_ns: { readonly dram: number; readonly on_memory: number };
    readonly metadata_interval_ns: {
      readonly dram: readonly [number, number];
      readonly on_memory: readonly [number, number];
    };
  }[];
}

export interface ReplayMachine {
  readonly host: HostProfile;
  readonly dram: DeviceProfile;
  readonly devices: readonly DeviceProfile[];
}

/** `altmap/replay-v1`: one trace through the caches of a host, priced on each device. */
export function replayDocument(run: WorkloadRun, machine: ReplayMachine): ReplayDocument {
  return {
    schema: "altmap/replay-v1",
    input: { trace: run.name, kernel: run.kernel, host: machine.host.id, dram: machine.dram.id },
    judged: run.judged,
    instructions: run.instructions,
    struct_pages_in_use_bytes: run.footprintBytes,
    runs: [replayRun("cold", run.cold, machine), replayRun("warm", run.warm, machine)],
    warnings: run.notes,
  };
}

function replayRun(state: "cold" | "warm", run: ReplayCounts, machine: ReplayMachine): ReplayRun {
  const { counts } = run;
  const bothOwners = (level: number) => writeBacksOf(counts, level, 0) + writeBacksOf(counts, level, 1);
  const inDram = priceCounts(counts, machine.host, { boot: machine.dram, hotAdded: machine.dram });
  return {
    state,
    touches: run.touches,
    hits: { l1: servedBy(counts, 0), l2: servedBy(counts, 1), llc: servedBy(counts, 2) },
    llc_misses: servedBy(counts, 3),
    hot_added_llc_misses: servedBy(counts, 3, 1),
    compulsory_misses: run.firstTouches.boot + run.firstTouches.hotAdded,
    write_backs: { l1: bothOwners(0), l2: bothOwners(1), llc: bothOwners(2) },
    hot_added_llc_write_backs: writeBacksOf(counts, 2, 1),
    devices: machine.devices.map((device) => {
      const onMemory = priceCounts(counts, machine.host, { boot: machine.dram, hotAdded: device });
      return {
        device: device.id,
        metadata_ns: { dram: roundNs(inDram.ns), on_memory: roundNs(onMemory.ns) },
        metadata_interval_ns: { dram: rounded(inDram), on_memory: rounded(onMemory) },
      };
    }),
  };
}

const rounded = (price: Price): readonly [number, number] => [roundNs(price.interval[0]), roundNs(price.interval[1])];

/** Touches that a level served; of one owner or of both. */
export function servedBy(counts: TouchCounts, level: number, onlyOwner?: number): number {
  let sum = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
    for (let owner = 0; owner < NR_OWNERS; owner++) {
      if (onlyOwner !== undefined && owner !== onlyOwner) continue;
      for (let rw = 0; rw < NR_RW; rw++) sum += demandOf(counts, accessClass, owner, rw, level % NR_LEVELS);
    }
  }
  return sum;
}
