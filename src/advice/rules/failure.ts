import { isKernelBefore, readKernelVersion } from "../../linux/version.ts";
import type { FitFacts } from "../facts.ts";
import type { AdviceRule } from "../rule.ts";

const hosts = ({ plans }: FitFacts): boolean => plans.some(({ placement }) => placement.selfHosted);

/** What happens when memory goes away, or the kernel dies. */
export const FAILURE_RULES: readonly AdviceRule[] = [
  {
    id: "offline-hangs",
    fires: ({ scenario, plans }) => {
      const version = readKernelVersion(scenario.kernel.version);
      const dimm = plans.some(({ device }) => device.driver === "acpi" || device.driver === "ppc64-dlpar");
      return dimm || (version !== undefined && version === readKernelVersion("6.18"));
    },
    text: ({ plans }) =>
      plans.some(({ device }) => device.driver === "acpi" || device.driver === "ppc64-dlpar")
        ? "an eject retries for ever while a page is pinned: it has no signal to end it"
        : "offline retries without end while a page is pinned (seen on 6.18): timeout 60 ends it by a signal",
    source: "mm/memory_hotplug.c offline_pages: no limit but a pending signal; recorded on 6.18",
    evidence: "recorded",
    weight: 74,
  },
  {
    id: "surprise-removal",
    fires: (facts) =>
      hosts(facts) && facts.plans.some(({ device, placement }) => placement.selfHosted && device.driver === "dax-kmem"),
    text: () => "a failing device takes its struct pages along: pfn walks then fault",
    source: "mm/memory_hotplug.c create_altmaps_and_memory_blocks: struct pages lie on the block",
    evidence: "inferred",
    weight: 56,
  },
  {
    id: "kdump",
    fires: hosts,
    text: () => "a dump without this memory lacks its struct pages too",
    source: "self-hosted struct pages lie inside the block's own System RAM resource",
    evidence: "inferred",
    weight: 40,
  },
  {
    id: "removal-mixed",
    fires: ({ scenario, plans }) => {
      const version = readKernelVersion(scenario.kernel.version);
      return (
        version !== undefined &&
        isKernelBefore(version, "6.8") &&
        plans.some(({ placement, nrBlocks }) => placement.selfHosted && nrBlocks > 1)
      );
    },
    text: () => "before 6.8 a self-hosted range is removed block by block, or refused",
    source: "mm/memory_hotplug.c try_remove_memory: wrong granularity",
    evidence: "read-6.1",
    weight: 52,
  },
];
