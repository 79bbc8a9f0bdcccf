/** Slab pages from hot-added memory, and the page cache of a disk. */
import { blocks, FOUR_BLOCKS, onNode0, onNode1, type Workload } from "./workload.ts";

export const KERNEL_MEMORY_WORKLOADS: readonly Workload[] = [
  {
    name: "slab",
    about: "20,000 tmpfs files created, closed, unlinked; 5,000 pipes; slab from node 1",
    dimmsMib: blocks(6),
    selfHosted: true,
    online: [...Array<string>(2).fill("online_kernel"), ...Array<string>(4).fill("online_movable")],
    parts: [
      {
        name: "wl_slab_files_20k",
        prepare: [onNode0("files 1000 /ram")],
        command: onNode1("files 20000 /ram"),
      },
      { name: "wl_slab_pipes_5k", prepare: [onNode0("pipes 500")], command: onNode1("pipes 5000") },
    ],
  },
  {
    name: "steal",
    about: "kernel memory from a zone full of movable pages: pageblocks are stolen",
    dimmsMib: blocks(2),
    selfHosted: true,
    online: "online_kernel",
    parts: [
      {
        name: "wl_steal_fragmented_pipes_3k",
        prepare: [onNode0("pipes 500")],
        held: onNode1("hold 236 2"),
        command: onNode1("pipes 3000"),
      },
      { name: "wl_steal_order0_pipes_12k", command: onNode1("pipes 12000") },
    ],
  },
  {
    name: "files",
    about: "an ext4 file read cold and cached, its pages reclaimed, random reads and writes with fsync",
    ...FOUR_BLOCKS,
    diskMib: 256,
    parts: [
      {
        name: "wl_stream_cold_128m",
        prepare: [
          "mount -t ext4 -o noatime /dev/vdb /disk",
          "mount -t cgroup2 c /sys/fs/cgroup",
          "echo +memory > /sys/fs/cgroup/cgroup.subtree_control",
          "mkdir /sys/fs/cgroup/reader",
          "echo $$ > /sys/fs/cgroup/reader/cgroup.procs",
        ],
        command: onNode1("stream /disk/data"),
      },
      {
        name: "wl_stream_cached_128m",
        command: onNode1("stream /disk/data"),
        operations: [{ op: "file_read_cached", pages: 32768 }],
      },
      {
        name: "wl_reclaim_memcg_64m",
        command: "echo 64M > /sys/fs/cgroup/reader/memory.reclaim",
        operations: [{ op: "reclaim", pages: 16384 }],
      },
      { name: "wl_drop_caches", command: "echo 1 > /proc/sys/vm/drop_caches" },
      { name: "wl_db_500", prepare: [onNode1("stream /disk/data")], command: onNode1("db /disk/data 128 500") },
      { name: "wl_db_500_again", command: onNode1("db /disk/data 128 500") },
      { name: "wl_reclaim_by_fault_440m", command: onNode1("fault 440") },
    ],
  },
];
