/** Everything that can be recorded. */
import { HOTPLUG_WORKLOADS } from "./hotplugWorkloads.ts";
import { HUGE_PAGE_WORKLOADS } from "./hugePageWorkloads.ts";
import { KERNEL_MEMORY_WORKLOADS } from "./kernelMemoryWorkloads.ts";
import { MIGRATION_WORKLOADS } from "./migrationWorkloads.ts";
import { SINGLE_OPERATION_WORKLOADS } from "./singleOperationWorkloads.ts";
import { FAULT_8M, SMALL_PAGE_WORKLOADS } from "./smallPageWorkloads.ts";
import type { Workload } from "./workload.ts";

export const WORKLOADS: readonly Workload[] = [
  FAULT_8M,
  ...SMALL_PAGE_WORKLOADS,
  ...KERNEL_MEMORY_WORKLOADS,
  ...HUGE_PAGE_WORKLOADS,
  ...MIGRATION_WORKLOADS,
  ...HOTPLUG_WORKLOADS,
  ...SINGLE_OPERATION_WORKLOADS,
];
