import type { Command } from "commander";

interface PlotCliOptions {
  readonly x: string;
  readonly y: string;
  readonly by?: string;
  readonly where?: readonly string[];
  readonly output?: string;
}

/** `altmap plot`: columns of a sweep's results against each other. */
export function registerPlot(program: Command): void {
  program
    .command("plot")
    .description("a chart of a sweep's results, with 90 % bands: SVG, or characters on the terminal")
    .argument("<result>", "folder of results, or a file of NDJSON")
    .requiredOption("--x <column>", "column of numbers (columns.md lists them)")
    .requiredOption("--y <column>", "column of numbers; its interval is drawn too")
    .option("--by <column>", "a series for each of its values")
    .option("--where <column=value...>", "only rows that have these")
    .option("-o, --output <file>", "write SVG instead of characters to stdout")
    .addHelpText(
      "after",
      `
Examples:
  altmap plot results --x idle_read_ns --y slowdown_ratio --by name
  altmap plot results --x footprint_bytes --y slowdown_ratio --by kernel --where name=fork -o fork.svg`,
    )
    .action(async (path: string, options: PlotCliOptions) => {
      const { plotResults } = await import("../plotResults.ts");
      const { writeOutput } = await import("../../report/output.ts");
      writeOutput(options.output, await plotResults(path, options));
    });
}
