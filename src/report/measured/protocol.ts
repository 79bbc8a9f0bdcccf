import type { ProtocolMachine } from "../../measure/protocol.ts";
import { formatBytes } from "../../units.ts";

/** The A/B of memmap_on_memory on a device, as commands for a reader to judge and type: a script that does nothing by itself. */
export function protocolText(machine: ProtocolMachine): string {
  return [
    "# What do struct pages on the device cost? The same memory measured twice: its memmap in DRAM, then on itself.",
    "# Nothing has been changed. Needs root, daxctl, a C compiler, and that nobody uses the memory of the device.",
    ...stateLines(machine).map((line) => `# ${line}`),
    "",
    ...(machine.hasDeviceKnob ? byDevice(machine) : byBoot(machine)),
    "",
    "# What to look at: cold, random and cold, in order of both tables; their difference is what the placement costs.",
    "# The line that begins with memory of node says where the struct pages lie: on another node, then on the node.",
    ...twoSockets(machine),
    "",
  ].join("\n");
}

function stateLines(machine: ProtocolMachine): string[] {
  const { device, isHere, sizeBytes, targetNode, hotplugKnob, deviceKnob, onlinePolicy, kernel } = machine;
  const size = sizeBytes === undefined ? "" : `, ${formatBytes(sizeBytes)}`;
  const node = targetNode === undefined ? "" : `, node ${targetNode}`;
  return [
    `Linux ${kernel}; ${isHere ? `${device}${size}${node}` : `no dax device here: ${device} stands for the one that is meant`}`,
    `now: memory_hotplug.memmap_on_memory=${hotplugKnob ?? "not told"}, of the device ${deviceKnob ?? "not told"}, auto_online_blocks ${onlinePolicy ?? "not told"}`,
  ];
}

const nodeOf = ({ targetNode }: ProtocolMachine): string => (targetNode === undefined ? "$node" : String(targetNode));

/** Gives the memory back, so that it can be added in another way. */
function release(device: string): string[] {
  return [
    `daxctl offline-memory ${device}   # only while it is system-ram; fails while pages on it cannot be moved`,
    `daxctl reconfigure-device --mode=devdax --force ${device}`,
  ];
}

function step(machine: ProtocolMachine, value: "0" | "1", file: string): string[] {
  const { device } = machine;
  return [
    `echo ${value} > /sys/bus/dax/devices/${device}/memmap_on_memory`,
    `daxctl reconfigure-device --mode=system-ram ${device}   # onlines its blocks as movable`,
    `altmap measure --node ${nodeOf(machine)} -o ${file}`,
    ...release(device),
  ];
}

function prepare(machine: ProtocolMachine): string[] {
  const { device, targetNode } = machine;
  return [
    "# 1. Look, and keep what there is, to undo it",
    `daxctl list -d ${device}`,
    ...(targetNode === undefined ? [`node=$(cat /sys/bus/dax/devices/${device}/target_node)`] : []),
    "was=$(cat /sys/devices/system/memory/auto_online_blocks)",
    "echo offline > /sys/devices/system/memory/auto_online_blocks   # daxctl onlines, nobody else",
  ];
}

function undo({ device, deviceKnob }: ProtocolMachine, mode: string): string[] {
  return [
    "# Undo",
    `echo $was > /sys/devices/system/memory/auto_online_blocks`,
    ...(mode === "" ? [] : [`echo ${deviceKnob ?? "$knob"} > /sys/bus/dax/devices/${device}/memmap_on_memory`]),
    `# and, if the device was system RAM in the list of step 1: daxctl reconfigure-device --mode=system-ram ${device}`,
  ];
}

function byDevice(machine: ProtocolMachine): string[] {
  const { device, hotplugKnob, deviceKnob } = machine;
  const isOff = hotplugKnob === undefined || /^(N|0)$/i.test(hotplugKnob);
  return [
    ...(isOff
      ? [
          "# 0. The kernel must allow it first: boot with memory_hotplug.memmap_on_memory=force, then begin here again",
          "#    (=Y where a block's memmap is a whole number of pageblocks: altmap explain says)",
        ]
      : []),
    ...prepare(machine),
    ...(deviceKnob === undefined ? [`knob=$(cat /sys/bus/dax/devices/${device}/memmap_on_memory)`] : []),
    ...release(device),
    "",
    "# 2. A: memmap in DRAM",
    ...step(machine, "0", "dram.json"),
    "",
    "# 3. B: memmap on the device",
    ...step(machine, "1", "device.json"),
    "",
    ...undo(machine, "device"),
  ];
}

/** Before 6.8 dax/kmem adds memory without it, whatever the parameter says. */
function byBoot(machine: ProtocolMachine): string[] {
  return [
    "# dax/kmem takes memmap_on_memory from Linux 6.8 on: this kernel adds a device's memory with its memmap in DRAM.",
    "# What can be had here is A alone; B takes a newer kernel.",
    ...prepare(machine),
    ...release(machine.device),
    "",
    "# 2. A: memmap in DRAM",
    `daxctl reconfigure-device --mode=system-ram ${machine.device}   # onlines its blocks as movable`,
    `altmap measure --node ${nodeOf(machine)} -o dram.json`,
    ...release(machine.device),
    "",
    ...undo(machine, ""),
  ];
}

function twoSockets({ nodesWithMemory, isHere }: ProtocolMachine): string[] {
  if (nodesWithMemory.length < 2) return [];
  const commands = nodesWithMemory.map((node) => `altmap measure --cpu 0 --node ${node} -o node${node}.json`);
  return [
    "",
    `# ${isHere ? "Besides" : "Without a device"}: boot memory has its struct pages on its own node, so nodes compare without root:`,
    ...commands.map((command) => `#   ${command}`),
  ];
}
