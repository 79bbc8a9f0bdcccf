import { remoteDram } from "./devicesNuma.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";
import { type Quantity, rangeOf } from "./provenance.ts";

/** DRAM of the other socket by that of this one, where one source has both. */
const MEASURED_PAIRS: Readonly<Record<string, string>> = {
  "dram-ddr4-2666-skx": "numa1-ddr4-2666-skx",
  "dram-ddr4-2933-clx": "numa1-ddr4-2933-clx",
  "dram-ddr4-2666-clx-nvsl": "numa1-ddr4-2666-clx-nvsl",
  "dram-ddr4-3200-icx": "numa1-ddr4-3200-icx",
  "dram-ddr5-4800-spr": "numa1-ddr5-4800-spr",
  "dram-ddr5-4800-emr": "numa1-ddr5-emr",
  "dram-ddr5-genoa-9224": "numa1-ddr5-genoa-9224",
  "dram-lisa-sample": "numa1-lisa-sample",
};

/** Geometric middle of those pairs, and their lowest and highest. */
const REMOTE_OVER_LOCAL = { value: 1.69, range: [1.38, 1.97] } as const;

/** Latency of DRAM one hop away: where a memmap in DRAM lies for the CPUs of the other socket. */
export interface RemoteDram {
  readonly idleReadNs: Quantity;
  /** No source has it for this host: it follows from that of the local DRAM. */
  readonly assumed: boolean;
}

/**
 * @param own devices of a profile file: a remote one that was measured from this host is taken first
 */
export function remoteDramOf(host: HostProfile, dram: DeviceProfile, own: readonly DeviceProfile[]): RemoteDram {
  const measured = own.find(({ medium, measuredFrom }) => medium === "remote-numa" && measuredFrom === host.id);
  const known = measured ?? remoteDram.find(({ id }) => id === MEASURED_PAIRS[dram.id]);
  if (known !== undefined) return { idleReadNs: known.idleReadNs, assumed: false };
  const [low, high] = rangeOf(dram.idleReadNs);
  const { value, range } = REMOTE_OVER_LOCAL;
  return {
    assumed: true,
    idleReadNs: {
      value: value * dram.idleReadNs.value,
      range: [
        Math.min(range[0] * dram.idleReadNs.value, value * low),
        Math.max(range[1] * dram.idleReadNs.value, value * high),
      ],
      level: "C",
      source: "assumed",
      note: "1.38 to 1.97 times local DRAM on eight machines where both were measured",
    },
  };
}
