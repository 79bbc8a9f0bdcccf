import { baselineNs } from "../cost/baseline.ts";
import { countSums } from "../cost/countSums.ts";
import { drawMachine } from "../cost/machineDraw.ts";
import type { Random } from "../cost/sample.ts";
import { NR_TERMS, pathsNs } from "../cost/terms.ts";
import { countWorkload } from "../count/countWorkload.ts";
import type { WorkloadRun } from "../counts/workload.ts";
import { geometryOf } from "../machine/geometry.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { listRecordings } from "../recording/packagedRecording.ts";
import type { CaseRow } from "./caseFile.ts";
import { machinesOf } from "./caseMachine.ts";
import type { CaseContext } from "./predictors/predictor.ts";
import { workloadOf } from "./predictors/workloads.ts";

const PREFIX = "wl_";

/**
 * Counts the packaged workloads that `rows` name (`workload:NAME` is recording wl_NAME) on each host that they may have
 * run on.
 *
 * @param where name of the case file, for errors
 * @returns nothing for rows without such operations; a workload that is not packaged, or does not tell what else it did,
 * has no time
 */
export async function workloadContext(rows: readonly CaseRow[], where: string): Promise<CaseContext> {
  const runs = new Map<string, WorkloadRun>();
  const names = new Set<string>();
  const packaged = new Set(listRecordings());
  for (const row of rows) {
    const name = row.use === "context" ? undefined : workloadOf(row.model?.operation ?? "");
    if (name === undefined || !packaged.has(PREFIX + name)) continue;
    for (const { host } of machinesOf(row, where)) {
      const key = `${name} ${host.id}`;
      const run = runs.get(key) ?? (await countWorkload(PREFIX + name, geometryOf(host)));
      runs.set(key, run);
      if (run.work !== undefined) names.add(name);
    }
  }
  const wholeOf = (name: string, host: HostProfile, dram: DeviceProfile, random: Random): number =>
    wholeNs(runs.get(`${name} ${host.id}`)!, host, dram, random);
  return names.size === 0 ? {} : { workloads: { names, wholeNs: wholeOf } };
}

/** One run, data and memmap in `dram`: the stated values, or one draw. */
function wholeNs(run: WorkloadRun, host: HostProfile, dram: DeviceProfile, random: Random): number {
  const { counts } = run[run.judged];
  const machine = drawMachine(host, { boot: dram, hotAdded: dram }, random);
  const options = { memmapBytes: run.footprintBytes };
  const baseline = run.work === undefined ? Number.NaN : baselineNs(run.work, machine, 0);
  return baseline + pathsNs(countSums(counts), machine, options, new Float64Array(NR_TERMS));
}
