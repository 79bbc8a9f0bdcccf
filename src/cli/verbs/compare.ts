import type { Command } from "commander";

interface CompareFlags {
  readonly failIf?: readonly string[];
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap compare`: what changed beyond error between two scenarios or results. */
export function registerCompare(program: Command): void {
  program
    .command("compare")
    .description("what changed beyond error between two scenarios, or two results of altmap --json")
    .argument("<before>", "scenario file, or JSON of answer, fit, explain, validate, inspect...")
    .argument("<after>", "another")
    .option(
      "--fail-if <condition...>",
      "KEY OP NUMBER[%]: exit 1 where it holds; with % of the change, else of the value after",
    )
    .option("--json", "print JSON (altmap/compare-v1): every number")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap compare before.yaml after.yaml
  altmap compare main.json patch.json --fail-if 'online_ns > 10%' 'dram_used_bytes > 0%'`,
    )
    .action(async (before: string, after: string, flags: CompareFlags) => {
      const { runCompare } = await import("../compareFiles.ts");
      await runCompare(before, after, flags);
    });
}
