import { type DevicePrices, priceDevice } from "./cost/devicePrices.ts";
import { priceWorkload, type WorkloadPrice } from "./cost/workload.ts";
import type { HotplugRuns } from "./counts.ts";
import { type HotplugPlan, planHotplug } from "./hotplug/plan.ts";
import type { CacheGeometry } from "./kernels/cache.ts";
import { geometryOf } from "./kernels/geometry.ts";
import { hotplugKernelOf } from "./kernels/hotplugKernel.ts";
import { countHotplug } from "./kernels/hotplugRuns.ts";
import { type Machine, machineOf } from "./machine/machine.ts";
import type { DeviceProfile } from "./machine/profiles.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { startCounting } from "./workload/counting.ts";
import type { WorkloadRun } from "./workload/countWorkload.ts";
import { countAtFootprint, type FootprintRun } from "./workload/footprint.ts";
import { listRecordings } from "./workload/packagedRecording.ts";

/** Everything one scenario leads to: what was decided, what was counted, what that costs. */
export interface Simulation {
  readonly scenario: Scenario;
  readonly machine: Machine;
  readonly workloads: readonly WorkloadRun[];
  readonly devices: readonly DeviceOutcome[];
  /** Workloads at the footprints asked for: empty unless any was. */
  readonly footprints: readonly FootprintPrice[];
}

export interface DeviceOutcome {
  readonly profile: DeviceProfile;
  readonly plan: HotplugPlan;
  readonly hotplug: HotplugRuns;
  readonly prices: DevicePrices;
}

/**
 * THE MAIN PATH: scenario -> policy -> kernels (counts) -> cost (prices). The caller reports.
 *
 * Policy decides for each device where its memmap may lie. Kernels count what hotplug and the recorded workloads do
 * to struct pages, once for each distinct plan and recording. Cost prices the same counts for every device in both
 * placements.
 */
export async function simulate(scenario: Scenario): Promise<Simulation> {
  const machine = machineOf(scenario);
  const geometry = geometryOf(machine.host);

  const plans = machine.devices.map(({ device, daxKind }) => planHotplug(scenario, device, daxKind));
  const names = scenario.workloads ?? listRecordings();
  const finishCounting = startCounting(names, hotplugKernelOf(scenario.kernel.version), geometry);
  const hotplug = countHotplugs(plans, scenario, geometry);
  const { operations, workloads } = await finishCounting();

  const devices = machine.devices.map(({ profile }, i) => {
    const [plan, runs] = [plans[i]!, hotplug[i]!];
    const prices = priceDevice(profile, { plan, hotplug: runs, workloads, operations }, machine, scenario);
    return { profile, plan, hotplug: runs, prices };
  });
  const footprints = await priceFootprints(names, scenario.footprints, machine, scenario);
  return { scenario, machine, workloads, devices, footprints };
}

/** One workload at one footprint on every device. */
export interface FootprintPrice {
  readonly run: FootprintRun;
  readonly devices: readonly { readonly device: string; readonly price: WorkloadPrice }[];
}

async function priceFootprints(
  names: readonly string[],
  footprints: readonly number[],
  machine: Machine,
  scenario: Scenario,
): Promise<FootprintPrice[]> {
  const prices: FootprintPrice[] = [];
  for (const name of names) {
    for (const footprintBytes of footprints) {
      const run = await countAtFootprint(name, geometryOf(machine.host), footprintBytes);
      prices.push({
        run,
        devices: machine.devices.map(({ profile }) => priceFootprint(run, profile, machine, scenario)),
      });
    }
  }
  return prices;
}

function priceFootprint(run: FootprintRun, device: DeviceProfile, machine: Machine, scenario: Scenario) {
  const options = {
    dataShareOnHotAdded: scenario.policy.userDataOnHotAdded,
    memmapBytes: run.footprintBytes / 64,
  };
  return { device: device.id, price: priceWorkload(run, machine.host, { dram: machine.dram, device }, options) };
}

/** Devices of one size and placement rules share their counts. */
function countHotplugs(plans: readonly HotplugPlan[], scenario: Scenario, geometry: CacheGeometry): HotplugRuns[] {
  const known = new Map<string, HotplugRuns>();
  return plans.map((plan) => {
    const key = `${plan.nrBlocks} ${plan.blockPages} ${plan.altmapPages}`;
    const runs = known.get(key) ?? countHotplug(plan, scenario, geometry);
    known.set(key, runs);
    return runs;
  });
}
