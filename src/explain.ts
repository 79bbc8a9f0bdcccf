import { architecture } from "./hotplug/architectures.ts";
import { type BlockRule, blockRuleOf } from "./hotplug/blockRule.ts";
import { type KernelRules, kernelRow, kernelRules } from "./hotplug/kernels.ts";
import { type HotplugPlan, machineNotes } from "./hotplug/plan.ts";
import { planDevices } from "./hotplug/planDevices.ts";
import { machineOf, ownProfiles } from "./machine/machine.ts";
import { withProfileDefaults } from "./machine/profileDefaults.ts";
import type { ProfileSet } from "./machine/schema.ts";
import type { Scenario } from "./scenario/scenario.ts";

/** Devices that meet the same decision. */
export interface ExplainedDevices {
  readonly ids: readonly string[];
  /** The plan of the first of them; those of the others differ in the id only. */
  readonly plan: HotplugPlan;
}

/** Where the memmap of each device goes, and why. */
export interface Explanation {
  readonly kernel: string;
  readonly row: string;
  readonly scenario: Scenario;
  readonly pageBytes: number;
  readonly blockRule: BlockRule;
  /** What is assumed of the machine, one clause each. */
  readonly notes: readonly string[];
  /** Every rule of the kernel, also those that the devices did not meet. */
  readonly rules: KernelRules;
  readonly devices: readonly ExplainedDevices[];
}

/**
 * Where Linux puts the memmap of each device, and why: policy alone, nothing is counted or priced.
 *
 * ```ts
 * const { devices } = explain(parseScenario("kernel: {version: '6.1'}"));
 * devices[0].plan.placement.outcome; // "dram": 6.1 takes one block a request
 * ```
 *
 * @param own hosts and devices that the scenario may name beside the built-in ones. @default those of the file that
 *   `scenario.profiles` names
 * @returns sizes in bytes, memory in blocks and pages; `explainDocument` makes the JSON of it
 * @error InputError for an unknown host, device or kernel, and for what the machine cannot be
 */
export function explain(given: Scenario, own: ProfileSet = ownProfiles(given.profiles)): Explanation {
  const scenario = withProfileDefaults(given, own);
  const { machine, kernel } = scenario;
  const row = kernelRow(kernel.version);
  const groups = new Map<string, ExplainedDevices>();
  for (const plan of planDevices(scenario, machineOf(scenario, own).devices)) {
    // What was plugged before decides times and room, not the placement.
    const key = JSON.stringify({ ...plan, device: { ...plan.device, id: "" }, zone: null, dramBeforeBytes: 0 });
    const group = groups.get(key);
    groups.set(key, { ids: [...(group?.ids ?? []), plan.device.id], plan: group?.plan ?? plan });
  }
  const { pageBytes } = architecture(machine.arch, kernel.version);
  return {
    kernel: kernel.version,
    row,
    scenario,
    pageBytes,
    blockRule: blockRuleOf(scenario),
    notes: machineNotes(scenario),
    rules: kernelRules(kernel.version),
    devices: [...groups.values()],
  };
}
