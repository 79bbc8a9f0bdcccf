import { parseScript } from "./hotplug/script/parseScript.ts";
import { runSteps, type ScriptRun, type StepResult } from "./hotplug/script/runSteps.ts";
import type { Script } from "./hotplug/script/script.ts";
import type { ProfileSet } from "./machine/schema.ts";
import { type PricedSteps, priceSteps, type StepCost } from "./try/priceSteps.ts";

/** A script that was tried: what each step did, and what it cost. */
export interface Tried {
  readonly run: ScriptRun;
  readonly costs: PricedSteps;
}

/**
 * Does the steps of a script on the hotplug state machine, the one that recorded kernels judge, and prices each.
 *
 * ```ts
 * const { run } = tryScript("steps: [{plug: {dimm: d1, size: 512MiB, start: 8GiB}, fail: {stage: altmap, chunk: 2}}]");
 * run.steps[0].addErrno; // "ENOMEM": blocks 0 and 1 are taken back
 * ```
 *
 * @param script its text (YAML or JSON), or what parseScript() made of it
 * @param own hosts and devices that `priced` may name beside the built-in ones. @default none
 * @returns states after each step in the form of recordings: bytes, pages and kB as their keys say; costs in ns
 * @error InputError for a script that cannot be read, and naming the step that is impossible
 */
export function tryScript(script: string | Script, own: ProfileSet = { hosts: [], devices: [] }): Tried {
  const run = runSteps(typeof script === "string" ? parseScript(script) : script);
  return { run, costs: priceSteps(run, own) };
}

export type { PricedSteps, Script, ScriptRun, StepCost, StepResult };
