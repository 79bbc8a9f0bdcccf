import type { KernelLine } from "../kernels.ts";

/** One recorded command and what surrounds it. */
export interface Part {
  /** Of the recording. */
  readonly name: string;
  /** Shell commands before; they must not print. */
  readonly prepare?: readonly string[];
  /** Started after these: a program that gets ready, waits, and goes on running. */
  readonly held?: string;
  /** A DIMM of so many MiB is plugged as well, before the command: the kernel's workers add it. */
  readonly plugMib?: number;
  /** Kernels that cannot do it. */
  readonly notOn?: readonly KernelLine[];
  /** What the shell runs between the marks. Absent: the held program is told to go on, and marks itself. */
  readonly command?: string;
  /** In the words of `altmap traffic`, where they can say it. */
  readonly operations?: readonly unknown[];
}

/** A guest with hot-added memory on node 1, and what is recorded in it, in order. */
export interface Workload {
  readonly name: string;
  /** What it is about, one line. */
  readonly about: string;
  readonly dimmsMib: readonly number[];
  readonly selfHosted: boolean;
  /** For all blocks, or for each. */
  readonly online: string | readonly string[];
  readonly cmdline?: string;
  readonly traceKib?: number;
  /** Of Debian, unpacked for the guest: a package, and which of its programs. */
  readonly programs?: { readonly package: string; readonly names: readonly string[] };
  /** An ext4 disk of so many MiB, /dev/vdb, half of it one file. */
  readonly diskMib?: number;
  /** Watched only when held programs are ready, with empty caches: watching gigabytes being filled takes half an hour. */
  readonly watchLate?: boolean;
  readonly parts: readonly Part[];
}

export const onNode1 = (command: string): string => `work bind 1 /bin/work ${command}`;
/** Warms up what a command needs without touching node 1. */
export const onNode0 = (command: string): string => `work bind 0 /bin/work ${command}`;

/** One DIMM a block: the only ones that 6.1 self-hosts. */
export const blocks = (count: number): number[] => Array.from({ length: count }, () => 128);
export const SIX_BLOCKS = { dimmsMib: blocks(6), selfHosted: true, online: "online_movable" } as const;
export const FOUR_BLOCKS = { ...SIX_BLOCKS, dimmsMib: blocks(4) } as const;
/** With the memmap in DRAM. */
export const FOUR_GIB = { dimmsMib: [1024, 1024, 1024, 1024], selfHosted: false, online: "online_movable" } as const;
