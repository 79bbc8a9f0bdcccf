import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import type { CaseReport } from "../run.ts";

export interface Floor {
  readonly suite: string;
  readonly case: string;
  readonly row: string;
  readonly against: string;
  readonly floor: number;
  /** Idle processors that it takes, for rows that run at once. @default 1 */
  readonly cpus?: number;
}

/**
 * The recorded floors that can be judged on this machine as busy as it is: about half of what was measured, because a
 * loaded machine moves ratios too. With recorded traces the replay also counts which misses can overlap, which takes it
 * a tenth to a quarter longer; the native programs do not.
 */
export function readFloors(nrCpus = availableParallelism(), load = loadavg()[0] ?? 0): readonly Floor[] {
  const path = new URL("../../bench/suite/floors.json", import.meta.url);
  const floors = JSON.parse(readFileSync(path, "utf8")) as Floor[];
  return floors.filter(({ cpus = 1 }) => cpus === 1 || Math.round(nrCpus - load) >= cpus);
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
