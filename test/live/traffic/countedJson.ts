/** The key `counted` of a recording's summary, from the rows that the plugin prints (plugin/counts.h). */

const GROUPS = ["workload", "kernel_threads", "other_programs", "timer_interrupts", "tracing"] as const;
const NUMBERS = [
  ...["kernel_instructions", "user_instructions", "rep_instructions", "nr_sets", "nr_copies"],
  ...["bytes_set", "bytes_copied", "other_loads", "other_stores"],
  ...["touches", "loads", "stores", "hot_touches", "hot_loads", "hot_stores"],
] as const;
const HISTOGRAMS = ["set_sizes", "copy_sizes"] as const;
const FILLS = ["set_fills", "copy_fills", "other_kernel_fills", "other_user_fills"] as const;
const CACHES = ["l2", "llc_8MiB", "llc_32MiB", "llc_128MiB"] as const;

type Rows = ReadonlyMap<string, readonly number[]>;

function trimmed(values: readonly number[]): readonly number[] {
  const last = values.findLastIndex((value) => value > 0);
  return values.slice(0, last + 1);
}

function groupJson(rows: Rows, group: string) {
  const row = (name: string): readonly number[] => {
    const found = rows.get(`${group}.${name}`);
    if (found === undefined) throw new Error(`the plugin said no ${group}.${name}`);
    return found;
  };
  const named = <T>(names: readonly string[], value: (name: string) => T) =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  return {
    ...named(NUMBERS, (name) => row(name)[0]),
    ...named(HISTOGRAMS, (name) => trimmed(row(name))),
    ...named(FILLS, (name) => Object.fromEntries(CACHES.map((cache, index) => [cache, row(name)[index]]))),
    stream_gaps: named(CACHES, (cache) => trimmed(row(`stream_gaps_${cache}`))),
    other_gaps: named(CACHES, (cache) => trimmed(row(`other_gaps_${cache}`))),
  };
}

export function countedJson(rows: Rows, executed: ReadonlyMap<string, number>) {
  return {
    ...Object.fromEntries(GROUPS.map((group) => [group, groupJson(rows, group)])),
    kernel_instructions_by_function: [...executed].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
  };
}
