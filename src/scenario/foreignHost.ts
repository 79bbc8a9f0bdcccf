import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { InputError } from "../errors.ts";
import type { Scenario } from "./scenario.ts";

/** Every recording and count of instructions was made on x86_64. */
export const MEASURED_FAMILY = "x86_64";

/**
 * @param family of the processor that the scenario's host is, `arm64` or `s390x`
 * @error InputError when it is of another architecture than the scenario: one of the two is a slip, or no host of that
 *   architecture is known
 */
export function checkHostFamily(scenario: Scenario, family: string): void {
  const { arch, host } = scenario.machine;
  if (family.replace(/^s390x$/, "s390") === familyOf(arch)) return;
  throw new InputError({
    what:
      host === "default"
        ? `no host of ${familyOf(arch)} is known, and its times are not those of another architecture`
        : `the host ${host} is ${family}, and machine.arch is ${arch}`,
    where: "machine.host",
    expected: `a host of your own for ${arch} (a profile file)${host === "default" ? "" : ", or no host: the default one of its architecture, where there is one"}`,
    example: "altmap explain scenario.yaml, which needs no host",
  });
}

/** What the times of such a scenario rest on; nothing for x86_64 as it was recorded. */
export function foreignNotes({ machine }: Scenario, host: string, pageBytes: number): string[] {
  const { arch } = machine;
  const isForeign = familyOf(arch) !== MEASURED_FAMILY;
  const foreign = isForeign
    ? [
        `times of ${arch} are rough: the host ${host} prices recordings and instruction counts made on ${MEASURED_FAMILY}; placement and sizes follow the rules of ${arch}`,
      ]
    : [];
  if (pageBytes === PAGE_BYTES) return foreign;
  return [
    ...foreign,
    `pages of ${pageBytes / 1024} KiB were not recorded: hotplug passes are those of 4 KiB pages, by the number of struct pages; workloads and operations are those of 4 KiB pages (assumed)`,
  ];
}

/** `arm64` of `arm64-16k`: behind the family an architecture names its page size. */
export const familyOf = (arch: string): string => arch.replace(/-.*$/, "");
