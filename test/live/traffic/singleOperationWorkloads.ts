/** Operations on one struct page after another, at random and in order of pfns; a server and its client. */
import type { KernelLine } from "../kernels.ts";
import { onNode1, type Part, SIX_BLOCKS, type Workload } from "./workload.ts";

interface SingleOperation {
  /** In the words of guest/pfnOrder.c. */
  readonly name: string;
  readonly recorded: string;
  readonly notOn?: readonly KernelLine[];
}

const SINGLE_OPERATIONS: readonly SingleOperation[] = [
  { name: "scan", recorded: "pagemap_scan", notOn: ["6.1"] },
  { name: "scanFile", recorded: "pagemap_scan_file", notOn: ["6.1"] },
  { name: "query", recorded: "move_pages_query" },
  { name: "cold", recorded: "madv_cold" },
  { name: "populate", recorded: "populate_tmpfs" },
  { name: "unmap", recorded: "unmap_tmpfs" },
  { name: "zapFault", recorded: "zap_fault" },
  { name: "fork", recorded: "fork" },
];

/** The program holds its memory until the next part lets it go. */
const ordered = ({ name, recorded, notOn }: SingleOperation, order: "random" | "ordered"): Part => ({
  name: `op_${recorded}_64m_${order}`,
  prepare: ["release 2> /dev/null"],
  held: onNode1(`pfnOrder 64 ${name} ${order}`),
  ...(notOn && { notOn }),
});

export const SINGLE_OPERATION_WORKLOADS: readonly Workload[] = [
  {
    name: "pfn-order",
    about:
      "one operation on each of 16,384 pages, their pfns at random and in order: scans, queries, advice, map, fork",
    ...SIX_BLOCKS,
    watchLate: true,
    // Pages that were freed at random stay so on per-CPU lists.
    parts: (["ordered", "random"] as const).flatMap((order) =>
      SINGLE_OPERATIONS.map((operation) => ordered(operation, order)),
    ),
  },
  {
    name: "redis",
    about: "redis-benchmark SET, 30,000 requests of 1 KiB, to a server with its memory on node 1",
    ...SIX_BLOCKS,
    watchLate: true,
    programs: { package: "redis-server", names: ["redis-server", "redis-benchmark", "redis-cli"] },
    parts: [
      {
        name: "wl_redis_set_30k_1k",
        prepare: [
          // What else ran on node 1 before: its lists are as after use, not as after onlining.
          ...["fault 64 2", "file 48 /ram/file", "fork 20 16"].map(onNode1),
          "ifconfig lo up",
          "work bind 1 /bin/redis-server --save '' --appendonly no --daemonize yes > /dev/null 2>&1",
          "until redis-cli ping > /dev/null 2>&1; do sleep 0.1; done",
        ],
        command: "work bind 0 /bin/redis-benchmark -t set -n 30000 -d 1024 -r 100000 -c 10 -q",
      },
    ],
  },
];
