import { daxAttributeDefault } from "../hotplug/drivers.ts";
import { kernelRules } from "../hotplug/kernels.ts";
import { decidePlacement } from "../hotplug/placement.ts";
import { readKernelVersion } from "../linux/version.ts";
import type { Inspection, MachineReason } from "./inspection.ts";

type Facts = Pick<Inspection, "kernel" | "architecture" | "pageBytes" | "memoryBlockBytes" | "nodes" | "dax">;

/** Each condition that this kernel does not find met, and each placement that is not what its conditions lead to. */
export function reasonsOf(facts: Facts): MachineReason[] {
  return [...unmetReasons(facts), ...differences(facts)];
}

/** What the kernel would do of each dax device, added now. */
function unmetReasons({ kernel, architecture, memoryBlockBytes, dax, nodes }: Facts): MachineReason[] {
  if (kernel.release === null || architecture === null || memoryBlockBytes === null) return [];
  if (readKernelVersion(kernel.release) === undefined) return [];
  const hasHot = dax.length > 0 || nodes.some(({ finding }) => finding.hotAddedBlocks > 0);
  if (!hasHot && kernel.memmapOnMemory !== null) return parameterReason(kernel.memmapOnMemory);
  const targets = dax.length > 0 ? dax : [undefined];
  const seen = new Set<string>();
  return targets.flatMap((device) => {
    const conditions = decide(kernel.release!, architecture, memoryBlockBytes, kernel.memmapOnMemory ?? "N", device);
    return conditions
      .filter(({ holds }) => !holds)
      .map(({ unmet, name, source }) => ({ of: device?.name ?? "machine", text: unmet ?? name, source }))
      .filter(({ text }) => {
        // The parameter is the machine's: said once, not for each device.
        const isNew = !seen.has(text) || !/memory_hotplug/.test(text);
        seen.add(text);
        return isNew;
      });
  });
}

function parameterReason(mode: string): MachineReason[] {
  if (mode !== "N") return [];
  const text = "memory_hotplug.memmap_on_memory is N: memory added from now on has its memmap in DRAM";
  return [{ of: "machine", text, source: "mm/memory_hotplug.c mhp_supports_memmap_on_memory" }];
}

function decide(
  kernel: string,
  architecture: NonNullable<Facts["architecture"]>,
  blockBytes: number,
  mode: "N" | "Y" | "force",
  device: Facts["dax"][number] | undefined,
) {
  const kmem = device !== undefined;
  try {
    return decidePlacement({
      kernel,
      architecture,
      blockBytes,
      mode,
      driver: kmem ? "dax-kmem" : "direct",
      ...(kmem && device.memmapOnMemory !== null ? { attribute: device.memmapOnMemory } : {}),
      ...(kmem && device.kind !== null ? { daxKind: device.kind } : {}),
    }).conditions;
  } catch {
    // A kernel or block that the rules do not know says nothing.
    return [];
  }
}

/** A node whose placement is not what its device and the parameter lead to now. */
function differences({ kernel, nodes, dax }: Facts): MachineReason[] {
  const asks = kernel.memmapOnMemory !== null && kernel.memmapOnMemory !== "N";
  return nodes.flatMap(({ node, finding }): MachineReason[] => {
    if (finding.hotAddedBlocks === 0 || finding.placement === null) return [];
    const device = dax.find((one) => one.node === node);
    const of = `node ${node}`;
    const add = "mm/memory_hotplug.c add_memory_resource";
    if (finding.placement === "mixed") {
      return [
        {
          of,
          text: `${finding.selfHostedBlocks} of ${finding.hotAddedBlocks} blocks host their memmap: they came by requests with different answers`,
          source: add,
        },
      ];
    }
    if (!asks || kernel.release === null) return [];
    if (finding.placement === "on-memory" || (device !== undefined && device.memmapOnMemory === false)) return [];
    if (kernel.virtioMem && device === undefined)
      return [
        {
          of,
          text: "virtio-mem never asks for a memmap on the memory",
          source: "drivers/virtio/virtio_mem.c virtio_mem_add_memory",
        },
      ];
    if (device !== undefined && (device.memmapOnMemory ?? daxAttributeDefault(device.kind ?? "pmem"))) {
      return [
        {
          of,
          text: `${device.name} asks now and its memory is in DRAM: the attribute was written after kmem had bound, or the memory was added before`,
          source: kernelRules(kernel.release).daxAttribute.source,
        },
      ];
    }
    return [
      {
        of,
        text: "the parameter is on and the memmap lies in DRAM: its driver did not ask, or a condition was not met when it was added",
        source: add,
      },
    ];
  });
}
