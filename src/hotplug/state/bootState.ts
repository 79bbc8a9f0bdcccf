import { InputError } from "../../errors.ts";
import { MIB, parseBytes } from "../../units.ts";
import type { Architecture } from "../architectures.ts";
import type { BootZone, HotplugMachine } from "./machine.ts";
import type { MemoryBlock } from "./memoryBlock.ts";
import type { HostRecording, RecordedState } from "./recording.ts";
import { parseResource, type Resource } from "./resources.ts";
import { type PfnRange, ZONES, type ZoneName } from "./zone.ts";

/** One line of /proc/iomem as a resource. @error InputError naming `file` */
export function systemRam(line: string, file: string): Resource {
  const resource = parseResource(line);
  if (resource === undefined || resource.end < resource.start) {
    throw new InputError({ where: file, what: `"${line.slice(0, 80)}" is no line of /proc/iomem` });
  }
  return resource;
}

/** The pages that lie in a resource as a whole. */
export function wholePages({ start, end }: Resource, pageBytes: number): PfnRange {
  return { startPfn: Math.ceil(start / pageBytes), endPfn: Math.floor((end + 1) / pageBytes) };
}

/**
 * The zones that a recording begins with; ZONE_DEVICE and empty ones are left out.
 *
 * @error InputError for an entry that is no zone
 */
export function bootZones(initial: RecordedState, ram: readonly PfnRange[]): BootZone[] {
  return Object.entries(initial.zones).flatMap(([key, zone]) => {
    const [node = "", name = ""] = key.split(":");
    if (name === "Device" || zone.present === 0) return [];
    const zoneName = ZONES.find((known) => known === name);
    if (zoneName === undefined || zone.start_pfn === undefined || !/^\d+$/.test(node)) {
      throw new InputError({
        what: `initial.zones has "${key}"${zone.start_pfn === undefined ? " without start_pfn" : ""}`,
        expected: `a node and a zone, such as "0:Normal", with a zone of ${ZONES.join(", ")}`,
      });
    }
    const startPfn = zone.start_pfn;
    const endPfn = startPfn + zone.spanned;
    const online = ram.flatMap((range) => {
      const part = { startPfn: Math.max(range.startPfn, startPfn), endPfn: Math.min(range.endPfn, endPfn) };
      return part.startPfn < part.endPfn ? [part] : [];
    });
    const pages = { presentPages: zone.present, managedPages: zone.managed };
    return [{ nid: Number(node), name: zoneName as ZoneName, startPfn, endPfn, ...pages, online }];
  });
}

/**
 * Memory reserved for contiguous allocation lies in the lowest zone. A recording does not name it: Debian's arm64 kernels
 * reserve 64 MiB (CONFIG_CMA_SIZE_MBYTES=64 in config-6.12.117+deb12-arm64, read), its amd64 kernels none (live 6.1.192
 * and 6.12.117: the auto-movable ratio is tight on both sides without it); `cma=` on the command line overrides.
 */
export function withCma(zones: readonly BootZone[], recording: HostRecording, arch: Architecture): BootZone[] {
  const asked = /(?:^|\s)cma=(\d+[kmg]?)\b/i.exec(recording.system.cmdline)?.[1];
  const standard = arch.family === "arm64" ? 64 * MIB : 0;
  const cmaPages = (asked === undefined ? standard : parseBytes(asked, "cma=")) / arch.pageBytes;
  const lowest = Math.min(...zones.map((zone) => zone.startPfn));
  return zones.map((zone) => (zone.startPfn === lowest ? { ...zone, cmaPages } : zone));
}

/** The memory blocks that a recording begins with. @error InputError for a block without a node or state */
export function bootBlocks(initial: RecordedState, machine: HotplugMachine, ram: readonly PfnRange[]): MemoryBlock[] {
  const nodeByBlock = new Map(
    initial.node_blocks.map((link) => [link.split(":")[1] ?? "", Number(link.split(":")[0])]),
  );
  const nrPages = machine.blockPages;
  return Object.entries(initial.blocks).map(([id, { state, valid_zones: zones }]) => {
    const nid = nodeByBlock.get(id);
    if (nid === undefined) throw new InputError({ what: `initial.blocks has ${id}, which no node of node_blocks has` });
    const startPfn = Number(id) * nrPages;
    const inBlock = ({ startPfn: from, endPfn: to }: PfnRange) =>
      Math.max(0, Math.min(to, startPfn + nrPages) - Math.max(from, startPfn));
    return {
      id: Number(id),
      nid,
      startPfn,
      nrPages,
      group: undefined,
      altmap: undefined,
      vmemmap: [],
      boot: true,
      ramPages: ram.reduce((sum, range) => sum + inBlock(range), 0),
      state: state === "online" ? "online" : "offline",
      zone: state === "online" ? machine.zones.get(`${nid}:${zones}`) : undefined,
      onlineType: undefined,
      use: {},
    };
  });
}
