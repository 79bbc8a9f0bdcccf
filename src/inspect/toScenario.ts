import type { Inspection } from "./inspection.ts";
import type { NodeInspection } from "./nodes.ts";

/** A scenario of the machine as it stands, for `altmap fit`: keys as in a scenario file. */
export interface InspectedScenario {
  readonly scenario: object;
  /** What the machine does not say and is taken, one clause each. */
  readonly assumed: readonly string[];
}

/** Stand for memory that nobody measured, by what the dax device is. */
const STAND_INS = {
  cxl: "cxl-samsung-mxp-genoa",
  pmem: "optane100-1x",
  hmem: "cxl-samsung-mxp-genoa",
  user: "cxl-samsung-mxp-genoa",
};

/** The machine with its memory blocks, nodes and free memory, and each dax device as one that is plugged. */
export function inspectedScenario(facts: Inspection): InspectedScenario {
  const { kernel, nodes, dax, memoryBlockBytes, cpus, cxlWindows } = facts;
  const isHot = (node: number): boolean => dax.some((one) => one.node === node);
  const boot = nodes.filter(({ node, finding }) => finding.isBoot || (finding.hotAddedBlocks === 0 && !isHot(node)));
  const devices = dax.length > 0 ? dax.map(daxDevice) : hotNodes(nodes, memoryBlockBytes ?? 0);
  const dramBytes = boot.reduce((sum, node) => sum + bootBytes(node, facts), 0);
  const assumed = [
    ...(devices.length > 0
      ? ["speed of the devices: that of a published one; `altmap profiles import` or `calibrate` give yours"]
      : ["no hot-added memory: the devices are altmap's default"]),
    ...(kernel.release === null ? ["kernel 6.12: /proc/version is missing"] : []),
    ...(memoryBlockBytes === null ? ["the memory block by its rule: block_size_bytes is missing"] : []),
    ...(facts.architecture === null ? ["x86_64: nothing tells the architecture"] : []),
    ...(kernel.memmapOnMemory === null ? ["memory_hotplug.memmap_on_memory=N: the parameter is missing"] : []),
  ];
  return {
    assumed,
    scenario: {
      machine: {
        ...(facts.architecture === null ? {} : { arch: facts.architecture }),
        platform: kernel.isVirtual === true ? "vm" : "bare-metal",
        ...(dramBytes > 0 ? { dram: dramBytes } : {}),
        ...(memoryBlockBytes === null ? {} : { memory_block: memoryBlockBytes }),
        ...(cpus === null ? {} : { cpus }),
        ...(cxlWindows.length > 0
          ? { cxl_windows: cxlWindows.map(({ startBytes, sizeBytes }) => ({ base: startBytes, size: sizeBytes })) }
          : {}),
        ...freeKeys(boot, facts),
      },
      kernel: {
        ...(kernel.release === null ? {} : { version: releaseOf(kernel.release) }),
        memmap_on_memory: kernel.memmapOnMemory ?? "N",
        ...(kernel.hugetlbOptimizeVmemmap === true ? { hugetlb_free_vmemmap: true } : {}),
      },
      ...(devices.length > 0 ? { devices } : {}),
    },
  };
}

const releaseOf = (release: string): string => /^\d+\.\d+/.exec(release)?.[0] ?? release;

/** Present pages, or the blocks where zoneinfo is missing. */
function bootBytes(
  { zones, onlineBlocks, totalBytes }: NodeInspection,
  { pageBytes, memoryBlockBytes }: Inspection,
): number {
  const present = zones.reduce((sum, zone) => sum + zone.presentPages, 0) * pageBytes;
  return present || onlineBlocks * (memoryBlockBytes ?? 0) || (totalBytes ?? 0);
}

/** A memmap that is in DRAM already is given back: the scenario plugs its device anew. */
function freeKeys(boot: readonly NodeInspection[], facts: Inspection): object {
  const { nodes, memoryBlockBytes, pageBytes } = facts;
  const known = boot.filter(({ freeBytes }) => freeBytes !== null);
  if (known.length === 0) return {};
  const inDram = nodes.reduce((sum, { finding }) => sum + finding.hotAddedBlocks - (finding.selfHostedBlocks ?? 0), 0);
  const returned = inDram * (memoryBlockBytes ?? 0) * (64 / pageBytes);
  return {
    dram_nodes: known.map((node, i) => {
      const more = i === 0 ? returned : 0;
      const free = node.freeBytes! + more;
      return {
        node: node.node,
        size: Math.max(bootBytes(node, facts), free),
        free,
        ...(node.freePmdBytes === null ? {} : { free_pmd: Math.min(free, node.freePmdBytes + more) }),
      };
    }),
  };
}

function daxDevice({ name, sizeBytes, startBytes, node, kind, memmapOnMemory }: Inspection["dax"][number]): object {
  return {
    id: STAND_INS[kind ?? "cxl"],
    name,
    capacity: sizeBytes,
    ...(startBytes === null ? {} : { start: startBytes }),
    ...(node === null ? {} : { node }),
    ...(kind === null ? {} : { dax_kind: kind }),
    memmap_on_memory: memmapOnMemory ?? "default",
  };
}

/** Hot-added memory without a dax device came as DIMMs. */
function hotNodes(nodes: readonly NodeInspection[], blockBytes: number): object[] {
  return nodes
    .filter(({ finding }) => finding.hotAddedBlocks > 0)
    .map(({ node, finding, offlineBlocks }) => ({
      id: STAND_INS.cxl,
      capacity: (finding.hotAddedBlocks + offlineBlocks) * blockBytes,
      driver: "acpi",
      node,
    }));
}
