import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { CaseReport } from "../run.ts";

export interface Floor {
  readonly suite: string;
  readonly case: string;
  readonly row: string;
  readonly against: string;
  readonly floor: number;
  /** Does not hold on a machine with fewer. @default 1 */
  readonly cpus?: number;
}

/**
 * The recorded floors that hold on this machine: about half of what was measured, because a loaded machine moves ratios
 * too.
 */
export function readFloors(nrCpus = availableParallelism()): readonly Floor[] {
  const path = new URL("../../bench/suite/floors.json", import.meta.url);
  const floors = JSON.parse(readFileSync(path, "utf8")) as Floor[];
  return floors.filter(({ cpus = 1 }) => cpus <= nrCpus);
}

/** Ratios whose whole interval lies below the floor, and floors that name nothing that ran. */
export function brokenFloors(floors: readonly Floor[], reports: readonly CaseReport[], hasNative: boolean): string[] {
  const broken: string[] = [];
  for (const floor of floors) {
    const name = `${floor.suite} / ${floor.case}: ${floor.row} against ${floor.against}`;
    const row = reports
      .find((report) => report.suite === floor.suite && report.case === floor.case)
      ?.rows.find((each) => each.name === floor.row);
    const ratio = row?.ratios[floor.against];
    if (ratio === undefined) {
      if (hasNative || !floor.against.startsWith("native")) broken.push(`${name}: did not run`);
    } else if (ratio.high < floor.floor) {
      broken.push(`${name}: ${ratio.median.toFixed(2)} (at most ${ratio.high.toFixed(2)}), floor ${floor.floor}`);
    }
  }
  return broken;
}
