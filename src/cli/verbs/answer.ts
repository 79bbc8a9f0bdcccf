import { type Command, Option } from "commander";
import { OPERATIONS } from "../../scenario/operationNames.ts";
import { addScenarioFlags, type ScenarioFlags } from "../scenarioFlags.ts";

interface AnswerCliOptions extends ScenarioFlags {
  readonly footprint?: readonly string[];
  readonly workload?: readonly string[];
  readonly folio?: string;
  readonly why?: boolean;
  readonly materialise?: boolean;
  readonly json?: boolean;
  readonly format: "text" | "json" | "csv" | "md";
  readonly output?: string;
  readonly cache: boolean;
}

function operationsHelp(): string {
  return Object.entries(OPERATIONS)
    .map(([name, { does }]) => `  ${name.padEnd(15)} ${does}`)
    .join("\n");
}

/** `altmap answer`: cost and saving, device by device. */
export function registerAnswer(program: Command): void {
  const command = program.command("answer");
  addScenarioFlags(command)
    .description("cost and saving of the memmap on the memory, device by device, for recorded workloads")
    .argument("[scenario]", "scenario file, YAML or JSON (default: 512 GiB on a 256 GiB x86_64 server, Linux 6.12)")
    .option("--footprint <size...>", "also run workloads over so much hot-added memory in use, 1GiB to 1TiB")
    .option("--workload <name...>", "recordings (packaged, or a path) and operations instead of the scenario's")
    .option("--folio <size>", "folios that operations work on: 4KiB, 16KiB to 1MiB (mTHP), 2MiB")
    .option("--no-cache", "count anew: neither use nor keep counts in the user's cache folder")
    .option(
      "--materialise",
      "also write every struct page of every device as the kernel would, and prove the counts of hotplug",
    )
    .option("--why", "which input makes what share of each interval, widest first")
    .addOption(
      new Option("--format <format>", "output format; csv and md: the column `row` says what a row is of")
        .choices(["text", "json", "csv", "md"])
        .default("text"),
    )
    .option("--json", "the same as --format json (altmap/answer-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap answer
  altmap answer --device cxl-samsung-mxp-genoa --device optane100-1x --capacity 1TiB
  altmap answer --profiles profile.yaml --host this-machine
  altmap answer --device cxl-samsung-mxp-genoa --footprint 1GiB 16GiB 256GiB
  altmap answer --footprint 64GiB --workload fork reclaim traffic/my_recording
  altmap answer --device cxl-samsung-mxp-genoa --folio 64KiB --why
  altmap answer scenario.yaml --json -o answer.json

Operations, each run at every footprint:
${operationsHelp()}`,
    )
    .action(async (scenario: string | undefined, options: AnswerCliOptions) => {
      const { renderAnswer } = await import("../answerScenario.ts");
      const { writeOutput } = await import("../../report/output.ts");
      if (options.cache) (await import("../../node/keptCounts.ts")).keepCounts();
      const format = options.json ? "json" : options.format;
      writeOutput(options.output, await renderAnswer(scenario, options, format));
    });
}
