import { InputError } from "../../errors.ts";
import { type MachineClassName, type MachineUse, RATE_NAMES, type RateName } from "../../scenario/machineUse.ts";
import type { HostProfile } from "../profiles.ts";
import { type Quantity, rangeOf } from "../provenance.ts";
import { exact, q } from "../quantity.ts";
import { MACHINE_CLASSES, PAGES_A_FORK } from "./machineClasses.ts";

/** What a machine does a second, all its CPUs together. */
export interface MachineRates {
  readonly nrCpus: number;
  /** The scenario states no CPUs: they are those of the host profile. */
  readonly cpusAssumed: boolean;
  /** undefined: all rates are the scenario's. */
  readonly machineClass: MachineClassName | undefined;
  /** Nobody named the class. */
  readonly classAssumed: boolean;
  readonly perSecond: Readonly<Record<RateName, MachineRate>>;
  /** Mapped pages whose struct pages one fork touches. */
  readonly pagesAFork: Quantity;
}

export interface MachineRate {
  readonly rate: Quantity;
  readonly known: "stated" | "class" | "from faults" | "none";
}

/**
 * Pages allocated for each fault, where only faults are known: 0.60 to 0.93 in builds and exec loops, 0.8 to 1.0 on
 * nodes and VMs, 1.9 to 2.8 where page cache and network dominate.
 */
const ALLOCATIONS_A_FAULT = q(0.9, "C", "sar-notes", { range: [0.6, 2.8] });

/** No CPU does an operation of core-mm in less than 100 ns on end: 127,000 faults a busy second is the most published. */
const MOST_A_CPU = 1e7;

/**
 * The rates that a scenario states, those of its class for the rest, scaled to its CPUs.
 *
 * @error InputError for rates that no machine of so many CPUs can reach, and for more hint faults than faults
 */
export function machineRatesOf(use: MachineUse, statedCpus: number | undefined, host: HostProfile): MachineRates {
  const nrCpus = statedCpus ?? host.nrCores.value * host.nrThreadsPerCore.value;
  checkStated(use, nrCpus);
  const perSecond = Object.fromEntries(RATE_NAMES.map((name) => [name, rateOf(name, use, nrCpus)])) as Record<
    RateName,
    MachineRate
  >;
  const { machineClass, classAssumed } = use;
  const ofClass = machineClass === undefined ? undefined : MACHINE_CLASSES[machineClass].pagesAFork;
  const pagesAFork = ofClass ?? PAGES_A_FORK;
  return { nrCpus, cpusAssumed: statedCpus === undefined, machineClass, classAssumed, perSecond, pagesAFork };
}

function rateOf(name: RateName, use: MachineUse, nrCpus: number): MachineRate {
  const stated = use.rates[name];
  if (stated !== undefined) return { rate: exact(stated, "stated"), known: "stated" };
  const ofClass = classRate(name, use.machineClass, nrCpus);
  if (ofClass !== undefined) return { rate: ofClass, known: "class" };
  const { faults } = use.rates;
  if (name === "allocations" && faults !== undefined && faults > 0)
    return { rate: scaled(ALLOCATIONS_A_FAULT, faults), known: "from faults" };
  return { rate: exact(0, "assumed"), known: "none" };
}

function classRate(name: RateName, machineClass: MachineClassName | undefined, nrCpus: number): Quantity | undefined {
  if (machineClass === undefined) return undefined;
  const { per, rates, nrCpus: seenOn } = MACHINE_CLASSES[machineClass];
  const rate = rates[name];
  if (rate === undefined) return undefined;
  if (per === "cpu") return scaled(rate, nrCpus);
  return seenOn === undefined ? rate : scaled(rate, nrCpus / seenOn);
}

function scaled(rate: Quantity, by: number): Quantity {
  const [low, high] = rangeOf(rate);
  return { ...rate, value: rate.value * by, range: [low * by, high * by] };
}

function checkStated({ rates }: MachineUse, nrCpus: number): void {
  for (const name of RATE_NAMES) {
    const stated = rates[name];
    if (stated === undefined || stated <= MOST_A_CPU * nrCpus) continue;
    throw new InputError({
      what: `${keyOf(name)} is ${stated} a second: ${nrCpus} CPUs cannot do so much`,
      expected: `at most ${MOST_A_CPU * nrCpus} a second for the whole machine, ${MOST_A_CPU} a CPU`,
      example: "policy: {rates: {faults: 14000, allocations: 13000}}",
    });
  }
  const { faults, hint_faults: hints } = rates;
  if (faults === undefined || hints === undefined || hints <= faults) return;
  throw new InputError({
    what: `policy.hint_faults_per_second is ${hints}, more than the ${faults} of policy.rates.faults`,
    expected: "faults as pgfault counts them, NUMA hint faults among them",
    example: "policy: {rates: {faults: 267000}, hint_faults_per_second: 145000}",
  });
}

function keyOf(name: RateName): string {
  if (name === "promotions") return "policy.promoted_pages_per_second";
  return name === "hint_faults" ? "policy.hint_faults_per_second" : `policy.rates.${name}`;
}
