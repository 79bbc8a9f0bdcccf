import type { Command } from "commander";

interface CalibrateFlags {
  readonly output?: string;
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly check?: boolean;
  readonly measured?: string;
}

/** `altmap calibrate`: a profile of this machine, and a check of the model against this machine. */
export function registerCalibrate(program: Command): void {
  program
    .command("calibrate")
    .description("measure this machine (no root) and write its profile; --check predicts kernels on it and compares")
    .option("-o, --output <file>", "profile file (default: stdout, and the summary on stderr)")
    .option("--quick", "fewer rounds and a coarser curve: seconds instead of a minute")
    .option("--check", "also time struct page kernels in L2, LLC and memory against their predictions")
    .option("--measured <file>", "also what altmap measure -o wrote here: the window of the core, prefetching in order")
    .option("--json", "measurements and profile as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  altmap calibrate -o here.yaml && altmap profiles show this-machine --profiles here.yaml\n" +
        "  altmap replay wl_churn_3g_20k --profiles here.yaml --host this-machine\n" +
        "  altmap calibrate --check\n  altmap measure -o measured.json && altmap calibrate --measured measured.json -o here.yaml\n  altmap calibrate --quick --json\n",
    )
    .action(run);
}

async function run(flags: CalibrateFlags): Promise<void> {
  const { fullPlan, quickPlan } = await import("../../calibrate/calibrate.ts");
  const { writeOutput } = await import("../../report/output.ts");
  const report = await import("../../report/calibration.ts");
  // stdout holds one result: beside JSON or the check, the profile goes to a file or nowhere.
  const file = flags.output === "-" ? undefined : flags.output;
  const { readCpuCaches } = await import("../../calibrate/cpuCaches.ts");
  const llcBytes = readCpuCaches().at(-1)?.bytes;
  const plan = flags.quick === true ? quickPlan(llcBytes) : fullPlan(llcBytes);
  const onRound = (round: number, of: number): void => {
    process.stderr.write(`calibrate: round ${round + 1} of ${of}\n`);
  };
  if (flags.check === true) {
    const { checkCalibration } = await import("../../calibrate/check.ts");
    const check = checkCalibration({ plan, onRound });
    if (file !== undefined) writeOutput(file, await profileText(check.calibration));
    process.stdout.write(flags.json === true ? jsonText(report.checkJson(check)) : report.checkText(check));
    return;
  }
  const { calibrate } = await import("../../calibrate/calibrate.ts");
  // Read before a minute is spent: what is wrong with it is said at once.
  const document = flags.measured === undefined ? undefined : await readDocument(flags.measured);
  const calibration = calibrate({ plan, onRound });
  if (document !== undefined) {
    writeOutput(file, await mergedText(calibration, document));
    return;
  }
  const summary = report.calibrationText(calibration);
  if (flags.json === true) {
    if (file !== undefined) writeOutput(file, await profileText(calibration));
    process.stdout.write(jsonText(report.calibrationJson(calibration)));
    return;
  }
  (file === undefined ? process.stderr : process.stdout).write(`${summary}\n`);
  writeOutput(file, await profileText(calibration));
}

async function profileText(calibration: import("../../calibrate/calibrate.ts").Calibration): Promise<string> {
  const { calibratedProfiles } = await import("../../calibrate/toProfile.ts");
  const { formatProfiles } = await import("../../machine/emit.ts");
  return formatProfiles(calibratedProfiles(calibration));
}

async function readDocument(path: string) {
  const { readText } = await import("../../scenario/readText.ts");
  const { parseMeasured } = await import("../../measure/readMeasured.ts");
  return parseMeasured(
    readText(path, "what altmap measure wrote", "altmap measure -o measured.json", ["measured"]),
    path,
  );
}

/** The profile with what was measured; what of it was used goes to stderr. */
async function mergedText(
  calibration: import("../../calibrate/calibrate.ts").Calibration,
  document: import("../../measure/document.ts").MeasuredDocument,
): Promise<string> {
  const { calibratedProfiles } = await import("../../calibrate/toProfile.ts");
  const { mergeMeasured } = await import("../../measure/mergeMeasured.ts");
  const { formatProfiles } = await import("../../machine/emit.ts");
  const { hosts, devices } = calibratedProfiles(calibration);
  const [host, dram] = [hosts[0]!, devices[0]!];
  const merged = mergeMeasured(document, host, dram);
  for (const note of merged.notes) process.stderr.write(`calibrate: ${note}\n`);
  return formatProfiles({ hosts: [merged.host], devices: [dram] });
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
