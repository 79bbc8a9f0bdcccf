import type { Host } from "./host.ts";
import { daxKmemRange } from "./kmem.ts";
import { populatedZones, validZones } from "./policy.ts";
import { formatResource } from "./resources.ts";
import type { Zone } from "./zone.ts";

/** One zone as a recording has it. */
export interface ZoneState {
  readonly start_pfn: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  /** What is free when nobody but this model allocates there; undefined for zones of boot memory. */
  readonly free: number | undefined;
  readonly buddy: readonly number[] | undefined;
}

export interface DaxState {
  readonly memmap_on_memory: string;
  readonly driver: string | undefined;
  readonly iomem: readonly string[];
}

/** The state of a host in the words of the recordings. */
export interface HostState {
  readonly zones: Readonly<Record<string, ZoneState>>;
  readonly blocks: Readonly<Record<string, { readonly state: string; readonly valid_zones: string }>>;
  readonly mem_total_kb: number;
  readonly iomem_system_ram: readonly string[];
  readonly node_blocks: readonly string[];
  readonly dax: Readonly<Record<string, DaxState>>;
}

/** What a user of the host sees: zones, blocks, links and resources, in the form of recordings. */
export function hostState(host: Host): HostState {
  const { machine } = host;
  const blocks = [...machine.blocks.values()].sort((a, b) => a.id - b.id);
  const hotLinks = blocks.filter((block) => !block.boot).map((block) => `${block.nid}:${block.id}`);
  return {
    zones: Object.fromEntries(populatedZones(machine).map((zone) => [zone.key, zoneState(zone)])),
    blocks: Object.fromEntries(
      blocks.map(({ id, state }) => [String(id), { state, valid_zones: validZones(machine, id) }]),
    ),
    mem_total_kb: (machine.totalramPages * machine.settings.arch.pageBytes) / 1024,
    iomem_system_ram: machine.resources.list().map(formatResource),
    node_blocks: [...host.bootLinks, ...hotLinks].sort(),
    dax: daxStates(host),
  };
}

function zoneState(zone: Zone): ZoneState {
  return {
    start_pfn: zone.startPfn,
    spanned: zone.spannedPages,
    present: zone.presentPages,
    managed: zone.managedPages,
    free: zone.freeLists?.freePages,
    buddy: zone.freeLists?.counts(),
  };
}

function daxStates(host: Host): Record<string, DaxState> {
  const states: Record<string, DaxState> = {};
  const indent = " ".repeat(2 * host.daxDepth);
  for (const dax of host.dax.values()) {
    const whole = { start: dax.startBytes, end: dax.startBytes + dax.sizeBytes - 1, name: dax.name };
    const { startBytes, sizeBytes } = daxKmemRange(host.machine, dax);
    const trimmed = { start: startBytes, end: startBytes + sizeBytes - 1, name: dax.name };
    const parent = host.daxParents.get(dax.name);
    const lines = parent === undefined ? [] : [parent];
    if (dax.driver === "kmem") {
      lines.push(`${indent}${formatResource(trimmed)}`);
      lines.push(`${indent}  ${formatResource({ ...trimmed, name: "System RAM (kmem)" })}`);
    } else if (dax.driver === "device_dax") {
      lines.push(`${indent}${formatResource(whole)}`);
    }
    states[dax.name] = { memmap_on_memory: dax.memmapOnMemory ? "1" : "0", driver: dax.driver, iomem: lines };
  }
  return states;
}
