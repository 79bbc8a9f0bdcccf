import { decimals, formatBytes, formatNs, grouped } from "../units.ts";
import type { ReplayDocument } from "./replayDocument.ts";
import { textTable } from "./table.ts";

/** `altmap replay` for people. */
export function replayText(document: ReplayDocument): string {
  const { input, runs, judged } = document;
  const lines = [
    `${input.trace}, recorded on Linux ${input.kernel}; caches of host ${input.host}`,
    `${grouped(document.instructions)} instructions; struct pages in use: ${formatBytes(document.struct_pages_in_use_bytes)}`,
    "",
    textTable({
      columns: [
        { title: "caches at the start", align: "left" },
        ...["touches", "L1 hits", "L2 hits", "LLC hits", "LLC misses", "compulsory", "written back"].map((title) => ({
          title,
          align: "right" as const,
        })),
      ],
      rows: runs.map((run) => [
        run.state === "cold" ? "cold: no struct page cached" : "warm: as one run left them",
        grouped(run.touches),
        grouped(run.hits.l1),
        grouped(run.hits.l2),
        grouped(run.hits.llc),
        grouped(run.llc_misses),
        grouped(run.compulsory_misses),
        grouped(run.write_backs.llc),
      ]),
    }),
    "",
    `Time for struct pages (${judged} is what counts for this trace), with 90 % interval:`,
    textTable({
      columns: [
        { title: "memory", align: "left" },
        { title: "state", align: "left" },
        { title: "memmap in DRAM", align: "right" },
        { title: "memmap on the memory", align: "right" },
      ],
      rows: runs.flatMap((run) =>
        run.devices.map((device) => [
          device.device,
          run.state,
          withInterval(device.metadata_ns.dram, device.metadata_interval_ns.dram),
          withInterval(device.metadata_ns.on_memory, device.metadata_interval_ns.on_memory),
        ]),
      ),
    }),
  ];
  for (const warning of document.warnings) lines.push("", `Note: ${warning}.`);
  if (document.host !== undefined) {
    const perSecond = grouped(document.host.touches_per_second / 1e6);
    lines.push("", `Replayed in ${decimals(document.host.seconds, 3)} s: ${perSecond} million touches a second.`);
  }
  return `${lines.join("\n")}\n`;
}

/** `1.20 us [1.10 us, 1.30 us]`. @param ns also of the interval */
export function withInterval(ns: number, interval: readonly [number, number]): string {
  return `${formatNs(ns)} [${formatNs(interval[0])}, ${formatNs(interval[1])}]`;
}
