import { InputError } from "../errors.ts";
import { isKernelBefore, readKernelVersion } from "../linux/version.ts";
import { listOf, machineState, namesIn, textOf } from "./machineState.ts";

/** What of this machine the A/B of memmap_on_memory depends on. */
export interface ProtocolMachine {
  /** `daxX.Y` where there is no such device. */
  readonly device: string;
  readonly isHere: boolean;
  readonly devicesHere: readonly string[];
  /** Node that its memory becomes; undefined: not told. */
  readonly targetNode: number | undefined;
  readonly sizeBytes: number | undefined;
  /** What the device's memmap_on_memory holds now; undefined: this kernel has none. */
  readonly deviceKnob: string | undefined;
  /** memory_hotplug.memmap_on_memory; undefined: not told. */
  readonly hotplugKnob: string | undefined;
  readonly onlinePolicy: string | undefined;
  readonly kernel: string;
  /** Whether kmem has the choice per device, since 6.8 (drivers/dax/kmem.c, MHP_MEMMAP_ON_MEMORY). */
  readonly hasDeviceKnob: boolean;
  /** Nodes with memory, of which a machine of several sockets can compare two without a device. */
  readonly nodesWithMemory: readonly number[];
}

const DEVICES = "sys/bus/dax/devices";
const DEVICE_NAME = /^dax\d{1,4}\.\d{1,4}$/;
const DEVICE_KNOB_SINCE = "6.8";

/**
 * @param asked the device; else the first that there is
 * @param root what stands for `/`, in tests
 * @error InputError for a name that is none of a dax device, or of one that is not here while others are
 */
export function protocolMachine(asked: string | undefined, root = "/"): ProtocolMachine {
  const here = namesIn(DEVICES, root).filter((name) => DEVICE_NAME.test(name));
  if (asked !== undefined && (!DEVICE_NAME.test(asked) || (here.length > 0 && !here.includes(asked)))) {
    throw new InputError({
      what: `"${asked.slice(0, 40)}" is no dax device${here.length > 0 ? " of this machine" : ""}`,
      where: "--device",
      expected: here.length > 0 ? `one of ${here.join(", ")}` : "a name as dax0.0",
      example: `altmap measure --protocol --device ${here[0] ?? "dax0.0"}`,
    });
  }
  const device = asked ?? here[0] ?? "daxX.Y";
  const attribute = (name: string): string | undefined => textOf(`${DEVICES}/${device}/${name}`, root)?.trim();
  const number = (name: string): number | undefined => {
    const text = attribute(name);
    return text === undefined || !/^\d{1,16}$/.test(text) ? undefined : Number(text);
  };
  const { kernel } = machineState(root);
  const version = readKernelVersion(kernel);
  return {
    device,
    isHere: here.includes(device),
    devicesHere: here,
    targetNode: number("target_node"),
    sizeBytes: number("size"),
    deviceKnob: attribute("memmap_on_memory"),
    hotplugKnob: textOf("sys/module/memory_hotplug/parameters/memmap_on_memory", root)?.trim(),
    onlinePolicy: textOf("sys/devices/system/memory/auto_online_blocks", root)?.trim(),
    kernel,
    hasDeviceKnob: version !== undefined && !isKernelBefore(version, DEVICE_KNOB_SINCE),
    nodesWithMemory: listOf(textOf("sys/devices/system/node/has_memory", root) ?? ""),
  };
}
