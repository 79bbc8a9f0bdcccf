import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { CaseRow } from "./caseFile.ts";
import { type CaseMachine, machinesOf } from "./caseMachine.ts";
import { kernelOf, modelOf } from "./caseOperation.ts";
import { predictOn } from "./predictCase.ts";
import { publishedOf } from "./validate.ts";

/** One value of a host family or device that is fitted, and the calibration rows that decide it. */
export interface FittedParameter {
  /** Family of hosts, or id of a device. */
  readonly of: string;
  readonly key: "memmapCpi" | "guestPageNs" | "bulkStoreHold" | "nrWriteStreams";
  readonly rows: readonly string[];
}

/** In the order in which they are fitted: a later one takes the earlier as given. */
export const FITTED_PARAMETERS: readonly FittedParameter[] = [
  { of: "skylake-sp", key: "memmapCpi", rows: ["padata-skx8167m-bm-t0", "padata-skx8167m-bm-t1"] },
  {
    of: "skylake-sp",
    key: "bulkStoreHold",
    rows: ["optane-bw-dram-ntstore-t1", "optane-bw-pmem-hdr-Write(clwb)-t1"],
  },
  { of: "haswell", key: "memmapCpi", rows: ["padata-hsw2699v3-bm-t0", "padata-hsw2699v3-bm-t1"] },
  { of: "haswell", key: "guestPageNs", rows: ["padata-hsw2699v3-kvm14-t0", "padata-hsw2699v3-kvm14-t1"] },
  { of: "broadwell", key: "guestPageNs", rows: ["padata-bdx2699c-kvm-t0", "padata-bdx2699c-kvm-t1"] },
  {
    of: "zen1",
    key: "memmapCpi",
    rows: [
      "padata-epyc7551-kvm64-t0",
      "padata-epyc7551-kvm64-t1",
      "padata-epyc7551-kvm16-t0",
      "padata-epyc7551-kvm16-t1",
    ],
  },
  { of: "ice-lake-sp", key: "guestPageNs", rows: ["lizhe-v1-nd-base-rebind", "lizhe-v1-dax-base-rebind"] },
  {
    of: "optane100-6x-interleaved",
    key: "nrWriteStreams",
    rows: [
      "optane-bw-pmem-hdr-Write(clwb)-t8",
      "optane-bw-pmem-hdr-Write(clwb)-t12",
      "optane-bw-pmem-hdr-Write(clwb)-t24",
    ],
  },
  {
    of: "optane100-1x",
    key: "nrWriteStreams",
    rows: ["optane-bw-pmem-1dimm-ntstore-t8", "optane-bw-pmem-1dimm-ntstore-t24"],
  },
];

/**
 * The value of `parameter` that makes the squared log error of its rows least, everything else as it is.
 * A scan, then golden section, over [low, high] on a log scale.
 */
export function fitParameter(parameter: FittedParameter, all: readonly CaseRow[], low = 0.01, high = 1e4): number {
  const rows = parameter.rows.map((id) => {
    const row = all.find((candidate) => candidate.id === id);
    if (row === undefined) throw new RangeError(`no calibration row ${id}`);
    return row;
  });
  const error = (logValue: number) =>
    rows.reduce((sum, row) => sum + logErrorOf(row, parameter, Math.exp(logValue)) ** 2, 0);
  // A coarse scan first: beyond some value a parameter may stop to matter, and the error is flat there.
  const [from, step] = [Math.log(low), (Math.log(high) - Math.log(low)) / SCAN_POINTS];
  let best = 0;
  for (let i = 1; i <= SCAN_POINTS; i++) if (error(from + i * step) < error(from + best * step)) best = i;
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [from + (best - 1) * step, from + (best + 1) * step];
  for (let i = 0; i < 40; i++) {
    const [left, right] = [b - golden * (b - a), a + golden * (b - a)];
    if (error(left) < error(right)) b = right;
    else a = left;
  }
  return Math.exp((a + b) / 2);
}

const SCAN_POINTS = 60;

/** Mean log of predicted over published, over the machines that the row may have run on. */
function logErrorOf(row: CaseRow, parameter: FittedParameter, value: number): number {
  const model = modelOf(row);
  if ("reason" in model) throw new RangeError(`row ${row.id}: ${model.reason}`);
  const modelled = { row, model, kernel: kernelOf(row, row.id) };
  const machines = machinesOf(row, row.id).map((machine) => withValue(machine, parameter, value));
  const published = publishedOf(row, model) ?? Number.NaN;
  const logs = machines.map((machine) => {
    const predicted = predictOn(modelled, machine, null);
    return Math.log(model.quantity === "GBps" ? 1e9 / predicted : predicted);
  });
  return logs.reduce((sum, log) => sum + log, 0) / logs.length - Math.log(published);
}

function withValue(machine: CaseMachine, parameter: FittedParameter, value: number): CaseMachine {
  const quantity: Quantity = { value, level: "C", source: "memmap-rows" };
  const changed = <T extends HostProfile | DeviceProfile>(profile: T): T => ({ ...profile, [parameter.key]: quantity });
  const host = machine.host.family === parameter.of ? changed(machine.host) : machine.host;
  const same = machine.memmap === machine.dram;
  const memmap = machine.memmap.id === parameter.of ? changed(machine.memmap) : machine.memmap;
  return { host, dram: same ? memmap : machine.dram, memmap };
}
