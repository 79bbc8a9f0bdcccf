/** The tools of the suite on this machine, and where it keeps what is never installed. */
import { homedir } from "node:os";
import { join } from "node:path";
import { commandPath, lastLine, MissingPackages, machineApt } from "./apt.ts";

const TOOL_PACKAGES: Readonly<Record<string, string>> = {
  busybox: "busybox-static",
  ndctl: "ndctl",
  daxctl: "daxctl",
  gcc: "gcc libc6-dev",
};

/** @error MissingPackages naming every tool that is missing and could not be installed */
export function ensureTools(): void {
  const missing = (): string[] => Object.keys(TOOL_PACKAGES).filter((tool) => commandPath(tool) === undefined);
  const before = missing();
  if (before.length === 0) return;
  const packages = before.flatMap((tool) => TOOL_PACKAGES[tool]?.split(" ") ?? tool);
  process.stderr.write(`live kernel suite: installing ${packages.join(" ")}\n`);
  try {
    machineApt().get(["install", "--no-install-recommends", ...packages]);
  } catch (error) {
    throw new MissingPackages(`apt-get install ${packages.join(" ")} failed: ${lastLine(error)}`);
  }
  const after = missing();
  if (after.length > 0) throw new MissingPackages(`no ${after.join(", ")} on PATH`);
}

export function cacheDirectory(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "altmap-kernels");
}
