// How a user records, on a production host, what the importers read. Pure text, no clock, nothing is run.

export interface RecordTool {
  readonly tool: string;
  readonly needs: string;
  readonly commands: readonly string[];
  /** What this tool's result lacks, beyond what no tool gives. */
  readonly missing: readonly string[];
}

/** Allocator events, and events that say more about what the pages are for. */
const ALLOCATOR = [
  "kmem:mm_page_alloc",
  "kmem:mm_page_free",
  "kmem:mm_page_free_batched",
  "kmem:mm_page_alloc_zone_locked",
  "kmem:mm_page_pcpu_drain",
];
const MORE = [
  "kmem:rss_stat",
  "exceptions:page_fault_user",
  "sched:sched_process_fork",
  "sched:sched_process_exec",
  "sched:sched_process_exit",
  "pagemap:mm_lru_insertion",
  "filemap:mm_filemap_add_to_page_cache",
  "filemap:mm_filemap_delete_from_page_cache",
  "migrate:mm_migrate_pages",
  "compaction:mm_compaction_isolate_migratepages",
  "compaction:mm_compaction_isolate_freepages",
  "vmscan:mm_vmscan_lru_shrink_inactive",
];

/** State that no event tells: taken before and after. */
export function stateCommands(when: "before" | "after"): readonly string[] {
  const commands = [
    `cat /proc/zoneinfo > zoneinfo.${when}`,
    `cat /proc/buddyinfo > buddyinfo.${when}`,
    `grep -H . /sys/devices/system/memory/memory*/{state,valid_zones} > blocks.${when}`,
  ];
  return when === "before" ? ["uname -r > kernel", ...commands] : commands;
}

/** What the result lacks whichever tool made it. */
export const MISSING_ALWAYS: readonly string[] = [
  "the touches themselves: an event names the page that is allocated or freed, and the model derives which struct pages the kernel then reads and writes",
  "fork, copy-on-write sharing, reads of cached files, get_user_pages and LRU ageing allocate nothing, so they leave no kmem event: describe them as operations (altmap traffic --operations)",
  "which pages migration moved: its events carry counts, no page and no node; onlining and offlining have no events at all",
  "what happened before: a page allocated earlier is freed without an allocation, and what lies on free lists and per-cpu lists at the start is known only from zoneinfo and buddyinfo",
  "whatever the recorder dropped when its buffers were full: the import counts what it says it lost",
];

/** The commands of each tool for `durationS` seconds of a whole host. */
export function recordTools(durationS: number): readonly RecordTool[] {
  return [perf(durationS), traceCmd(durationS), ftrace(durationS), bpftrace(durationS)];
}

function perf(durationS: number): RecordTool {
  const events = [...ALLOCATOR, ...MORE].map((event) => `-e ${event}`).join(" ");
  return {
    tool: "perf",
    needs: "perf, root; leave out events that the kernel lacks (perf list)",
    commands: [
      `perf record -a -m 4096 -k CLOCK_MONOTONIC ${events} -o altmap.perf.data -- sleep ${durationS}`,
      "perf script -i altmap.perf.data --ns --show-lost-events -F comm,tid,cpu,time,event,trace | gzip > altmap.perf.txt.gz",
      "altmap import altmap.perf.txt.gz",
    ],
    missing: [
      "perf.data of kernels before 4.1 holds pointers, not page frames",
      "page= is computed in user space and equals pfn=: only pfn= counts",
    ],
  };
}

function traceCmd(durationS: number): RecordTool {
  const events = [...ALLOCATOR, ...MORE].map((event) => `-e ${event}`).join(" ");
  return {
    tool: "trace-cmd",
    needs: "trace-cmd, root",
    commands: [
      `trace-cmd record -b 65536 -C mono ${events} -o altmap.trace.dat sleep ${durationS}`,
      "trace-cmd report -t -i altmap.trace.dat | gzip > altmap.trace-cmd.txt.gz",
      "altmap import altmap.trace-cmd.txt.gz",
    ],
    missing: ["some loss notices of trace-cmd give no number: the import counts the notices"],
  };
}

function ftrace(durationS: number): RecordTool {
  const events = [...ALLOCATOR, ...MORE].join(" ");
  return {
    tool: "ftrace",
    needs: "root and tracefs, no tool",
    commands: [
      "cd /sys/kernel/tracing && echo 0 > tracing_on && echo > trace && echo 65536 > buffer_size_kb && echo mono > trace_clock",
      `for event in ${events}; do echo $event >> set_event; done`,
      `echo 1 > tracing_on; sleep ${durationS}; echo 0 > tracing_on`,
      "gzip < trace > /tmp/altmap.ftrace.txt.gz; echo > set_event; echo 1408 > buffer_size_kb",
      "altmap import /tmp/altmap.ftrace.txt.gz",
    ],
    missing: [
      "the buffer holds 64 MiB a CPU and then overwrites the oldest events; the header of the trace tells how many",
      "times in microseconds, not nanoseconds",
    ],
  };
}

function bpftrace(durationS: number): RecordTool {
  const print = (event: string, name: string, format: string, args: string): string =>
    `tracepoint:${event} { printf("%llu %s %d %d ${name} ${format}\\n", nsecs, comm, tid, cpu, ${args}); }`;
  const program = [
    print(
      "kmem:mm_page_alloc",
      "mm_page_alloc",
      "pfn=0x%lx order=%d migratetype=%d gfp_flags=0x%lx",
      "args->pfn, args->order, args->migratetype, args->gfp_flags",
    ),
    print("kmem:mm_page_free", "mm_page_free", "pfn=0x%lx order=%d", "args->pfn, args->order"),
    print(
      "kmem:mm_page_alloc_zone_locked",
      "mm_page_alloc_zone_locked",
      "pfn=0x%lx order=%d migratetype=%d",
      "args->pfn, args->order, args->migratetype",
    ),
    print(
      "kmem:mm_page_pcpu_drain",
      "mm_page_pcpu_drain",
      "pfn=0x%lx order=%d migratetype=%d",
      "args->pfn, args->order, args->migratetype",
    ),
    print("sched:sched_process_fork", "sched_process_fork", "pid=%d child_pid=%d", "args->parent_pid, args->child_pid"),
    print("sched:sched_process_exit", "sched_process_exit", "pid=%d", "args->pid"),
    `interval:s:${durationS} { exit(); }`,
  ];
  return {
    tool: "bpftrace",
    needs: "bpftrace, root",
    commands: [
      `BPFTRACE_PERF_RB_PAGES=4096 bpftrace -e '${program.join(" ")}' | gzip > altmap.bpftrace.txt.gz`,
      "altmap import altmap.bpftrace.txt.gz",
    ],
    missing: [
      "events of different CPUs may be out of order",
      "mm_page_free_batched is left out, since mm_page_free tells the same frees; how they were batched is not known",
      "page faults, rss_stat, page cache, migration, compaction and reclaim: use perf or trace-cmd for those",
      "gfp bits are printed as a number, whose meaning above bit 22 depends on the kernel",
    ],
  };
}
