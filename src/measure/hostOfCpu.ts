import type { MachineState } from "./machineState.ts";

/** Processors as CPUID names them: vendor, family, models, stepping, and the host profile that is of the same core. */
interface CpuRule {
  readonly vendor: string;
  readonly family: number;
  readonly models: readonly [number, number];
  readonly host: string;
}

const amd = (family: number, models: readonly [number, number], host: string): CpuRule => ({
  vendor: "AuthenticAMD",
  family,
  models,
  host,
});
const intel = (model: number, host: string): CpuRule => ({
  vendor: "GenuineIntel",
  family: 6,
  models: [model, model],
  host,
});

/** arch/x86/include/asm/intel-family.h, arch/x86/kernel/cpu/amd.c (bsp_init_amd, init_amd_zen*) of 6.12. */
const RULES: readonly CpuRule[] = [
  amd(0x17, [0x00, 0x2f], "zen1"),
  amd(0x17, [0x30, 0xaf], "zen2"),
  amd(0x19, [0x00, 0x0f], "zen3"),
  amd(0x19, [0x20, 0x5f], "zen3"),
  amd(0x19, [0xa0, 0xaf], "bergamo"),
  amd(0x19, [0x10, 0x1f], "zen4"),
  amd(0x19, [0x60, 0x7f], "zen4"),
  amd(0x1a, [0x00, 0xff], "zen5"),
  intel(63, "haswell"),
  intel(79, "broadwell"),
  intel(85, "cascade-lake"),
  intel(106, "ice-lake-sp"),
  intel(143, "sapphire-rapids"),
  intel(207, "emerald-rapids"),
  intel(173, "granite-rapids"),
];

/** Id of the built-in host with the machine's core; undefined where none is known to have it. */
export function hostOfCpu({ vendor, family, model }: MachineState): string | undefined {
  return RULES.find(
    (rule) => rule.vendor === vendor && rule.family === family && model !== null && isWithin(model, rule.models),
  )?.host;
}

const isWithin = (value: number, [low, high]: readonly [number, number]): boolean => low <= value && value <= high;
