import { InputError } from "../../errors.ts";
import type { Action } from "../state/action.ts";
import type { Host } from "../state/host.ts";
import { hostFromRecording } from "../state/host.ts";
import { daxKmemRange } from "../state/kmem.ts";
import type { EventRecord } from "../state/machine.ts";
import { sclpAddStandby } from "../state/otherDrivers.ts";
import { daxOf } from "../state/perform.ts";
import { observe, type Prediction, predictAction } from "../state/predict.ts";
import { type HostState, hostState } from "../state/state.ts";
import { Faults } from "./faults.ts";
import { type MemoryUse, memoryUse } from "./memoryUse.ts";
import type { Script, ScriptStep } from "./script.ts";

/** What one step did. */
export interface StepResult {
  readonly step: ScriptStep;
  readonly prediction: Prediction;
  /** Why add_memory() failed, where its caller does not return it. */
  readonly addErrno: string | undefined;
  /** In order. */
  readonly events: readonly EventRecord[];
  readonly use: MemoryUse;
  /** Blocks that came, went online or offline, or went. */
  readonly changed: BlockChanges;
}

/** Ids of hot-added blocks, ascending. */
export interface BlockChanges {
  readonly added: readonly number[];
  readonly online: readonly number[];
  readonly offline: readonly number[];
  readonly removed: readonly number[];
  /** Of `added`, those whose memmap lies on them. */
  readonly selfHosted: readonly number[];
}

export interface ScriptRun {
  readonly script: Script;
  readonly host: Host;
  readonly initial: HostState;
  readonly initialUse: MemoryUse;
  readonly steps: readonly StepResult[];
}

/**
 * Does the steps of a script on the state machine: what `altmap conform` does with a recording, with nothing to compare.
 *
 * @error InputError naming the step, for one that is impossible here and for a fault or veto that strikes nothing
 */
export function runSteps(script: Script): ScriptRun {
  const faults = new Faults();
  const host = hostFromRecording(script.boot, script.where, { hooks: faults.hooks, whatIf: script.whatIf });
  addStandby(host, script);
  const initial = hostState(host);
  const initialUse = memoryUse(host.machine);
  const steps = script.steps.map((step) => runStep(host, faults, step));
  return { script, host, initial, initialUse, steps };
}

function runStep(host: Host, faults: Faults, step: ScriptStep): StepResult {
  const { machine } = host;
  const before = blocksOf(host);
  try {
    faults.arm(machine, step, workedOn(host, step.action));
    const prediction = predictAction(host, step.action, step.told);
    faults.disarm(step, outcomeWords(prediction));
    seeFree(host, step);
    const changed = changesOf(before, blocksOf(host));
    return {
      step,
      prediction,
      addErrno: machine.lastAddErrno,
      events: [...machine.events],
      use: memoryUse(machine),
      changed,
    };
  } catch (error) {
    if (!(error instanceof InputError) || error.problem.where !== undefined) throw error;
    throw new InputError({ ...error.problem, where: step.where });
  }
}

function outcomeWords({ errno, waits, endless }: Prediction): string {
  if (waits) return "the step waits for an earlier one";
  if (endless !== undefined) return `the step never ends, ${endless}`;
  return errno === null ? "the step succeeded" : `the step ended with -${errno}`;
}

/** The memory blocks that a step adds or works on, for the chunks of faults. */
function workedOn(host: Host, action: Action): { first: number; count: number } {
  const { blockBytes } = host.machine.settings;
  const range = (startBytes: number, sizeBytes: number) => ({
    first: Math.floor(startBytes / blockBytes),
    count: Math.floor(sizeBytes / blockBytes),
  });
  switch (action.op) {
    case "add":
      return range(action.addr[0] ?? 0, action.size);
    case "add_memory":
    case "remove_memory":
      return range(action.startBytes, action.sizeBytes);
    case "probe":
      return range(action.startBytes, blockBytes);
    case "state":
    case "sclp_config":
      return { first: action.block, count: 1 };
    case "remove": {
      const dimm = host.dimms.get(String(action.dimm));
      return dimm === undefined ? { first: 0, count: 0 } : range(dimm.startBytes, dimm.sizeBytes);
    }
    case "dax_bind_kmem":
    case "dax_unbind_kmem":
    case "dax_unbind_driver": {
      const { startBytes, sizeBytes } = daxKmemRange(host.machine, daxOf(host, action.device));
      return range(startBytes, sizeBytes);
    }
    default:
      return { first: 0, count: 0 };
  }
}

/** s390: before 6.19 added block by block at boot; from then on each waits to be configured. */
function addStandby(host: Host, { standby, where }: Script): void {
  if (standby === undefined) return;
  const { machine } = host;
  const { blockBytes, arch, rules } = machine.settings;
  if (arch.family !== "s390")
    throw new InputError({
      what: `standby memory is s390's, and the machine is ${arch.name}`,
      where,
      example: "machine: {arch: s390}",
    });
  const [first, count] = [standby.startBytes / blockBytes, standby.sizeBytes / blockBytes];
  if (!Number.isInteger(first) || !Number.isInteger(count) || count > 65536)
    throw new InputError({
      what: "standby memory is no whole memory blocks",
      where,
      expected: `multiples of ${blockBytes} bytes`,
    });
  if (rules.s390.value !== "configure-per-block") {
    sclpAddStandby(machine, { nid: 0, ...standby });
    return;
  }
  for (let id = first; id < first + count; id++)
    host.sclp.set(id, { nid: 0, id, configured: false, memmapOnMemory: false });
}

/** What others have allocated, as `observe` learns it from a recorded state; silence means that nobody has. */
function seeFree(host: Host, { free, where }: ScriptStep): void {
  const zones = Object.fromEntries(
    [...host.machine.zones.values()].flatMap((zone) =>
      zone.freeLists === undefined || !zone.isPopulated
        ? []
        : [[zone.key, { free: free[zone.key] ?? zone.freeLists.freePages }]],
    ),
  );
  const unknown = Object.keys(free).find((key) => !(key in zones));
  if (unknown !== undefined)
    throw new InputError({
      what: `meets.free names ${unknown}`,
      where,
      expected: Object.keys(zones).join(", ") || "no zone is hot-added",
    });
  observe(host, { zones: zones as unknown as Parameters<typeof observe>[1]["zones"] });
}

type BlockStates = ReadonlyMap<number, { readonly online: boolean; readonly selfHosted: boolean }>;

function blocksOf({ machine }: Host): BlockStates {
  return new Map(
    [...machine.blocks.values()].map(({ id, state, altmap }) => [
      id,
      { online: state !== "offline", selfHosted: altmap !== undefined },
    ]),
  );
}

function changesOf(before: BlockStates, after: BlockStates): BlockChanges {
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
  const pick = (test: (was: boolean | undefined, is: boolean | undefined) => boolean) =>
    ids.filter((id) => test(before.get(id)?.online, after.get(id)?.online));
  const added = pick((was, is) => was === undefined && is !== undefined);
  return {
    added,
    online: pick((was, is) => was !== true && is === true),
    offline: pick((was, is) => was === true && is === false),
    removed: pick((was, is) => was !== undefined && is === undefined),
    selfHosted: added.filter((id) => after.get(id)?.selfHosted === true),
  };
}
