import type { Fit } from "../../advice/fit.ts";
import { costShare, type Light } from "../../advice/lights.ts";
import { roundNs } from "../numbers.ts";
import type { TogetherPlacement } from "./machineTotalsDocument.ts";
import { togetherDocument } from "./machineTotalsDocument.ts";

/** The JSON of `altmap fit`. Bytes are whole numbers; the unit is in every key; null: not known, or not modelled. */
export function fitDocument(fit: Fit) {
  const { scenario, plans, totals, room, lights, breakEven: even } = fit;
  const together = fit.simulation === undefined ? null : togetherDocument(fit.simulation);
  const timed = (name: string) => together?.placements.find(({ placement }) => placement === name);
  const share = costShare(fit.simulation);
  const sum = (of: (plan: Fit["plans"][number]) => number) => plans.reduce((all, plan) => all + of(plan), 0);
  return {
    schema: "altmap/fit-v1",
    machine: {
      arch: scenario.machine.arch,
      platform: scenario.machine.platform,
      kernel: scenario.kernel.version,
      memmap_on_memory: scenario.kernel.memmapOnMemory,
      memory_block_bytes: plans[0]?.blockBytes ?? null,
      dram_bytes: scenario.machine.dramBytes,
      dram_free_bytes: room.freeBytes,
      dram_free_stated: room.isStated,
    },
    devices: plans.map(deviceDocument),
    nodes: new Set(plans.map(({ zone }) => zone.node)).size,
    capacity_bytes: sum(({ device }) => device.capacityBytes),
    added_bytes: totals.addedBytes,
    memmap_bytes: totals.memmapBytes,
    dram_saved_bytes: totals.onMemory === undefined ? null : totals.dram.dramUsedBytes - totals.onMemory.dramUsedBytes,
    placements: [
      placementDocument(fit, "dram", lights.dram, timed("dram"), 0),
      placementDocument(fit, "on-memory", lights.onMemory, timed("on-memory"), share?.value ?? null),
    ],
    cost_interval_ratio: share?.interval ?? null,
    dram_room: {
      needed_bytes: room.neededBytes,
      at_once_bytes: room.atOnceBytes,
      base_pages_bytes: room.basePagesBytes,
      extra_table_bytes: room.extraTableBytes,
      nodes: room.nodes,
    },
    lost: {
      alignment_bytes: sum(({ range }) => range.lostAtStartBytes + range.lostAtEndBytes),
      force_waste_bytes: sum((plan) =>
        plan.placement.selfHosted ? plan.nrBlocks * plan.placement.wastePages * plan.pageBytes : 0,
      ),
    },
    break_even:
      even === undefined
        ? null
        : {
            freed_bytes: even.freedBytes,
            saved_ns_per_access: roundNs(even.savedNsAnAccess),
            cpus_lost: even.cpusLost,
            cpus_lost_interval: even.cpusLostInterval,
            misses_per_second: even.missesPerSecond,
            misses_per_second_interval: even.missesPerSecondInterval,
            by_rate: even.curve.map(({ rateFactor, cpusLost, missesPerSecond }) => ({
              rate_factor: rateFactor,
              cpus_lost: cpusLost,
              misses_per_second: missesPerSecond,
            })),
            by_device_latency: even.byLatency.map(({ latencyNs, missesPerSecond }) => ({
              latency_ns: latencyNs,
              misses_per_second: missesPerSecond,
            })),
            money_saved: even.moneySaved,
          },
    commands: fit.commands,
    advice: fit.advice,
  };
}

function deviceDocument(plan: Fit["plans"][number]) {
  const { device, range, placement, zone } = plan;
  return {
    id: device.id,
    name: device.name ?? null,
    capacity_bytes: device.capacityBytes,
    added_bytes: range.sizeBytes,
    driver: device.driver,
    node: zone.node,
    memory_blocks: plan.nrBlocks,
    memmap_bytes: plan.memmapBytes,
    placement: placement.outcome,
    reason: placement.reason,
  };
}

function placementDocument(
  { totals, hugePages, room }: Fit,
  name: "dram" | "on-memory",
  { light, because }: Light,
  timed: TogetherPlacement | undefined,
  cost: number | null,
) {
  const inDram = name === "dram";
  const sums = inDram ? totals.dram : totals.onMemory;
  const pages = inDram ? hugePages.dram : hugePages.onMemory;
  const isPossible = light !== "does-not-fit" && sums !== undefined;
  return {
    placement: name,
    light,
    because,
    dram_used_bytes: sums?.dramUsedBytes ?? null,
    dram_left_bytes: isPossible ? Math.max(0, room.freeBytes - sums.dramUsedBytes) : null,
    usable_bytes: isPossible ? sums.usableBytes : null,
    pmd_page_bytes: pages.pmdBytes,
    pmd_pages: isPossible ? pages.pmdPages : null,
    gib_pages: isPossible ? pages.gibPages : null,
    online_ns: isPossible ? (timed?.online_ns ?? null) : null,
    online_interval_ns: isPossible ? (timed?.online_interval_ns ?? null) : null,
    cost_ratio: isPossible ? cost : null,
  };
}
