import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A sweep whose counts take a moment and whose points take some milliseconds each. */
export function writeSmallSweep(folder: string, name: string, draws: number): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `scenario:
  devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]
  workloads: [{recording: wl_fault_64m_x2}]
axes:
  - device.idleReadLatency: {uniform: [150 ns, 450 ns], draws: ${draws}, seed: 7}
  - kernel.version: ["6.10", "6.12"]
`,
  );
  return path;
}
