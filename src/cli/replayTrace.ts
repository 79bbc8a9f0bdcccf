import { countWorkload } from "../count/countWorkload.ts";
import { defaultDevices } from "../machine/devices.ts";
import { findDevice } from "../machine/find.ts";
import { geometryOf } from "../machine/geometry.ts";
import { hostOf, ownProfiles } from "../machine/machine.ts";
import { type ReplayDocument, replayDocument } from "../report/replayDocument.ts";

/**
 * One trace: counts, prices, report.
 *
 * @param profiles a file of hosts and devices that may be named
 * @param timing also measure the host's own time; the document then differs from run to run
 * @error InputError for an unknown host or device, or an unreadable trace
 */
export async function replayTrace(
  trace: string,
  hostId: string,
  deviceIds: readonly string[] | undefined,
  profiles: string | undefined,
  timing: boolean,
): Promise<ReplayDocument> {
  const own = ownProfiles(profiles);
  const host = hostOf(hostId, own);
  const devices = deviceIds === undefined ? defaultDevices : deviceIds.map((id) => findDevice(id, own.devices));
  const started = performance.now();
  const run = await countWorkload(trace, geometryOf(host));
  const seconds = (performance.now() - started) / 1000;
  const document = replayDocument(run, { host, dram: findDevice(host.localDram, own.devices), devices });
  if (!timing) return document;
  return { ...document, host: { seconds, touches_per_second: (2 * run.cold.touches) / seconds } };
}
