import type { Command } from "commander";
import { addScenarioFlags, type ScenarioFlags } from "../scenarioFlags.ts";

interface FitCliOptions extends ScenarioFlags {
  readonly root?: string;
  readonly distribution?: string;
  readonly price?: string;
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap fit`: does it fit, what does it cost, what do I type. */
export function registerFit(program: Command): void {
  const command = program.command("fit");
  addScenarioFlags(command)
    .description("does the memmap fit, what does each placement cost, and what to type, check and undo")
    .argument("[scenario]", "scenario file, YAML or JSON: its devices are plugged together")
    .option("--root <dir>", "instead of a scenario: this machine (/), or a captured one")
    .option("--distribution <name>", "debian, ubuntu, rhel or suse: how it sets boot parameters")
    .option("--price <dram,hot-added>", "what a GiB of each costs, to say what is saved")
    .option("--json", "print JSON (altmap/fit-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap fit --dram 512GiB --device cxl-samsung-mxp-genoa --count 4
  altmap fit --root /
  altmap fit scenario.yaml --kernel 6.18 --json
  altmap fit --price 8,4`,
    )
    .action(async (scenario: string | undefined, options: FitCliOptions) => {
      const { runFit } = await import("../fitMachine.ts");
      await runFit(scenario, options);
    });
}
