import { assumedOf, completeHost } from "../machine/assumed.ts";
import { type DeviceProfile, type HostProfile, mayBeDefault, quantitiesOf } from "../machine/profiles.ts";
import { EVIDENCE_MEANING, type Quantity, rangeOf, SOURCES } from "../machine/provenance.ts";
import type { ProfileSet } from "../machine/schema.ts";
import { windowInstructions } from "../machine/window.ts";
import { upToDigits } from "../units.ts";

/** One line a profile: what it is, and the numbers that tell profiles apart. */
export function listProfiles(set: ProfileSet, defaults: ReadonlySet<string>): string {
  const lines = ["devices (idle read latency, read bandwidth; * = default of `altmap answer`)"];
  const width = Math.max(...[...set.devices, ...set.hosts].map((profile) => profile.id.length)) + 1;
  for (const device of set.devices) {
    const mark = defaults.has(device.id) ? "*" : " ";
    const level = mayBeDefault(device) ? "" : " (recalled: never a default)";
    const numbers =
      `${rounded(device.idleReadNs.value)} ns`.padStart(8) + `${rounded(device.readGBps.value)} GB/s`.padStart(12);
    lines.push(`${mark} ${device.id.padEnd(width)}${numbers}  ${device.description}${level}`);
  }
  lines.push("", "hosts (clock, cores of a socket, reorder buffer in micro-ops)");
  for (const host of set.hosts) {
    const mark = defaults.has(host.id) ? "*" : " ";
    const numbers =
      `${rounded(host.clockGHz.value)} GHz`.padStart(8) +
      `${host.nrCores.value} cores`.padStart(12) +
      String(host.reorderBufferMicroOps?.value ?? "-").padStart(5);
    lines.push(`${mark} ${host.id.padEnd(width)}${numbers}  ${host.description}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Every value of one profile with its 90 % range, evidence level and source; of a host also what is assumed where it
 * says nothing.
 *
 * @param dram the host's local DRAM, when it is known
 */
export function showProfile(profile: DeviceProfile | HostProfile, dram?: DeviceProfile): string {
  const rows = quantitiesOf(profile).map(([key, quantity]) => rowOf(key, quantity));
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = [`${profile.id}: ${profile.description}`, ""];
  for (const row of rows) {
    lines.push(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
  }
  if ("family" in profile) lines.push(...assumedLines(profile, dram));
  if ("loadedCurve" in profile && profile.loadedCurve !== undefined) {
    const { points, scope, level, source } = profile.loadedCurve;
    const shown = points.map((point) => `${point.GBps}:${point.ns}`).join(" ");
    lines.push("", `  loaded latency, GB/s:ns (${scope}; ${level} ${source})`, `  ${shown}`);
  }
  const levels = [...new Set(quantitiesOf(profile).map(([, quantity]) => quantity.level))].sort();
  lines.push("", `levels: ${levels.map((level) => `${level} ${EVIDENCE_MEANING[level]}`).join("; ")}`, "sources:");
  for (const source of new Set(quantitiesOf(profile).map(([, quantity]) => quantity.source))) {
    const known = SOURCES[source];
    lines.push(
      `  ${source}${known === undefined ? "" : `: ${known.title}${known.url === undefined ? "" : `, ${known.url}`}`}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function assumedLines(host: HostProfile, dram: DeviceProfile | undefined): string[] {
  if (dram === undefined) return [];
  const window = rowOf("windowInstructions", windowInstructions(completeHost(host, dram)));
  const rows = [window, ...assumedOf(host, dram).map(([key, quantity]) => rowOf(key, quantity))];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const shown = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
  return ["", "  computed, and assumed where the profile says nothing:", ...shown];
}

function rowOf(key: string, quantity: Quantity): string[] {
  const [low, high] = rangeOf(quantity);
  const range = low === high ? "exact" : `${rounded(low)}..${rounded(high)}`;
  const level = `${quantity.level}${quantity.fitted === true ? " fitted" : ""}`;
  return [key, rounded(quantity.value), range, level, `${quantity.source}${quantity.note ? `: ${quantity.note}` : ""}`];
}

function rounded(value: number): string {
  return upToDigits(value, 4);
}
