import type { Command } from "commander";
import type { ExplainOverrides } from "../explainScenario.ts";

interface ExplainCliOptions extends ExplainOverrides {
  readonly json?: boolean;
  readonly cost?: boolean;
  readonly output?: string;
}

/** `altmap explain`: where each memmap goes, and why. */
export function registerExplain(program: Command): void {
  program
    .command("explain")
    .description("where the memmap of each device goes, each condition with its value, and why")
    .argument("[scenario]", "scenario file, YAML or JSON (default: that of altmap answer)")
    .option("--kernel <version>", "Linux version instead of the scenario's")
    .option("--arch <name>", "architecture and page size")
    .option("--mode <mode>", "memory_hotplug.memmap_on_memory: N, Y or force")
    .option("--driver <name>", "who adds the memory")
    .option("--capacity <size>", "what one request adds")
    .option("--memory-block <size>", "size of a memory block")
    .option("--end-of-ram <address>", "where boot memory ends, holes included: decides the x86_64 memory block")
    .option("--struct-page <bytes>", "sizeof(struct page)")
    .option("--profiles <file>", "hosts and devices of your own")
    .option("--cost", "instead, the terms of every price that altmap answer gives")
    .option("--json", "print JSON (altmap/explain-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap explain
  altmap explain scenario.yaml --kernel 6.1
  altmap explain --cost
  altmap explain --arch ppc64-radix-64k --memory-block 256MiB --mode force --driver ppc64-dlpar`,
    )
    .action(async (scenario: string | undefined, options: ExplainCliOptions) => {
      const [{ explainScenario }, { explain }, { explainDocument, explainText }, { writeOutput }] = await Promise.all([
        import("../explainScenario.ts"),
        import("../../explain.ts"),
        import("../../report/explainText.ts"),
        import("../../report/output.ts"),
      ]);
      const { scenario: given, own } = explainScenario(scenario, options);
      const explanation = explain(given, own);
      if (options.cost === true) {
        const [{ simulate }, { explainCost }] = await Promise.all([
          import("../../simulate.ts"),
          import("../../report/explainCost.ts"),
        ]);
        writeOutput(options.output, explainCost(await simulate(explanation.scenario, { own })));
        return;
      }
      const json = `${JSON.stringify(explainDocument(explanation), null, 2)}\n`;
      writeOutput(options.output, options.json ? json : explainText(explanation));
    });
}
