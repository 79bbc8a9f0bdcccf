/** Pages that move: compaction, offline, swap. */
import { FOUR_BLOCKS, onNode1, SIX_BLOCKS, type Workload } from "./workload.ts";

export const MIGRATION_WORKLOADS: readonly Workload[] = [
  {
    name: "compact",
    about: "compaction of a zone of which every other page is held",
    ...FOUR_BLOCKS,
    parts: [
      {
        name: "wl_compact_fragmented_400m",
        held: onNode1("hold 400 2"),
        command: "echo 1 > /proc/sys/vm/compact_memory",
        operations: [{ op: "already_mapped_anon", pages: 51200 }, { op: "compact_all_zones" }],
      },
      {
        name: "wl_compact_again",
        command: "echo 1 > /proc/sys/vm/compact_memory",
        operations: [{ op: "already_mapped_anon", pages: 51200 }, { op: "compact_all_zones" }],
      },
    ],
  },
  {
    name: "compact-half",
    about: "compaction where half of the zone is free in large chunks",
    ...FOUR_BLOCKS,
    parts: [
      {
        name: "wl_compact_fragmented_240m",
        held: onNode1("hold 240 2"),
        command: "echo 1 > /proc/sys/vm/compact_memory",
        operations: [{ op: "already_mapped_anon", pages: 30720 }, { op: "compact_all_zones" }],
      },
    ],
  },
  {
    name: "offline-busy",
    about: "a block offlined while a process holds 64 MiB in it",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "hp_offline_busy_128_mom",
        held: onNode1("hold 64"),
        command: "echo offline > $memory/memory32/state",
        operations: [{ op: "offline_busy", block: 32, self_hosted: true, busy_pages_about: 16000 }],
      },
    ],
  },
  {
    name: "offline-busy-dram",
    about: "the same with struct pages in DRAM",
    dimmsMib: [768],
    selfHosted: false,
    online: "online_movable",
    parts: [
      {
        name: "hp_offline_busy_128_nomom",
        held: onNode1("hold 64"),
        command: "echo offline > $memory/memory32/state",
        operations: [{ op: "offline_busy", block: 32, self_hosted: false, busy_pages_about: 16000 }],
      },
    ],
  },
  {
    name: "swap",
    about: "32 MiB swapped out to zram and in again",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "wl_swap_out_32m",
        prepare: ["echo 256M > /sys/block/zram0/disksize", "mkswap /dev/zram0 > /dev/null", "swapon /dev/zram0"],
        held: onNode1("swap 32"),
      },
      { name: "wl_swap_in_32m", prepare: ["await /ready"] },
    ],
  },
];
