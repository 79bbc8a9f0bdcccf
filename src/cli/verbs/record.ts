import type { Command } from "commander";

interface RecordCliOptions {
  readonly duration: string;
  readonly tool?: string;
  readonly json?: boolean;
}

/** `altmap record`: the commands that record a host. */
export function registerRecord(program: Command): void {
  program
    .command("record")
    .description("print the commands that record a host's page allocations, and what the result will lack")
    .option("--duration <time>", "how long to record: seconds, or a number with s, m or h (at most 24h)", "30s")
    .option("--tool <name>", "perf, trace-cmd, ftrace or bpftrace (default: all)")
    .option("--json", "print JSON (altmap/record-v1)")
    .addHelpText("after", "\nNothing is run. Example:\n  altmap record --duration 5m --tool perf")
    .action(async (options: RecordCliOptions) => {
      const { recordDocument, recordText } = await import("../../report/recordText.ts");
      const document = recordDocument(options.duration, options.tool);
      process.stdout.write(options.json ? `${JSON.stringify(document, null, 2)}\n` : recordText(document));
    });
}
