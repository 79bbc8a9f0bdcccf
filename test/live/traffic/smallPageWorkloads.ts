/** 4 KiB pages: faults, forks, files in memory. */
import { blocks, FOUR_GIB, onNode0, onNode1, SIX_BLOCKS, type Workload } from "./workload.ts";

/** Of `wl_strings`: so many sets, and as many copies. */
export const STRINGS = { times: 100, bytes: 4096 } as const;

/** Short: what the live kernel suite records to see the engine predict it, and the plugin count right. */
export const FAULT_8M: Workload = {
  name: "fault-8m",
  about: "8 MiB touched and unmapped; a known number of string instructions",
  dimmsMib: blocks(1),
  selfHosted: true,
  online: "online_movable",
  parts: [
    {
      name: "wl_fault_8m",
      prepare: [onNode0("fault 8")],
      command: onNode1("fault 8"),
      operations: [
        { op: "anon_fault", pages: 2048 },
        { op: "munmap_anon", pages: 2048 },
      ],
    },
    { name: "wl_strings", held: onNode1(`strings ${STRINGS.times} ${STRINGS.bytes}`) },
  ],
};

const churnOperations = (among: number, times: number) => [
  { op: "repeat", times, of: [{ op: "zap_random_page", among }, { op: "anon_fault_same_page" }] },
];

const FORK_3G = [
  { op: "already_mapped_anon", pages: 786432 },
  { op: "fork", anon_pages: 786432 },
  { op: "child_exit", shared_anon_pages: 786432, own_anon_pages: 0 },
];

export const SMALL_PAGE_WORKLOADS: readonly Workload[] = [
  {
    name: "basics",
    about: "64 MiB touched and unmapped, twice; a tmpfs file written, read, unlinked; 20 forks with copy on write",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "wl_fault_64m_x2",
        prepare: [onNode0("fault 64 2")],
        command: onNode1("fault 64 2"),
        operations: [
          { op: "anon_fault", pages: 16384 },
          { op: "munmap_anon", pages: 16384 },
          { op: "anon_fault", pages: 16384 },
          { op: "munmap_anon", pages: 16384 },
        ],
      },
      {
        name: "wl_tmpfs_write_read_rm_48m",
        prepare: [onNode0("file 1 /ram/file")],
        command: onNode1("file 48 /ram/file"),
        operations: [
          { op: "anon_fault", pages: 256 },
          { op: "shmem_write", pages: 12288 },
          { op: "shmem_read", pages: 12288 },
          { op: "shmem_truncate", pages: 12288 },
          { op: "exit_anon", pages: 256 },
        ],
      },
      {
        name: "wl_fork_cow_20x16m",
        prepare: [onNode0("fork 1 1")],
        command: onNode1("fork 20 16"),
        operations: [
          { op: "anon_fault", pages: 4096 },
          {
            op: "repeat",
            times: 20,
            of: [
              { op: "fork", anon_pages: 4096 },
              { op: "cow_fault_in_child", pages: 1024 },
              { op: "child_exit", shared_anon_pages: 3072, own_anon_pages: 1024 },
            ],
          },
          { op: "exit_anon", pages: 4096 },
        ],
      },
    ],
  },
  {
    name: "churn-64m",
    about: "20,000 random pages of 64 MiB freed and faulted again",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "wl_churn_64m_20k",
        prepare: [onNode0("churn 8 100 unmarked")],
        command: onNode1("churn 64 20000 unmarked"),
        operations: [
          { op: "anon_fault", pages: 16384 },
          ...churnOperations(16384, 20000),
          { op: "exit_anon", pages: 16384 },
        ],
      },
    ],
  },
  {
    name: "churn-64m-mapped",
    about: "the same in a process that held its pages before",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "wl_churn_64m_20k_mapped",
        prepare: [onNode0("churn 8 100 unmarked")],
        held: onNode1("churn 64 20000"),
        operations: [{ op: "already_mapped_anon", pages: 16384 }, ...churnOperations(16384, 20000)],
      },
    ],
  },
  {
    name: "churn-3g",
    about: "the same in a process that holds 3 GiB, whose struct pages no cache holds",
    ...FOUR_GIB,
    watchLate: true,
    parts: [
      {
        name: "wl_churn_3g_20k",
        held: onNode1("churn 3072 20000"),
        operations: [{ op: "already_mapped_anon", pages: 786432 }, ...churnOperations(786432, 20000)],
      },
    ],
  },
  {
    name: "execs",
    about: "fork, exec and exit of a small program, 200 times",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "wl_exec_200",
        prepare: [onNode0("execs 3 /bin/work nothing")],
        command: onNode1("execs 200 /bin/work nothing"),
        operations: [{ op: "repeat", times: 200, of: [{ op: "fork_exec_exit", program: "/bin/work nothing" }] }],
      },
    ],
  },
  {
    name: "fork-3g",
    about: "two forks of a process that holds 3 GiB, whose children exit at once",
    ...FOUR_GIB,
    watchLate: true,
    parts: [
      { name: "wl_fork_3g", held: onNode1("forkHeld 3072"), operations: FORK_3G },
      { name: "wl_fork_3g_again", prepare: ["await /ready"], operations: FORK_3G },
    ],
  },
];
