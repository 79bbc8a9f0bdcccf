import { InputError } from "../errors.ts";
import type { Scenario } from "./scenario.ts";

/** Every recording and count of instructions was made on x86_64. */
export const MEASURED_FAMILY = "x86_64";

/**
 * @param family of the processor that the scenario's host is, `arm64` or `s390x`
 * @error InputError when the scenario names that host and is of another architecture: one of the two is a slip
 */
export function checkHostFamily(scenario: Scenario, family: string): void {
  const { arch, host } = scenario.machine;
  if (host === "default" || family.replace(/^s390x$/, "s390") === familyOf(arch)) return;
  throw new InputError({
    what: `the host ${host} is ${family}, and machine.arch is ${arch}`,
    where: "machine.host",
    expected: `a host of your own for ${arch} (a profile file), or no host: times are then those of the default host, with a note`,
    example: "altmap explain scenario.yaml, which needs no host",
  });
}

/** What the times of such a scenario rest on; nothing for x86_64. */
export function foreignNotes(scenario: Scenario, host: string): string[] {
  const { arch } = scenario.machine;
  if (!isForeign(scenario)) return [];
  const own = scenario.machine.host === "default" ? `the host ${host} (${MEASURED_FAMILY}) and ` : "";
  return [
    `times are not those of ${arch}: they rest on ${own}recordings and instruction counts made on ${MEASURED_FAMILY}; placement and sizes follow the rules of ${arch}`,
  ];
}

/** `arm64` of `arm64-16k`: behind the family an architecture names its page size. */
const familyOf = (arch: string): string => arch.replace(/-.*$/, "");

const isForeign = ({ machine }: Scenario): boolean => familyOf(machine.arch) !== MEASURED_FAMILY;
