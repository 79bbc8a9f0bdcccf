import type { Inspection } from "../../inspect/inspection.ts";
import type { NodeInspection } from "../../inspect/nodes.ts";

/** The JSON of `altmap inspect`; bytes, ns and MB/s as the keys say; null: the machine does not say. */
export function inspectDocument(facts: Inspection) {
  const { kernel, pools } = facts;
  return {
    schema: "altmap/inspect-v1",
    root: facts.root === "" ? "/" : facts.root,
    kernel: {
      release: kernel.release,
      distribution: kernel.distribution,
      arch: facts.architecture,
      page_bytes: facts.pageBytes,
      memory_block_bytes: facts.memoryBlockBytes,
      memmap_on_memory: kernel.memmapOnMemory,
      online_policy: kernel.onlinePolicy,
      auto_online_blocks: kernel.autoOnlineBlocks,
      command_line: kernel.commandLine,
      hugetlb_optimize_vmemmap: kernel.hugetlbOptimizeVmemmap,
      numa_balancing: kernel.numaBalancing,
      demotion: kernel.demotion,
      kdump_loaded: kernel.kdumpLoaded,
      virtual: kernel.isVirtual,
      virtio_mem: kernel.virtioMem,
      damon: kernel.damon,
    },
    cpus: facts.cpus,
    nodes: facts.nodes.map((node) => nodeDocument(node, facts.pageBytes)),
    dax: facts.dax.map((dax) => ({
      name: dax.name,
      size_bytes: dax.sizeBytes,
      start_bytes: dax.startBytes,
      target_node: dax.node,
      driver: dax.driver,
      kind: dax.kind,
      memmap_on_memory: dax.memmapOnMemory,
      state: dax.hotplug,
      align_bytes: dax.alignBytes,
    })),
    cxl_windows: facts.cxlWindows.map(({ name, startBytes, sizeBytes }) => ({
      name,
      start_bytes: startBytes,
      size_bytes: sizeBytes,
    })),
    huge_pages: {
      hugetlb: pools.hugetlb.map(({ bytes, pages, free }) => ({ page_bytes: bytes, pages, free })),
      thp: pools.thp,
      mthp: pools.mthp.map(({ bytes, enabled }) => ({ folio_bytes: bytes, enabled })),
    },
    cgroup_max_bytes: pools.cgroupMaxBytes,
    reasons: facts.reasons,
    missing: facts.missing,
  };
}

function nodeDocument(node: NodeInspection, pageBytes: number) {
  const { finding } = node;
  return {
    node: node.node,
    cpus: node.cpus,
    mem_total_bytes: node.totalBytes,
    free_bytes: node.freeBytes,
    free_pmd_bytes: node.freePmdBytes,
    blocks_online: node.onlineBlocks,
    blocks_offline: node.offlineBlocks,
    zones: node.zones.map(({ zone, spannedPages, presentPages, managedPages, freePages }) => ({
      zone,
      spanned_bytes: spannedPages * pageBytes,
      present_bytes: presentPages * pageBytes,
      managed_bytes: managedPages * pageBytes,
      free_bytes: freePages * pageBytes,
    })),
    placement_effective: finding.placement,
    placement_known_from: finding.how,
    boot_memory: finding.isBoot,
    hot_added_blocks: finding.hotAddedBlocks,
    self_hosted_blocks: finding.selfHostedBlocks,
    distances: node.distances,
    memory_tier: node.tier,
    read_latency_ns: node.access.readNs,
    read_bandwidth_mb_per_s: node.access.readMBps,
    weighted_interleave: node.interleaveWeight,
  };
}
