import type { Command } from "commander";

interface ValidateOptions {
  readonly cases?: string;
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap validate`: the cost model against published timings. */
export function register(program: Command): void {
  program
    .command("validate")
    .description("predict published timings of struct page operations and compare")
    .option("--cases <file>", "JSON rows to predict instead of those that ship with altmap")
    .option("--json", "as JSON (altmap/validate-v1)")
    .option("-o, --output <file>", "write to a file")
    .addHelpText("after", "\nExample:\n  altmap validate --cases measurements.json --json")
    .action(async (options: ValidateOptions) => {
      const { validate } = await import("../../cost/validate.ts");
      const { validationDocument, validationText, fittedValues } = await import("../../report/validate.ts");
      const { hosts } = await import("../../machine/hosts.ts");
      const { devices } = await import("../../machine/devices.ts");
      const validation = validate(await rowsOf(options.cases), options.cases ?? "published cases");
      const fitted = fittedValues(hosts, devices);
      const text =
        options.json === true
          ? `${JSON.stringify(validationDocument(validation, fitted), null, 2)}\n`
          : validationText(validation, fitted);
      const { writeOutput } = await import("../../report/output.ts");
      writeOutput(options.output, text);
    });
}

async function rowsOf(file: string | undefined) {
  if (file === undefined) return (await import("../../cost/cases.ts")).publishedCases();
  const { readText } = await import("../../scenario/readText.ts");
  const { parseCases } = await import("../../cost/caseFile.ts");
  return parseCases(readText(file, "a JSON array of measurements", "altmap validate --cases measurements.json"), file);
}
