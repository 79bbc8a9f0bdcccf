import { type Command, Option } from "commander";
import { EMIT_KINDS } from "../../sweep/emit.ts";
import type { SweepCliOptions } from "../sweepScenario.ts";

/** `altmap sweep`: many points of scenarios, on one machine or many. */
export function registerSweep(program: Command): void {
  program
    .command("sweep")
    .description("many scenarios: every combination of the axes of a sweep file, as NDJSON, CSV and Parquet")
    .argument("<sweep>", "sweep file, YAML or JSON")
    .option("-o, --output <dir>", "folder of the results; the same command goes on where one was stopped")
    .option("--shard <i/n>", "only the i-th of n parts of the points")
    .option("--shards <n>", "the same, i from SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or PARALLEL_SEQ")
    .addOption(new Option("--emit <engine>", "print a job file of one task a shard").choices(EMIT_KINDS))
    .option("--workers <n>", "threads (default: one for each CPU)")
    .option("--no-cache", "neither use nor keep counts in the user's cache folder")
    .option("--yes", "also more than a million points")
    .option("--dry-run", "say how many points and about how long, and stop")
    .addHelpText(
      "after",
      `
Examples:
  altmap sweep sweep.yaml --dry-run
  altmap sweep sweep.yaml -o results
  altmap sweep sweep.yaml -o results --shard 2/7    # then: altmap merge results
  altmap sweep sweep.yaml -o results --emit slurm --shards 8 > job.sh
  altmap plot results --x idle_read_ns --y slowdown_ratio --by name

A sweep file: \`scenario\` is what all points have, \`axes\` are combined, keys of one axis go in step.
  scenario: {devices: [{id: cxl-samsung-mxp-genoa, capacity: 512GiB}]}
  axes:
    - device.idleReadLatency: {uniform: [150 ns, 450 ns], draws: 500, seed: 7}
      device.readBandwidth: {loguniform: [8 GB/s, 60 GB/s], draws: 500, seed: 8}
    - kernel.version: ["6.1", "6.6", "6.12"]
    - footprints.0: [1GiB, 16GiB, 64GiB, 256GiB]
  filters: ["footprints.0 <= devices.0.capacity"]
Values: [a list], {linear: [from, to], points: n}, {log: ...}, {uniform: ..., draws: n, seed: s}, {loguniform: ...},
{normal: [mean, sd], ...}, {lognormal: [median, sd of ln], ...}; an axis {csv: FILE} takes its columns.`,
    )
    .action(async (sweep: string, options: SweepCliOptions) => {
      const { sweepCommand } = await import("../sweepScenario.ts");
      await sweepCommand(sweep, options);
    });
}

/** `altmap merge`: the results of several folders of one sweep. */
export function registerMerge(program: Command): void {
  program
    .command("merge")
    .description("results of a sweep that ran in several folders: what is missing, else the whole")
    .argument("<dir...>", "folders of results")
    .option("-o, --into <dir>", "where the whole goes (default: the first folder)")
    .addHelpText("after", "\nExamples:\n  altmap merge results\n  altmap merge host-a/results host-b/results -o all")
    .action(async (folders: readonly string[], options: { readonly into?: string }) => {
      const { mergeCommand } = await import("../sweepScenario.ts");
      process.exitCode = mergeCommand(folders, options.into);
    });
}
