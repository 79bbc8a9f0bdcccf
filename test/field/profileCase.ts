import type { FieldCase } from "./fieldCase.ts";

export const MLC = "00-good-mlc.txt";

export const LOAD = "00-good-multiload.txt";

export function imported(
  kind: string,
  id: string,
  files: readonly string[],
  prints: FieldCase["prints"],
  never: FieldCase["never"] = [],
): FieldCase {
  return { id, kind, run: ["profiles", "import", ...files, "--medium", "cxl"], exitCode: 0, prints, never };
}

export function refused(
  kind: string,
  id: string,
  files: readonly string[],
  prints: FieldCase["prints"],
  never: FieldCase["never"] = [],
): FieldCase {
  return { ...imported(kind, id, files, prints, never), exitCode: 2 };
}

export const SYSFS = ["--sysfs-root", "{tmp}/ROOT"];

/** Imports a profile, then asks for its answer. */
export function answered(id: string, files: readonly string[], prints: FieldCase["prints"]): FieldCase {
  const before = [["profiles", "import", ...files, "--medium", "cxl", "-o", "{tmp}/mine.yaml"]];
  const run = [
    "answer",
    "--profiles",
    "{tmp}/mine.yaml",
    "--device",
    "node1-from-node0",
    "--workload",
    "wl_churn_3g_20k",
  ];
  return { id, kind: "H", before, run, exitCode: 0, prints };
}
