import type { Command } from "commander";
import { InputError } from "../../errors.ts";

interface ImportCliOptions {
  readonly json?: boolean;
  readonly output?: string;
}

const TRACE_TEXT = "text of perf script, perf trace, ftrace, trace-cmd report, bpftrace or babeltrace";

/** `altmap import`: what is in a text trace of page allocations. */
export function registerImport(program: Command): void {
  program
    .command("import")
    .description("read a text trace of page allocations, and say what is in it and how complete it is")
    .argument("<trace>", `${TRACE_TEXT}, plain or gzip; "-" is stdin`)
    .option("--json", "print JSON (altmap/import-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText("after", "\nExamples:\n  altmap import altmap.perf.txt.gz\n  perf script --ns | altmap import -")
    .action(async (trace: string, options: ImportCliOptions) => {
      const [{ importDocument, importReportText }, { importTrace }, { writeOutput }] = await Promise.all([
        import("../../report/importText.ts"),
        import("../../recording/import/importTrace.ts"),
        import("../../report/output.ts"),
      ]);
      const { batches, report } = importTrace(trace);
      for await (const _ of batches);
      if (report.bytes === 0) throw new InputError({ what: "the trace is empty", where: trace, expected: TRACE_TEXT });
      const document = importDocument(report);
      writeOutput(options.output, options.json ? `${JSON.stringify(document, null, 2)}\n` : importReportText(document));
    });
}
