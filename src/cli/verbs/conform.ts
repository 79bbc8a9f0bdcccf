import type { Command } from "commander";

interface ConformCliOptions {
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap conform`: recordings of hotplug steps against the state machine. */
export function registerConform(program: Command): void {
  program
    .command("conform")
    .description("replay what a real kernel did through the hotplug state machine, and print every difference")
    .argument("<path...>", "recordings (*.json, *.json.gz), or folders of them")
    .option("--json", "print JSON (altmap/conform-v1)")
    .option("-o, --output <file>", "write to a file instead of stdout")
    .addHelpText(
      "after",
      `
Compared after every step: zones, blocks, MemTotal, resources, node links, errors. Exit code 1 on any difference.
A step whose success depends on what the kernel keeps in a block takes it from the recording and counts as conditioned.

Examples:
  altmap conform kernel-6.1/conformance kernel-6.12/conformance
  altmap conform random-11.json --json`,
    )
    .action(async (paths: readonly string[], options: ConformCliOptions) => {
      const [{ conformFiles }, { conformText }, { writeOutput }] = await Promise.all([
        import("../conformFiles.ts"),
        import("../../report/conformText.ts"),
        import("../../report/output.ts"),
      ]);
      const document = await conformFiles(paths);
      writeOutput(options.output, options.json ? `${JSON.stringify(document, null, 2)}\n` : conformText(document));
      if (document.failed > 0) process.exitCode = 1;
    });
}
