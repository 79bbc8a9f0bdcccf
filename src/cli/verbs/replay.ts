import type { Command } from "commander";

interface ReplayCliOptions {
  readonly device?: readonly string[];
  readonly host: string;
  readonly profiles?: string;
  readonly json?: boolean;
  readonly timing?: boolean;
  readonly output?: string;
}

/** `altmap replay`: one trace through a host's caches. */
export function registerReplay(program: Command): void {
  program
    .command("replay")
    .description("replay one recorded trace of struct page touches through a host's caches, and price it")
    .argument("<trace>", "packaged recording, path of a recording without suffix, or a touch trace")
    .option("--device <id...>", "device profiles to price (default: every default device)")
    .option("--host <id>", "host profile whose caches are modelled", "default")
    .option("--profiles <file>", "hosts and devices of your own (altmap profiles import, altmap calibrate)")
    .option("--json", "print JSON (altmap/replay-v1)")
    .option("--timing", "also say how fast the replay was; such output is not reproducible")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap replay wl_redis_set_30k_1k
  altmap replay kernel-6.1/traffic/hp_offline_128_mom --device cxl-samsung-mxp-genoa --json
  altmap replay run.touch.gz --timing`,
    )
    .action(async (trace: string, options: ReplayCliOptions) => {
      const [{ replayTrace }, { replayText }, { writeOutput }] = await Promise.all([
        import("../replayTrace.ts"),
        import("../../report/replayText.ts"),
        import("../../report/output.ts"),
      ]);
      const document = await replayTrace(
        trace,
        options.host,
        options.device,
        options.profiles,
        options.timing === true,
      );
      writeOutput(options.output, options.json ? `${JSON.stringify(document, null, 2)}\n` : replayText(document));
    });
}
