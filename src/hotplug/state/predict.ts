import { InputError } from "../../errors.ts";
import { TIB } from "../../units.ts";
import { dimmBlocks, ejectDimm, plugDimm, rescanDimms } from "./acpi.ts";
import { isDlpar, lmbBlocks, plugLmbs, unplugLmbs } from "./dlpar.ts";
import type { Host } from "./host.ts";
import { bindKmem, type DaxDevice, daxBlocks, memmapOnMemoryStore, unbindKmem } from "./kmem.ts";
import { type Errno, isKernelZone, type MemoryBlock, vmemmapPagesOf } from "./memoryBlock.ts";
import { firstPlacedMemmap } from "./offline.ts";
import { errnoFromText, type Outcome, type RecordedState, type Step } from "./recording.ts";
import { type HostState, hostState } from "./state.ts";
import { onlineTypeFromText, stateStore } from "./sysfs.ts";

/**
 * Stepwise prediction, for recordings and for live kernels:
 *
 *     const host = hostFromRecording(recording, file);    // the machine as it booted
 *     const why = dependsOnOutcome(host, step);           // undefined: predict before the step is done
 *     const expected = predictStep(host, step, why === undefined ? undefined : outcome);
 *     const { differences } = compareState(host, expected, before, outcome);
 *     observe(host, outcome.after);                       // learn which zones others use by now
 */

/** What a step must give. */
export interface Prediction {
  readonly state: HostState;
  /** Change of MemTotal. */
  readonly memTotalChangeKb: number;
  readonly errno: string | null;
  /** Error lines of the kernel and of daxctl, in order, ACPI instance numbers masked. */
  readonly errorLines: readonly string[];
  /** Of an eject: whether the device is still there. */
  readonly stillPresent: boolean | undefined;
  /** Why success or failure was taken from the outcome; undefined when it was predicted. */
  readonly conditioned: string | undefined;
}

/**
 * Why a step cannot be predicted before it is done; undefined when it can. Changes nothing.
 *
 * `boot memory`: what the kernel keeps in a block of boot memory is unknown. `kernel zone in use`: a hot-added block of
 * a kernel zone in which others than the memmaps of this model have allocated.
 */
export function dependsOnOutcome(host: Host, step: Step): string | undefined {
  const reasons = offlinedBy(host, step).flatMap((block) => uncertainty(host, block) ?? []);
  return reasons[0];
}

/**
 * Does one step on the model. A step that dependsOnOutcome takes success or the failing block from `outcome`; without
 * one it is predicted to succeed.
 *
 * @error InputError for a step that is impossible here: an unknown block, DIMM or device, a DIMM plugged twice
 */
export function predictStep(host: Host, step: Step, outcome?: Outcome): Prediction {
  const { machine } = host;
  const before = machine.totalramPages;
  machine.log.length = 0;
  const conditioned = dependsOnOutcome(host, step);
  const result = perform(host, step, outcome);
  return {
    state: hostState(host),
    memTotalChangeKb: ((machine.totalramPages - before) * machine.settings.arch.pageBytes) / 1024,
    errno: result.errno ?? null,
    errorLines: [...machine.log],
    stillPresent: result.stillPresent,
    conditioned,
  };
}

/** Learns from a state which kernel zones others than this model allocate in: the next offlining there is uncertain. */
export function observe(host: Host, after: RecordedState): void {
  for (const zone of host.machine.zones.values()) {
    if (zone.freeLists === undefined) continue;
    const free = after.zones[zone.key]?.free;
    if (free === undefined) continue;
    const missing = zone.freeLists.freePages - free;
    // Memmap pieces that were freed, or fetched ahead, wait on per-cpu lists; anything else is somebody's allocation.
    const wholePieces = missing % host.machine.pageblockPages === 0;
    const onPcp = wholePieces && missing > 0 && missing <= zone.pcpMemmapPages;
    zone.inUse = missing !== 0 && !onPcp;
    zone.disturbed ||= zone.inUse;
  }
}

/** More than any recorded or live machine can plug at once; it bounds what a mistaken recording can allocate. */
const MAX_DEVICE_BYTES = 16 * TIB;

interface Performed {
  readonly errno?: string | null | undefined;
  readonly stillPresent?: boolean;
}

function perform(host: Host, step: Step, outcome: Outcome | undefined): Performed {
  const { machine } = host;
  switch (step.op) {
    case "add":
      return add(host, step, outcome);
    case "state": {
      const block = machine.blocks.get(step.block);
      if (block === undefined) throw new InputError({ what: `no memory${step.block} on this machine` });
      const refusal = refusalFromOutcome(host, outcome)(block);
      return { errno: stateStore(machine, block, step.to, refusal === undefined ? {} : { refusal }) };
    }
    case "remove": {
      const id = String(step.dimm);
      const dimm = host.dimms.get(id);
      if (dimm === undefined) throw new InputError({ what: `no DIMM ${id} is plugged` });
      const unplug = isDlpar(machine) ? unplugLmbs : ejectDimm;
      const gone = unplug(machine, dimm, refusalFromOutcome(host, outcome));
      if (gone) host.dimms.delete(id);
      return { stillPresent: !gone };
    }
    case "dax_memmap_on_memory":
      return { errno: memmapOnMemoryStore(machine, daxOf(host, step.device), step.value) };
    case "dax_bind_kmem":
      return { errno: bindKmem(machine, daxOf(host, step.device), step.via === undefined ? "daxctl" : "kernel") };
    case "dax_unbind_kmem":
      return { errno: unbindKmem(machine, daxOf(host, step.device), refusalFromOutcome(host, outcome)) };
  }
}

function add(host: Host, step: Extract<Step, { op: "add" }>, outcome: Outcome | undefined): Performed {
  const id = String(step.dimm);
  const [startBytes] = step.addr;
  if (host.dimms.has(id)) throw new InputError({ what: `DIMM ${id} is plugged already` });
  // The platform found no room: the kernel has seen nothing, and the error is not its own.
  if (startBytes === undefined) return { errno: errnoFromText(outcome?.error ?? null) };
  if (step.size > MAX_DEVICE_BYTES) {
    throw new InputError({ what: `DIMM ${id} has ${step.size} bytes`, expected: "at most 16 TiB" });
  }
  const nid = step.node ?? host.dimmNode ?? nodeFromOutcome(host, startBytes, outcome);
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

/** The node of a DIMM is an input that only its platform knows; without it, the recorded link stands for it. */
function nodeFromOutcome(host: Host, startBytes: number, outcome: Outcome | undefined): number | undefined {
  const block = String(Math.floor(startBytes / host.machine.settings.blockBytes));
  const link = outcome?.after.node_blocks.find((candidate) => candidate.split(":")[1] === block);
  return link === undefined ? undefined : Number(link.split(":")[0]);
}

function daxOf(host: Host, name: string | undefined): DaxDevice {
  const dax = name === undefined && host.dax.size === 1 ? [...host.dax.values()][0] : host.dax.get(name ?? "");
  if (dax !== undefined) return dax;
  throw new InputError({
    what: `no dax device ${name ?? ""} on this machine`,
    expected: [...host.dax.keys()].join(", "),
  });
}

/** The online blocks that a step would take offline. */
function offlinedBy(host: Host, step: Step): MemoryBlock[] {
  const online = (blocks: readonly MemoryBlock[]) => blocks.filter((block) => block.state === "online");
  if (step.op === "state" && onlineTypeFromText(step.to) === "offline") {
    return online([host.machine.blocks.get(step.block)].flatMap((block) => block ?? []));
  }
  if (step.op === "remove") {
    const dimm = host.dimms.get(String(step.dimm));
    const blocksOf = isDlpar(host.machine) ? lmbBlocks : dimmBlocks;
    return dimm === undefined ? [] : online(blocksOf(host.machine, dimm));
  }
  return step.op === "dax_unbind_kmem" ? online(daxBlocks(host.machine, daxOf(host, step.device))) : [];
}

function uncertainty(host: Host, block: MemoryBlock): string | undefined {
  const { zone } = block;
  // Several zones, holes: refused whoever uses it. In ZONE_MOVABLE offlining goes on until it succeeds.
  if (zone === undefined || block.ramPages < block.nrPages || !isKernelZone(zone.name)) return undefined;
  const startPfn = block.startPfn + vmemmapPagesOf(block);
  if (firstPlacedMemmap(host.machine, startPfn, block.startPfn + block.nrPages) !== undefined) return undefined;
  if (block.boot || zone.freeLists === undefined) return "boot memory";
  return zone.inUse || zone.disturbed || zone.nrUnplacedMemmaps > 0 ? "kernel zone in use" : undefined;
}

/** Errors that an offlining can end with whatever the model knows; anything else must be predicted. */
const REFUSALS: readonly (string | null)[] = ["EBUSY", "EINTR", "ENOMEM"];

/** For a block of unknown use: whether the outcome says that it could not be offlined. */
function refusalFromOutcome(host: Host, outcome: Outcome | undefined): (block: MemoryBlock) => Errno | undefined {
  const errno = errnoFromText(outcome?.error ?? null);
  const refused = outcome?.still_present === true || REFUSALS.includes(errno);
  if (outcome === undefined || !refused) return () => undefined;
  const text = [...outcome.dmesg, outcome.error ?? ""].join("\n");
  const named = /memory memory(\d+): Offline failed|memory(\d+)\/state/.exec(text);
  const failed = named?.[1] ?? named?.[2];
  return (block) => {
    if (uncertainty(host, block) === undefined || (failed !== undefined && String(block.id) !== failed))
      return undefined;
    return errno === "EINTR" || errno === "ENOMEM" ? errno : "EBUSY";
  };
}
