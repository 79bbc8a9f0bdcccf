import { geometryOf } from "./kernels/geometry.ts";
import { defaultDevices } from "./machine/devices.ts";
import { findDevice, findHost } from "./machine/find.ts";
import { defaultHost } from "./machine/hosts.ts";
import { type ReplayDocument, replayDocument } from "./report/replayDocument.ts";
import { countWorkload } from "./workload/countWorkload.ts";

/**
 * One trace: counts, prices, report.
 *
 * @param timing also measure the host's own time; the document then differs from run to run
 * @error InputError for an unknown host or device, or an unreadable trace
 */
export async function replayTrace(
  trace: string,
  hostId: string,
  deviceIds: readonly string[] | undefined,
  timing: boolean,
): Promise<ReplayDocument> {
  const host = hostId === "default" ? defaultHost : findHost(hostId);
  const devices = deviceIds === undefined ? defaultDevices : deviceIds.map((id) => findDevice(id));
  const started = performance.now();
  const run = await countWorkload(trace, geometryOf(host));
  const seconds = (performance.now() - started) / 1000;
  const document = replayDocument(run, { host, dram: findDevice(host.localDram), devices });
  if (!timing) return document;
  return { ...document, host: { seconds, touches_per_second: (2 * run.cold.touches) / seconds } };
}
