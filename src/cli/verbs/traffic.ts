import type { Command } from "commander";
import { furtherOperationsText } from "../../recording/ownOperations.ts";

interface TrafficCliOptions {
  readonly kmem?: string;
  readonly touch?: string;
  readonly summary?: string;
  readonly operations?: string;
  readonly byFunction?: boolean;
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap traffic`: predicted struct page traffic beside the recorded one. */
export function registerTraffic(program: Command): void {
  program
    .command("traffic")
    .description("predict a recording's struct page traffic from its events and operations, and compare")
    .argument("[recording]", "packaged recording, or path of one without suffix (.../traffic/NAME)")
    .option("--kmem <file>", "allocator events: text of perf script, ftrace, trace-cmd or bpftrace")
    .option("--touch <file>", "recorded touches (NAME.touch.gz)")
    .option("--summary <file>", "recorded totals and the state before (NAME.json)")
    .option("--operations <file>", "what the workload did (JSON)")
    .option("--by-function", "print every kernel function, recorded and predicted (JSON always has them)")
    .option("--json", "print JSON (altmap/traffic-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap traffic wl_fault_64m_x2 --by-function
  altmap traffic kernel-6.1/traffic/wl_fault_64m_x2
  altmap traffic --summary run.json --kmem trace.txt --operations script.json --json

Operations are the closed list of the recordings, and beyond it:
${furtherOperationsText()}

Memory: 12 bytes for each allocator event of a hot-added page, of which there may be 134,217,728; with a recorded touch
trace also 12 bytes for each predicted touch (some 15 an event), of which there may be as many. Other lines of a trace
take none.`,
    )
    .action(async (recording: string | undefined, options: TrafficCliOptions) => {
      const [{ traffic }, { trafficText }, { writeOutput }] = await Promise.all([
        import("../../count/follow/compareTraffic.ts"),
        import("../../report/trafficText.ts"),
        import("../../report/output.ts"),
      ]);
      const { kmem, touch, summary, operations } = options;
      const document = await traffic(recording, { kmem, touch, summary, operations });
      writeOutput(
        options.output,
        options.json ? `${JSON.stringify(document, null, 2)}\n` : trafficText(document, options.byFunction),
      );
    });
}
