import type { DeviceFacts, Measurements } from "../machine/import/measured.ts";
import type { DaxFacts } from "./daxFacts.ts";
import type { Inspection } from "./inspection.ts";
import type { KernelFacts } from "./kernelFacts.ts";
import type { NodeInspection } from "./nodes.ts";

const UNSAID: KernelFacts = {
  release: null,
  distribution: null,
  memmapOnMemory: null,
  onlinePolicy: null,
  autoOnlineBlocks: null,
  commandLine: [],
  hugetlbOptimizeVmemmap: null,
  numaBalancing: null,
  demotion: null,
  kdumpLoaded: null,
  isVirtual: null,
  virtioMem: false,
  damon: false,
};

/**
 * A machine of what tools printed of it: nodes, sizes, distances, speeds, dax devices and the memory block. None of them
 * says where a memmap lies, nor the kernel's parameters.
 */
export function inspectTools(files: readonly Measurements[]): Inspection {
  const block = files.find(({ memoryBlock }) => memoryBlock !== undefined)?.memoryBlock?.value ?? null;
  const facts = files.flatMap(({ nodes }) => nodes);
  const numbers = new Set([
    ...facts.map(({ node }) => node),
    ...files.flatMap(({ devices }) => devices.flatMap(({ node }) => node ?? [])),
  ]);
  const cpus = facts.reduce((sum, { cpus: own }) => sum + (own?.count ?? 0), 0);
  return {
    root: files.map(({ file }) => file).join(", "),
    kernel: UNSAID,
    architecture: null,
    pageBytes: 4096,
    memoryBlockBytes: block,
    cpus: cpus || null,
    nodes: [...numbers].sort((a, b) => a - b).map((node) => nodeOf(node, files)),
    dax: files
      .flatMap(({ devices }) => devices)
      .filter(({ kind }) => kind === "dax")
      .flatMap(daxOf),
    cxlWindows: [],
    pools: { hugetlb: [], thp: null, mthp: [], cgroupMaxBytes: null },
    reasons: [],
    missing: ["proc/ and sys/ of the machine: they say where its memmaps lie (altmap inspect --capture)"],
  };
}

function nodeOf(node: number, files: readonly Measurements[]): NodeInspection {
  const own = files.flatMap(({ nodes }) => nodes).filter((facts) => facts.node === node);
  const path = files
    .flatMap(({ paths }) => paths)
    .find((one) => one.target === node && one.readLatencyNs !== undefined);
  const distances = own.find(({ distanceFrom }) => distanceFrom !== undefined)?.distanceFrom ?? {};
  return {
    node,
    cpus: own.find(({ cpus }) => cpus !== undefined)?.cpus?.count ?? 0,
    totalBytes: own.find(({ sizeBytes }) => sizeBytes !== undefined)?.sizeBytes?.value ?? null,
    freeBytes: null,
    freePmdBytes: null,
    onlineBlocks: 0,
    offlineBlocks: 0,
    zones: [],
    finding: { placement: null, how: "tools do not say", isBoot: false, selfHostedBlocks: null, hotAddedBlocks: 0 },
    distances: Object.values(distances).map(({ value }) => value),
    tier: null,
    access: {
      readNs: path?.readLatencyNs?.value ?? null,
      readMBps: path?.readBandwidth === undefined ? null : path.readBandwidth.value / 1e6,
    },
    interleaveWeight: null,
  };
}

function daxOf({ id, sizeBytes, node, detail }: DeviceFacts): DaxFacts[] {
  if (sizeBytes === undefined) return [];
  return [
    {
      name: id,
      sizeBytes: sizeBytes.value,
      startBytes: null,
      node: node ?? null,
      driver: /system-ram/.test(detail) ? "kmem" : /devdax/.test(detail) ? "device_dax" : null,
      kind: null,
      memmapOnMemory: null,
      hotplug: null,
      alignBytes: null,
    },
  ];
}
