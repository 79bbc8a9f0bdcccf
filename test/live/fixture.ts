/** The recording format of `altmap conform`: one JSON file per sequence, see docs of the conform verb. */

export interface ZoneState {
  readonly start_pfn?: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly free: number;
  readonly buddy?: readonly number[];
}

export interface BlockState {
  readonly state: string;
  readonly valid_zones: string;
  readonly removable: string;
}

export interface DaxState {
  readonly memmap_on_memory: string;
  readonly driver: string;
  readonly iomem: readonly string[];
}

export interface State {
  readonly zones: Readonly<Record<string, ZoneState>>;
  readonly blocks: Readonly<Record<string, BlockState>>;
  readonly mem_total_kb: number;
  readonly iomem_system_ram: readonly string[];
  readonly node_blocks: readonly string[];
  readonly "dax0.0"?: DaxState;
}

export type Operation =
  | { readonly op: "add"; readonly size: number; readonly dimm: number; readonly addr: readonly number[] }
  | { readonly op: "state"; readonly block: number; readonly to: string }
  | { readonly op: "remove"; readonly dimm: number }
  | { readonly op: "dax_memmap_on_memory"; readonly value: string }
  | { readonly op: "dax_bind_kmem" }
  | { readonly op: "dax_unbind_kmem" };

export interface Outcome {
  readonly still_present?: boolean;
  readonly error: string | null;
  readonly dmesg: readonly string[];
  readonly after: State;
}

export type Step = Operation & Outcome;

export interface DaxDevice {
  readonly resource: string;
  readonly size: string;
  readonly align: string;
  readonly target_node: string;
  readonly memmap_on_memory: string;
}

/** What has to be known to boot the same machine again, and what it said about itself. */
export interface System {
  readonly boot_memory: string;
  readonly cmdline: string;
  readonly cpuless_node1: boolean;
  readonly cpus: number;
  readonly "dax0.0"?: DaxDevice;
  readonly block_size_bytes: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly auto_online_blocks: string;
}

export interface Fixture {
  readonly name: string;
  readonly kernel: string;
  readonly system: System;
  readonly initial: State;
  readonly steps: readonly Step[];
}
