import type { Command } from "commander";
import { addScenarioFlags, type ScenarioFlags } from "../scenarioFlags.ts";

interface ExplainCliOptions extends ScenarioFlags {
  readonly json?: boolean;
  readonly cost?: boolean;
  readonly output?: string;
}

/** `altmap explain`: where each memmap goes, and why. */
export function registerExplain(program: Command): void {
  const command = program.command("explain");
  addScenarioFlags(command)
    .description("where the memmap of each device goes, each condition with its value, and why")
    .argument("[scenario]", "scenario file, YAML or JSON (default: that of altmap answer)")
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
      const [{ flaggedScenario }, { explain }, { explainDocument, explainText }, { writeOutput }] = await Promise.all([
        import("../scenarioFlags.ts"),
        import("../../explain.ts"),
        import("../../report/explainText.ts"),
        import("../../report/output.ts"),
      ]);
      const { scenario: given, own } = flaggedScenario(scenario, options);
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
