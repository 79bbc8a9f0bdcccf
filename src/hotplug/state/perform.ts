import { InputError } from "../../errors.ts";
import { TIB } from "../../units.ts";
import { driver } from "../drivers.ts";
import { ejectDimm, plugDimm, rescanDimms } from "./acpi.ts";
import type { Action, Performed, Told } from "./action.ts";
import { addMemory } from "./add.ts";
import { isDlpar, plugLmbs, unplugLmbs } from "./dlpar.ts";
import type { Host } from "./host.ts";
import { bindKmem, type DaxDevice, memmapOnMemoryStore, unbindKmem, unbindKmemDriver } from "./kmem.ts";
import type { Errno, MemoryBlock } from "./memoryBlock.ts";
import type { BlockKnowledge, OfflineOptions } from "./offline.ts";
import {
  offlineAndRemoveMemory,
  probeStore,
  type SclpBlock,
  sclpConfigure,
  sclpMemmapOnMemory,
  virtioMemGroup,
  virtioMemPlug,
} from "./otherDrivers.ts";
import { tryRemoveMemory } from "./remove.ts";
import { boolFromText, parameterStore, policyStore, stateStore } from "./sysfs.ts";
import { uncertainty } from "./uncertainty.ts";

/** More than any recorded or live machine can plug at once; it bounds what a mistaken step can allocate. */
const MAX_DEVICE_BYTES = 16 * TIB;

/** Steps that take no device_hotplug_lock. */
const LOCKLESS: readonly Action["op"][] = ["dax_memmap_on_memory", "policy", "parameter", "use"];

/**
 * Does one step on the machine: the one place where recordings, scripts and live kernels meet.
 *
 * @error InputError for a step that is impossible here: an unknown block, DIMM or device, a DIMM plugged twice
 */
export function perform(host: Host, action: Action, told: Told): Performed {
  const { machine } = host;
  machine.lastAddErrno = undefined;
  if (machine.endless !== undefined && !LOCKLESS.includes(action.op)) return { waits: true };
  const known = knowledgeOf(host, told);
  switch (action.op) {
    case "add":
      return add(host, action, told);
    case "state": {
      const block = blockOf(host, action.block);
      return { errno: stateStore(machine, block, action.to, known(block)) };
    }
    case "remove": {
      const id = String(action.dimm);
      const dimm = host.dimms.get(id);
      if (dimm === undefined) throw new InputError({ what: `no DIMM ${id} is plugged`, expected: listed(host.dimms) });
      const gone = (isDlpar(machine) ? unplugLmbs : ejectDimm)(machine, dimm, known);
      if (gone) host.dimms.delete(id);
      return { stillPresent: !gone };
    }
    case "dax_memmap_on_memory":
      return { errno: memmapOnMemoryStore(machine, daxOf(host, action.device), action.value, told) };
    case "dax_bind_kmem":
      return { errno: bindKmem(machine, daxOf(host, action.device), action.via === undefined ? "daxctl" : "kernel") };
    case "dax_unbind_kmem":
      return { errno: unbindKmem(machine, daxOf(host, action.device), known) };
    default:
      return { errno: performDriver(host, action) };
  }
}

type DriverAction = Exclude<
  Action,
  { op: "add" | "state" | "remove" | "dax_memmap_on_memory" | "dax_bind_kmem" | "dax_unbind_kmem" }
>;

/** Steps that no recording has. */
function performDriver(host: Host, action: DriverAction): Errno | undefined {
  const { machine } = host;
  switch (action.op) {
    case "dax_unbind_driver":
      return unbindKmemDriver(machine, daxOf(host, action.device));
    case "policy":
      return policyStore(machine, action.file, action.value);
    case "parameter":
      return parameterStore(machine, action.value);
    case "add_memory":
      return addBy(host, action);
    case "remove_memory": {
      checkSize(action.sizeBytes, "the range");
      checkWhole(host, action);
      return (action.offline ? offlineAndRemove : tryRemove)(host, action);
    }
    case "probe":
      return probeStore(machine, action.node, action.startBytes);
    case "sclp_config":
    case "sclp_memmap_on_memory": {
      const value = boolFromText(action.value);
      const sclp = sclpOf(host, action.block);
      if (value === undefined) return "EINVAL";
      return action.op === "sclp_config" ? sclpConfigure(machine, sclp, value) : sclpMemmapOnMemory(sclp, value);
    }
    case "use":
      useOf(host, action.block).use = action.use;
      return undefined;
  }
}

const tryRemove = ({ machine }: Host, { startBytes, sizeBytes }: { startBytes: number; sizeBytes: number }) =>
  tryRemoveMemory(machine, startBytes, sizeBytes);
const offlineAndRemove = ({ machine }: Host, range: { startBytes: number; sizeBytes: number }) =>
  offlineAndRemoveMemory(machine, range);

function addBy(host: Host, action: Extract<Action, { op: "add_memory" }>): Errno | undefined {
  const { machine } = host;
  const { startBytes, sizeBytes, node: nid } = action;
  checkSize(sizeBytes, "the range");
  if (action.driver === "virtio-mem") {
    const group = virtioGroup(host, nid, action.unitBytes);
    return group === "EINVAL" ? "EINVAL" : virtioMemPlug(machine, group, { startBytes, sizeBytes });
  }
  const adder = driver(action.driver, machine.settings.rules);
  return addMemory(machine, { nid, startBytes, sizeBytes, driver: adder, group: undefined });
}

/** One virtio-mem device a node: its group lasts as long as the machine. */
function virtioGroup(host: Host, nid: number, unitBytes: number | undefined) {
  const known = host.virtioGroups.get(nid);
  if (known !== undefined) return known;
  const group = virtioMemGroup(host.machine, nid, unitBytes ?? host.machine.settings.blockBytes);
  if (group !== "EINVAL") host.virtioGroups.set(nid, group);
  return group;
}

function add(host: Host, step: Extract<Action, { op: "add" }>, told: Told): Performed {
  const id = String(step.dimm);
  const [startBytes] = step.addr;
  if (host.dimms.has(id)) throw new InputError({ what: `DIMM ${id} is plugged already` });
  // The platform found no room: the kernel has seen nothing, and the error is not its own.
  if (startBytes === undefined) return { errno: told.platformError ?? null };
  checkSize(step.size, `DIMM ${id}`);
  const nid = step.node ?? host.dimmNode ?? told.node;
  if (nid === undefined)
    throw new InputError({ what: `the node of DIMM ${id} is unknown`, expected: "a node in the step" });
  if (isDlpar(host.machine)) {
    host.dimms.set(id, plugLmbs(host.machine, nid, startBytes, step.size));
    return {};
  }
  for (const [known, dimm] of rescanDimms(host.machine, host.dimms)) host.dimms.set(known, dimm);
  host.dimms.set(id, plugDimm(host.machine, nid, startBytes, step.size));
  return {};
}

function checkSize(bytes: number, what: string): void {
  if (bytes > MAX_DEVICE_BYTES)
    throw new InputError({ what: `${what} has ${bytes} bytes`, expected: "at most 16 TiB" });
}

/** remove_memory() of a range that is no whole blocks is a BUG() of its caller, not an error. */
function checkWhole({ machine }: Host, range: { startBytes: number; sizeBytes: number }): void {
  const { blockBytes } = machine.settings;
  if (range.sizeBytes > 0 && range.startBytes % blockBytes === 0 && range.sizeBytes % blockBytes === 0) return;
  throw new InputError({
    what: `a range of ${range.sizeBytes} bytes from ${range.startBytes} is no whole memory blocks, and removing it a BUG()`,
    expected: `multiples of ${blockBytes} bytes`,
  });
}

function blockOf({ machine }: Host, id: number): MemoryBlock {
  const block = machine.blocks.get(id);
  if (block !== undefined) return block;
  const hot = [...machine.blocks.values()].flatMap((one) => (one.boot ? [] : `memory${one.id}`));
  const expected = hot.length === 0 ? "one of boot memory" : hot.slice(0, 12).join(", ");
  throw new InputError({ what: `no memory${id} on this machine`, expected });
}

/** A block whose pages somebody can have. */
function useOf(host: Host, id: number): MemoryBlock {
  const block = blockOf(host, id);
  if (block.state !== "offline") return block;
  throw new InputError({
    what: `memory${id} is offline, so nobody has its pages`,
    expected: "a block that an earlier step has put online",
    example: `write: {file: memory${id}/state, value: online_movable}`,
  });
}

/** A dax device of the host; the only one need not be named. @error InputError naming those that there are */
export function daxOf(host: Host, name: string | undefined): DaxDevice {
  const dax = name === undefined && host.dax.size === 1 ? [...host.dax.values()][0] : host.dax.get(name ?? "");
  if (dax !== undefined) return dax;
  throw new InputError({ what: `no dax device ${name ?? ""} on this machine`, expected: listed(host.dax) });
}

function sclpOf(host: Host, id: number): SclpBlock {
  const sclp = host.sclp.get(id);
  if (sclp !== undefined) return sclp;
  throw new InputError({
    what: `no /sys/firmware/memory/memory${id} on this machine`,
    expected: host.sclp.size === 0 ? "standby memory, s390 and Linux 6.19 or later" : listed(host.sclp),
  });
}

function listed(things: ReadonlyMap<string | number, unknown>): string {
  return things.size === 0 ? "none is there" : [...things.keys()].slice(0, 12).join(", ");
}

/** Of a block that may go offline: what is told of it, where the model cannot know. */
function knowledgeOf(host: Host, { refusal, endless, signal }: Told): BlockKnowledge {
  return (block): OfflineOptions => {
    const interrupted = signal === true ? { signal } : {};
    if ((refusal === undefined && endless !== true) || uncertainty(host, block) === undefined) return interrupted;
    if (refusal?.block !== undefined && refusal.block !== block.id) return interrupted;
    return { ...interrupted, ...(refusal && { refusal: refusal.errno }), ...(endless && { endless }) };
  };
}
