import type { Command } from "commander";

interface ValidateOptions {
  readonly cases?: string;
  readonly json?: boolean;
  readonly output?: string;
  readonly maxError?: string;
  readonly maxFactor?: string;
}

/** `altmap validate`: the cost model against published timings. */
export function registerValidate(program: Command): void {
  program
    .command("validate")
    .description("predict published timings of struct page operations and compare")
    .option("--cases <file>", "JSON rows to predict instead of those that ship with altmap")
    .option("--max-error <percent>", "fail (exit code 1) when the median error of the rows exceeds it, as 20%")
    .option("--max-factor <number>", "fail (exit code 1) when any row is off by more, as 2")
    .option("--json", "as JSON (altmap/validate-v1)")
    .option("-o, --output <file>", "write to a file")
    .addHelpText(
      "after",
      `
Example:
  altmap validate --cases measurements.json --json
  altmap validate --cases mine.json --max-error 20% --max-factor 2

A case file is what altmap measure -o wrote, or a JSON array of up to 10,000 rows. A row has
  id, source, operation        text; id once in the file
  use                          calibration, check or context
and may have
  pages, struct_pages_touched  1 to 2^40 pages of 4 KiB; touched at most pages
  threads                      0 (no worker threads) to 4096, at most one a page
  time_ms                      up to 10^11
  value, unit                  a device's own figure: unit ns or GB/s
  kernel                       3.12 to 7.x, as 6.12 or 5.10.0-rc3; else taken from the text or the date
  medium                       dram, numa, pmem, nvdimm-n, cxl or vm
  placement                    dram or device
  host, device                 ids of altmap profiles list; else guessed from platform and date
  model                        what the figure is of, in place of the words:
    operation                  one that is modelled; rows of others are left out and say so
    quantity                   whole-ns (time_ms), ns-a-page, cold-less-hot-ns-a-page or GBps (value)
    bound                      none, or upper: the prediction must not exceed the figure
    pfn_order                  random or in-order; absent: not known
    folio                      4KiB, 16KiB to 1MiB, 2MiB or 1GiB
  date, platform, url, notes   text
  bytes, ns_per_page, memmap_GBps, memmap_GBps_note  kept, not used`,
    )
    .action(async (options: ValidateOptions) => {
      const { validate } = await import("../../validate/validate.ts");
      const { beyond } = await import("../../validate/limits.ts");
      const { validationDocument, fittedValues } = await import("../../report/validate.ts");
      const { validationText } = await import("../../report/validateText.ts");
      const { hosts } = await import("../../machine/hosts.ts");
      const { devices } = await import("../../machine/devices.ts");
      const limits = await limitsOf(options);
      const { workloadContext } = await import("../../validate/workloadContext.ts");
      const [rows, where] = [await rowsOf(options.cases), options.cases ?? "published cases"];
      const validation = validate(rows, where, await workloadContext(rows, where));
      const fitted = fittedValues(hosts, devices);
      const text =
        options.json === true
          ? `${JSON.stringify(validationDocument(validation, fitted), null, 2)}\n`
          : validationText(validation, fitted);
      const { writeOutput } = await import("../../report/output.ts");
      writeOutput(options.output, text);
      const failures = beyond(validation, limits);
      if (failures.length === 0) return;
      process.exitCode = 1;
      process.stderr.write(`altmap: beyond the limits:\n${failures.map((line) => `  ${line}\n`).join("")}`);
    });
}

async function limitsOf({ maxError, maxFactor }: ValidateOptions) {
  const { parseMaxError, parseMaxFactor } = await import("../../validate/limits.ts");
  return {
    ...(maxError === undefined ? {} : { maxErrorPercent: parseMaxError(maxError) }),
    ...(maxFactor === undefined ? {} : { maxFactor: parseMaxFactor(maxFactor) }),
  };
}

async function rowsOf(file: string | undefined) {
  if (file === undefined) return (await import("../../validate/cases.ts")).publishedCases();
  const { readText } = await import("../../scenario/readText.ts");
  const { parseCases } = await import("../../validate/caseFile.ts");
  const { looksMeasured, parseMeasured, rowsOfMeasured } = await import("../../measure/readMeasured.ts");
  const text = readText(file, "a JSON array of measurements", "altmap validate --cases measurements.json", [
    "cases",
    "measured",
  ]);
  return looksMeasured(text) ? rowsOfMeasured(parseMeasured(text, file)) : parseCases(text, file);
}
