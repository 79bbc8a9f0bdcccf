import type { FootprintRun } from "../counts/workload.ts";
import type { HotplugEvent } from "../scenario/scenario.ts";

export type Interval = readonly [low: number, high: number];
export type PlacementName = "dram" | "on-memory";

/**
 * Hotplug of one device with one placement. An event that the scenario has not takes 0 ns. With a memmap that does not
 * fit in DRAM (`fits` is false) nothing can be plugged: no times, no usable bytes, no workloads.
 */
export interface HotplugRow {
  readonly device: string;
  readonly placement: PlacementName;
  readonly fits: boolean;
  /** What the placement takes of DRAM; where it does not fit, what it would need. */
  readonly dram_used_bytes: number;
  readonly device_usable_bytes: number | null;
  readonly add_ns: number | null;
  readonly add_interval_ns: Interval | null;
  readonly online_ns: number | null;
  readonly online_interval_ns: Interval | null;
  readonly offline_ns: number | null;
  readonly offline_interval_ns: Interval | null;
  /** Of blocks of which `policy.blocks_in_use` pages are in use: what idle ones take, and each page's migration, copy included. */
  readonly offline_in_use_ns: number | null;
  readonly offline_in_use_interval_ns: Interval | null;
  readonly blocks_in_use_ratio: number;
  readonly remove_ns: number | null;
  readonly remove_interval_ns: Interval | null;
  readonly max_nonpreemptible_ns: number | null;
  readonly max_nonpreemptible_interval_ns: Interval | null;
}

/** One pass over struct pages, or work beside them, of one event over the whole device. */
export interface PassRow {
  readonly event: HotplugEvent;
  readonly name: string;
  readonly instructions: number;
  readonly ns: number;
  readonly interval_ns: Interval;
  /** What sets its time. */
  readonly binding: string;
}

/**
 * One page's worth of an operation, or one folio's. hot and cold are its struct pages alone, in this placement: no ratio
 * of them is one of operations. whole is all it costs, in both.
 */
export interface OperationRow {
  readonly name: string;
  /** Pages of 4 KiB that one operation works on. */
  readonly folio_bytes: number;
  readonly struct_pages_per_operation: number;
  readonly touches_per_operation: number;
  readonly hot_ns: number;
  readonly hot_interval_ns: Interval;
  /** At random, as cold_random_ns. */
  readonly cold_ns: number;
  readonly cold_interval_ns: Interval;
  readonly cold_random_ns: number;
  readonly cold_random_interval_ns: Interval;
  readonly cold_in_order_ns: number;
  readonly cold_in_order_interval_ns: Interval;
  /** At the share in order that `policy.pfn_order` states; whole_* are at it too. */
  readonly cold_mixed_ns: number;
  readonly cold_mixed_interval_ns: Interval;
  /** Genuine instructions of one operation, as stated. */
  readonly instructions_per_operation: number;
  /** null: the memmap does not fit in DRAM. */
  readonly whole_dram_ns: number | null;
  readonly whole_dram_interval_ns: Interval | null;
  /** null: the memmap may not lie on the memory. */
  readonly whole_on_memory_ns: number | null;
  readonly whole_on_memory_interval_ns: Interval | null;
  readonly whole_slowdown_ratio: number | null;
  readonly whole_slowdown_interval_ratio: Interval | null;
}

/** A slowdown; null where what it is a ratio of is not known. */
export interface SlowdownRow {
  readonly slowdown_ratio: number | null;
  readonly slowdown_interval_ratio: Interval | null;
  readonly no_difference_within_error: boolean | null;
}

/** One run of a recording, caches cold or warm. */
export interface StateRow extends SlowdownRow {
  readonly state: "cold" | "warm";
  readonly llc_misses: number;
  readonly hot_added_llc_misses: number;
  readonly metadata_ns: number;
  readonly metadata_interval_ns: Interval;
}

/** A recording; `state` is the run that is judged. */
export interface WorkloadRow extends StateRow {
  readonly name: string;
  readonly instructions: number;
  readonly touches: number;
  readonly compulsory_misses: number;
  readonly struct_pages_in_use_bytes: number;
  /** What struct pages cost here beyond what they cost in DRAM. */
  readonly extra_ns: number;
  readonly extra_interval_ns: Interval;
  /** null: the recording does not tell what is not about struct pages; then no ratio is known either. */
  readonly baseline_ns: number | null;
  readonly baseline_interval_ns: Interval | null;
}

/** Every CPU runs its own copy over the same zone, lruvec and memories. */
export interface CpusRow {
  readonly nr_cpus: number;
  readonly slowdown_ratio: number;
  readonly slowdown_interval_ratio: Interval;
  readonly no_difference_within_error: boolean;
  /** False: load and latency did not settle. */
  readonly converged: boolean;
  readonly busiest: string;
}

/** What struct pages cost on the memory beyond what they cost in DRAM, of one term. */
export interface TermRow {
  readonly name: string;
  readonly ns: number;
}

/** A recording or an operation with so much hot-added memory in use. Counts and times are of one unit. */
export interface FootprintRow {
  readonly name: string;
  readonly footprint_bytes: number;
  readonly model: FootprintRun["model"];
  /** How far a scaled run may be from one of every page; null for a trace, whose pages are moved as `model` says. */
  readonly model_error_ratio: number | null;
  readonly unit: FootprintRun["unit"];
  /** In all of the footprint; null for an operation that never ends (churn). */
  readonly units: number | null;
  readonly llc_misses: number;
  readonly hot_added_llc_misses: number;
}

/** The same on one device on which the memmap may lie; the slowdown is of baseline and metadata together. */
export interface FootprintDeviceRow extends SlowdownRow {
  readonly device: string;
  /** What is not about struct pages: instructions and data; null where a recording does not tell. */
  readonly baseline_ns: number | null;
  readonly baseline_interval_ns: Interval | null;
  /** null: the memmap does not fit in DRAM. */
  readonly metadata_dram_ns: number | null;
  readonly metadata_dram_interval_ns: Interval | null;
  readonly metadata_on_memory_ns: number;
  readonly metadata_on_memory_interval_ns: Interval;
  /** What the memmap on the memory costs in all units; null where `units` is. */
  readonly extra_ns: number | null;
  readonly extra_interval_ns: Interval | null;
}

/** What to do with one device, in one plain sentence with its main reason. */
export interface VerdictRow {
  readonly device: string;
  readonly choice: "on-memory" | "dram" | "trade-off" | "only-on-memory" | "refused" | "does-not-fit";
  /** Where the memmap goes with what is written in the scenario and the kernel's defaults; "none": the add fails. */
  readonly default_placement: "on-memory" | "dram" | "none";
  readonly sentence: string;
}
