import { InputError } from "../../errors.ts";
import { addressOf } from "../../scenario/addresses.ts";
import { formatBytes, hex, parseBytes } from "../../units.ts";
import { type Action, POLICY_FILES, type Told } from "../state/action.ts";
import type { BlockUse } from "../state/memoryBlock.ts";
import { errnoFromText } from "../state/recording.ts";
import type { ScriptStep } from "./script.ts";
import { ACTIONS, type ScriptFileStep } from "./scriptSchema.ts";

interface Read {
  readonly action: Action;
  readonly words: string;
}

/** One step of a script, as the state machine takes it. @error InputError naming the step */
export function scriptStep(step: ScriptFileStep, where: string): ScriptStep {
  const named = ACTIONS.filter((name) => step[name] !== undefined);
  if (named.length !== 1) {
    throw new InputError({
      what: named.length === 0 ? "the step does nothing" : `the step does several things: ${named.join(", ")}`,
      where,
      expected: `one of ${ACTIONS.join(", ")}`,
      example: "- plug: {dimm: d1, size: 512MiB, start: 0x200000000, node: 0}",
    });
  }
  const { action, words } = readAction(step, where);
  checkCompany(step, action, where);
  return {
    where,
    words,
    action,
    told: toldOf(step),
    fail: step.fail,
    veto: step.veto && { ...step.veto, chunk: step.veto.chunk },
    free: step.meets?.free ?? {},
  };
}

function readAction(step: ScriptFileStep, where: string): Read {
  const bytes = (value: string | number, what: string) => parseBytes(String(value), `${where}: ${what}`);
  const address = (value: string | number, what: string) => addressOf(value, what, where) ?? 0;
  const { plug, eject, write, bind, unbind, add, remove, use } = step;
  if (plug !== undefined) {
    const size = bytes(plug.size, "plug.size");
    const addr = plug.start === undefined ? [] : [address(plug.start, "plug.start")];
    const node = plug.node === undefined ? {} : { node: plug.node };
    const at = addr[0] === undefined ? "" : ` at ${hex(addr[0])}`;
    return {
      action: { op: "add", size, dimm: plug.dimm, addr, ...node },
      words: `plug ${plug.dimm}: ${formatBytes(size)}${at}`,
    };
  }
  if (eject !== undefined) return { action: { op: "remove", dimm: eject }, words: `eject ${eject}` };
  if (write !== undefined) {
    const value = writtenText(write.value);
    return { action: writeTo(write.file, value, where), words: `echo ${value} > ${write.file}` };
  }
  if (bind !== undefined) {
    const { device, by } = typeof bind === "string" ? { device: bind, by: "daxctl" } : bind;
    const via = by === "kernel" ? { via: "kernel" } : {};
    const words =
      by === "kernel" ? `modprobe kmem (binds ${device})` : `daxctl reconfigure-device -m system-ram -N ${device}`;
    return { action: { op: "dax_bind_kmem", device, ...via }, words };
  }
  if (unbind !== undefined) {
    const { device, by } = typeof unbind === "string" ? { device: unbind, by: "daxctl" } : unbind;
    if (by === "driver")
      return {
        action: { op: "dax_unbind_driver", device },
        words: `echo ${device} > /sys/bus/dax/drivers/kmem/unbind`,
      };
    return { action: { op: "dax_unbind_kmem", device }, words: `daxctl reconfigure-device -m devdax -f ${device}` };
  }
  if (add !== undefined) {
    const [startBytes, sizeBytes] = [address(add.start, "add.start"), bytes(add.size, "add.size")];
    const unitBytes = add.unit === undefined ? {} : { unitBytes: bytes(add.unit, "add.unit") };
    const action: Action = {
      op: "add_memory",
      driver: add.driver,
      startBytes,
      sizeBytes,
      node: add.node,
      ...unitBytes,
    };
    return { action, words: `${add.driver} adds ${formatBytes(sizeBytes)} at ${hex(startBytes)}` };
  }
  if (remove !== undefined) {
    const [startBytes, sizeBytes] = [address(remove.start, "remove.start"), bytes(remove.size, "remove.size")];
    const verb = remove.offline ? "offline and remove" : "remove";
    return {
      action: { op: "remove_memory", startBytes, sizeBytes, offline: remove.offline },
      words: `${verb} ${formatBytes(sizeBytes)} at ${hex(startBytes)}`,
    };
  }
  const { block, ...counts } = use!;
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`);
  return {
    action: { op: "use", block, use: useOf(counts) },
    words: `memory${block} holds ${told.join(", ") || "nothing"}`,
  };
}

function useOf(counts: Omit<NonNullable<ScriptFileStep["use"]>, "block">): BlockUse {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [
      name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      count,
    ]),
  );
}

function writtenText(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "Y" : "N") : String(value);
}

/** Which file, by its path in sysfs or the end of it. */
function writeTo(file: string, value: string, where: string): Action {
  const path = file.replace(/^\/sys\//, "");
  const state = /(?:^|^devices\/system\/memory\/)memory(\d{1,9})\/state$/.exec(path);
  if (state?.[1] !== undefined) return { op: "state", block: Number(state[1]), to: value };
  const dax = /(?:^|^bus\/dax\/devices\/)(dax\d+\.\d+)\/memmap_on_memory$/.exec(path);
  if (dax?.[1] !== undefined) return { op: "dax_memmap_on_memory", device: dax[1], value };
  const sclp = /^(?:firmware\/memory\/)memory(\d{1,9})\/(config|memmap_on_memory)$/.exec(path);
  if (sclp?.[1] !== undefined)
    return { op: sclp[2] === "config" ? "sclp_config" : "sclp_memmap_on_memory", block: Number(sclp[1]), value };
  const policy = POLICY_FILES.find((name) =>
    [name, `devices/system/memory/${name}`, `module/memory_hotplug/parameters/${name}`].includes(path),
  );
  if (policy !== undefined) return { op: "policy", file: policy, value };
  if (/^(?:module\/)?memory_hotplug\/(?:parameters\/)?memmap_on_memory$/.test(path)) return { op: "parameter", value };
  if (/^(?:devices\/system\/memory\/)?probe$/.test(path))
    return { op: "probe", startBytes: addressOf(value, "probe", where) ?? 0, node: 0 };
  throw new InputError({
    what: `no file "${file.slice(0, 80)}" that this model writes to`,
    where,
    expected: `memoryN/state, daxX.Y/memmap_on_memory, ${POLICY_FILES.join(", ")}, probe, memory_hotplug/parameters/memmap_on_memory, firmware/memory/memoryN/config or memmap_on_memory`,
    example: "write: {file: memory64/state, value: online_movable}",
  });
}

function toldOf({ meets, signal, during }: ScriptFileStep): Told {
  return {
    ...(meets?.errno !== undefined && { refusal: { errno: meets.errno, block: meets.block } }),
    ...(meets?.endless !== undefined && { endless: meets.endless }),
    ...(meets?.error !== undefined && { platformError: errnoFromText(meets.error) }),
    ...(signal !== undefined && { signal }),
    ...(during !== undefined && { during: true }),
  };
}

/** Ops that add memory, and whose blocks are numbered from 0 for faults. */
const ADDS: readonly Action["op"][] = ["add", "dax_bind_kmem", "add_memory", "probe", "sclp_config"];
/** Steps that a process does, to which a signal can be sent while it waits or works. */
const SIGNALLED: readonly Action["op"][] = ["state", "dax_memmap_on_memory", "dax_unbind_kmem"];

/** Keys that have no meaning beside an action. */
function checkCompany(step: ScriptFileStep, action: Action, where: string): void {
  const refuse = (what: string, expected: string): never => {
    throw new InputError({ what, where, expected });
  };
  if (step.fail !== undefined && !ADDS.includes(action.op))
    refuse(
      "a fault strikes an add, and this step adds nothing",
      "fail beside plug, bind, add, a write to probe or config",
    );
  if (step.signal !== undefined && !SIGNALLED.includes(action.op))
    refuse("nobody is there to take a signal: the kernel itself does this step", "signal beside a write or unbind");
  if (step.during !== undefined && action.op !== "dax_memmap_on_memory")
    refuse(
      "during is about a write to a dax device's memmap_on_memory",
      "write: {file: dax0.0/memmap_on_memory, value: 0}",
    );
  if (action.op === "add" && action.addr.length === 0 && step.meets?.error === undefined)
    refuse("plug has no start", "start, or meets: {error: ...} of a platform without room");
}
