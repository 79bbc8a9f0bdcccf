import type { Scenario } from "../scenario/scenario.ts";
import { formatBytes, GIB } from "../units.ts";
import { advisedBlockBytes, memoryBlockBytes } from "./blockSize.ts";
import type { Fact } from "./evidence.ts";

/** The memory block size of a machine, and what it would be if RAM ended elsewhere. */
export interface BlockRule extends Fact<number> {
  /** Undefined when what the scenario says decides the size. */
  readonly caveat: string | undefined;
}

/**
 * Where RAM ends when the memory is larger than what fits below the hole for PCI at 4 GiB. Firmware and other
 * hypervisors leave holes of their own.
 *
 * @source hw/i386/pc_piix.c pc_init1 (3 GiB below 4 GiB), hw/i386/pc_q35.c pc_q35_init (2 GiB), QEMU from 4.1 on
 */
const HOLES = [
  { bytes: GIB, name: "QEMU i440FX" },
  { bytes: 2 * GIB, name: "QEMU q35" },
] as const;

/** The memory block size of the scenario's machine, with the rule that gives it. */
export function blockRuleOf(scenario: Scenario): BlockRule {
  const { machine } = scenario;
  if (machine.memoryBlockBytes !== undefined) {
    const source = machine.memoryBlockFrom ?? "machine.memory_block of the scenario";
    return { value: machine.memoryBlockBytes, source, evidence: "given", caveat: undefined };
  }
  if (machine.endOfRamBytes !== undefined) return { ...ruleFor(scenario, machine.endOfRamBytes), caveat: undefined };
  const rule = ruleFor(scenario, machine.dramBytes);
  const others = HOLES.map(({ bytes, name }) => ({ name, bytes, rule: ruleFor(scenario, machine.dramBytes + bytes) }));
  if (others.every((other) => other.rule.value === rule.value)) return { ...rule, caveat: undefined };
  const ends = others.map(
    (other) =>
      `with the hole of ${formatBytes(other.bytes)} that ${other.name} leaves below 4 GiB it is ${formatBytes(machine.dramBytes + other.bytes)}: blocks of ${formatBytes(other.rule.value)}`,
  );
  const caveat = `the memory block size follows the end of RAM, which is not stated: ${formatBytes(machine.dramBytes)} is machine.dram without a hole; ${ends.join("; ")}. State machine.end_of_ram (the end of the last System RAM in /proc/iomem) or machine.memory_block (block_size_bytes in /sys/devices/system/memory, hexadecimal)`;
  return { ...rule, evidence: "inferred", caveat };
}

function ruleFor({ machine, kernel }: Scenario, bootEndBytes: number): Fact<number> {
  return memoryBlockBytes({
    architecture: machine.arch,
    kernel: kernel.version,
    bootEndBytes,
    hypervisor: machine.platform === "vm",
    advisedBytes: advisedBlockBytes(machine.cxlWindows),
  });
}
