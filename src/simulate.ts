import { type DevicePrices, priceDevice, sampleInDram } from "./cost/devicePrices.ts";
import { type Why, whyOf } from "./cost/why.ts";
import { type Counted, startCounting } from "./count/countInParallel.ts";
import type { CountingInput } from "./count/countJobs.ts";
import { countHotplug, type HotplugLife } from "./count/hotplug/countHotplug.ts";
import { materialise } from "./count/hotplug/materialise.ts";
import { hotplugOfLines, operationsOfLines } from "./count/structPageLines.ts";
import { type FootprintRun, type WorkloadRun, withoutInitOnAlloc } from "./counts/workload.ts";
import type { CacheGeometry, HotplugRuns } from "./counts.ts";
import { dramFit } from "./hotplug/dramFit.ts";
import type { HotplugPlan } from "./hotplug/plan.ts";
import { planAdds } from "./hotplug/planDevices.ts";
import { type RecordedKernel, recordedKernelOf } from "./linux/recordedKernels.ts";
import { isBuiltInHost } from "./machine/find.ts";
import { geometryOf } from "./machine/geometry.ts";
import { type Machine, machineOf, ownProfiles } from "./machine/machine.ts";
import { withProfileDefaults } from "./machine/profileDefaults.ts";
import type { DeviceProfile } from "./machine/profiles.ts";
import type { ProfileSet } from "./machine/schema.ts";
import { listRecordings } from "./recording/packagedRecording.ts";
import { checkHostFamily, MEASURED_FAMILY } from "./scenario/foreignHost.ts";
import { DEFAULT_OPERATIONS } from "./scenario/operationNames.ts";
import type { Scenario } from "./scenario/scenario.ts";

/** Everything one scenario leads to: what was decided, what was counted, what that costs. */
export interface Simulation {
  readonly scenario: Scenario;
  readonly machine: Machine;
  readonly workloads: readonly WorkloadRun[];
  readonly devices: readonly DeviceOutcome[];
  /** Struct pages that were written to prove the counts of hotplug; undefined where nobody asked. */
  readonly materialised: number | undefined;
}

export interface DeviceOutcome {
  readonly profile: DeviceProfile;
  readonly plan: HotplugPlan;
  readonly hotplug: HotplugRuns;
  readonly prices: DevicePrices;
  /** Which input makes what of each interval; only where asked. */
  readonly why: readonly Why[] | undefined;
}

export interface SimulateOptions {
  /** Hosts and devices that the scenario may name beside the built-in ones. @default those of the file it names */
  readonly own?: ProfileSet;
  /** Also price everything again with each input as stated: which makes what of each interval. @default false */
  readonly why?: boolean;
  /** Also write every struct page of every device, and compare the counts. @default false */
  readonly materialise?: boolean;
}

/**
 * THE MAIN PATH: scenario -> policy -> kernels (counts) -> cost (prices). The caller reports.
 *
 * Policy decides for each device where its memmap may lie. Kernels count what hotplug and the recorded workloads do
 * to struct pages, once for each distinct plan and recording, and what workloads and operations do at the footprints
 * asked for. Cost prices the same counts for every device in both placements.
 *
 * @returns counts of struct page touches, and prices in ns with their 90 % intervals
 * @error InputError for an unknown host, device or recording, and for what the kernels do not walk
 */
export async function simulate(given: Scenario, options: SimulateOptions = {}): Promise<Simulation> {
  const { own = ownProfiles(given.profiles), why = false, materialise: writes = false } = options;
  const prepared = prepare(given, own);
  const { scenario, machine, plans, kernel } = prepared;
  const finishCounting = startCounting(prepared.counting);
  const { structPageBytes } = scenario.machine;
  const { life, counting } = prepared;
  const passes = countHotplugs(plans, life, counting.geometry);
  const hotplug = passes.map((runs) => hotplugOfLines(runs, structPageBytes));
  const { initOnAlloc } = scenario.kernel;
  const all = clearedAs(initOnAlloc, await finishCounting());
  const counted = { ...all, operations: operationsOfLines(all.operations, structPageBytes) };
  const written = (plan: HotplugPlan, i: number) => materialise(plan, life, counting.geometry, passes[i]!);
  const materialised = writes ? plans.map(written).reduce((sum, nr) => sum + nr, 0) : undefined;

  const { use, footprints } = scenario;
  const policy = { kernel, initOnAlloc, ...scenario.policy, use, footprints };
  const inDram = sampleInDram(machine, policy);
  const names = distinctNames(machine.devices.map(({ profile }) => profile.id));
  const devices = machine.devices.map(({ profile: known }, i) => {
    const profile = { ...known, id: names[i]! };
    const [plan, runs] = [plans[i]!, hotplug[i]!];
    const counts = { plan, hotplug: runs, ...counted };
    const prices = priceDevice(profile, counts, machine, policy, { inDram });
    return { profile, plan, hotplug: runs, prices, why: why ? whyOf(profile, counts, machine, policy) : undefined };
  });
  return { scenario, machine, workloads: counted.workloads, devices, materialised };
}

/** A scenario with its names looked up and its adds decided: what is to be counted for it. */
export interface PreparedScenario {
  readonly scenario: Scenario;
  readonly machine: Machine;
  readonly kernel: RecordedKernel;
  readonly plans: readonly HotplugPlan[];
  readonly counting: CountingInput;
  readonly life: HotplugLife;
}

/** Names, policy and what is to be counted; nothing is counted yet. @error InputError as `simulate` */
export function prepare(given: Scenario, own: ProfileSet): PreparedScenario {
  const scenario = withProfileDefaults(given, own);
  const machine = machineOf(scenario, own);
  const { architecture = isBuiltInHost(machine.host) ? MEASURED_FAMILY : undefined } = machine.host;
  if (architecture !== undefined) checkHostFamily(scenario, architecture);
  const kernel = recordedKernelOf(scenario.kernel.version);
  const plans = planAdds(scenario, machine.devices);
  return {
    scenario,
    machine,
    kernel,
    plans,
    counting: {
      kernel,
      geometry: geometryOf(machine.host, scenario.use.llcShare),
      // Recordings hold touches of 64-byte struct pages: no other size can be made of them.
      names: scenario.machine.structPageBytes === 64 ? (scenario.workloads ?? listRecordings()) : [],
      footprints: scenario.machine.structPageBytes === 64 ? scenario.footprints : [],
      footprintOperations: scenario.operations ?? DEFAULT_OPERATIONS,
      blockPages: plans[0]!.blockPages,
    },
    life: {
      kernel,
      debugVm: scenario.kernel.debugVm,
      dramBytes: scenario.machine.dramBytes,
      phases: scenario.events,
    },
  };
}

/** `cxl-e3s-96g-spr`, `cxl-e3s-96g-spr#2`: what a result calls devices of one profile. */
function distinctNames(ids: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return ids.map((id) => {
    const nr = (seen.get(id) ?? 0) + 1;
    seen.set(id, nr);
    return nr === 1 ? id : `${id}#${nr}`;
  });
}

/** Recorded kernels clear what they allocate; the scenario's may not. */
function clearedAs(initOnAlloc: boolean, counted: Counted): Counted {
  if (initOnAlloc) return counted;
  const cleared = <R extends WorkloadRun | FootprintRun>(run: R): R => ({ ...run, work: withoutInitOnAlloc(run.work) });
  return { ...counted, workloads: counted.workloads.map(cleared), footprints: counted.footprints.map(cleared) };
}

/** Devices of one size, zone and placement rules share their counts. */
function countHotplugs(plans: readonly HotplugPlan[], life: HotplugLife, geometry: CacheGeometry): HotplugRuns[] {
  const known = new Map<string, HotplugRuns>();
  return plans.map((plan) => {
    const { fits } = dramFit(plan, life.dramBytes);
    const { online, offline } = plan.zone;
    const { nrBlocks, blockPages, altmapPages, offlineInaccessible } = plan;
    const key = JSON.stringify([nrBlocks, blockPages, altmapPages, offlineInaccessible, online, offline, fits]);
    const runs = known.get(key) ?? countHotplug(plan, life, geometry);
    known.set(key, runs);
    return runs;
  });
}
