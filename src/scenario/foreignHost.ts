import { InputError } from "../errors.ts";
import type { Scenario } from "./scenario.ts";

/** Every built-in host is an Intel or AMD server, and every recording and count of instructions was made on x86_64. */
export const MEASURED_FAMILY = "x86_64";

/**
 * For a scenario whose host is a built-in one.
 *
 * @error InputError when the scenario names that host and is of another architecture: one of the two is a slip
 */
export function checkHostFamily(scenario: Scenario): void {
  const { arch, host } = scenario.machine;
  if (!isForeign(scenario) || host === "default") return;
  throw new InputError({
    what: `the host ${host} is ${MEASURED_FAMILY}, and machine.arch is ${arch}`,
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

/** The family of x86_64 has one architecture, which is named like it. */
function isForeign({ machine }: Scenario): boolean {
  return machine.arch !== MEASURED_FAMILY;
}
