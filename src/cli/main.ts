import { Command, CommanderError } from "commander";
import { InputError } from "../errors.ts";
import { checkOutput } from "../report/output.ts";
import { registerAnswer } from "./verbs/answer.ts";
import { registerCalibrate } from "./verbs/calibrate.ts";
import { registerCompare } from "./verbs/compare.ts";
import { registerConform } from "./verbs/conform.ts";
import { registerExplain } from "./verbs/explain.ts";
import { registerFit } from "./verbs/fit.ts";
import { registerImport } from "./verbs/import.ts";
import { registerInspect } from "./verbs/inspect.ts";
import { registerMeasure } from "./verbs/measure.ts";
import { registerPlot } from "./verbs/plot.ts";
import { registerProfiles } from "./verbs/profiles.ts";
import { registerRecord } from "./verbs/record.ts";
import { registerReplay } from "./verbs/replay.ts";
import { registerSchema } from "./verbs/schema.ts";
import { registerMerge, registerSweep } from "./verbs/sweep.ts";
import { registerTraffic } from "./verbs/traffic.ts";
import { registerTry } from "./verbs/try.ts";
import { registerValidate } from "./verbs/validate.ts";
import { packageVersion } from "./version.ts";

/** The command table: one file per verb, in the order in which help lists them. */
// biome-ignore format: one verb a line
const verbs: readonly ((program: Command) => void)[] = [
  registerAnswer,
  registerSweep,
  registerMerge,
  registerPlot,
  registerExplain,
  registerFit,
  registerInspect,
  registerReplay,
  registerCompare,
  registerConform,
  registerTry,
  registerRecord,
  registerImport,
  registerTraffic,
  registerValidate,
  registerProfiles,
  registerSchema, registerCalibrate, registerMeasure];

/** A fault of altmap itself: neither a failed check nor bad input. */
const EXIT_INTERNAL = 70;

/** Runs one command. Exit codes: 0 done, 1 a check failed, 2 bad input or usage, 70 a fault of altmap. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", endOnStdoutError);
  const program = new Command("altmap")
    .description("What does it cost to put the memmap of hot-added memory on that memory, and what does it save?")
    .version(versionLine(), "-V, --version")
    .exitOverride()
    .showHelpAfterError("(altmap --help lists the commands)")
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      "after",
      "\nExamples:\n  altmap answer\n  altmap answer --device cxl-samsung-mxp-genoa --capacity 1TiB",
    )
    // Some verbs take a minute: an output that cannot be written is refused before, not after.
    .hook("preAction", (_program, command) => {
      if (command.name() !== "sweep") checkOutput(command.opts<{ output?: string }>().output);
    });
  for (const register of verbs) register(program);
  program.commands.forEach((command) => {
    command.exitOverride();
  });
  try {
    if (argv.length <= 2) {
      process.stderr.write(program.helpInformation());
      process.exitCode = 2;
      return;
    }
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already said what was wrong; its own code 1 means usage, which is 2 here.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof InputError) {
      process.stderr.write(`altmap: ${error.message}\n`);
      process.exitCode = 2;
    } else {
      const message = error instanceof Error ? error.message : String(error);
      const stack = process.env["ALTMAP_DEBUG"] && error instanceof Error ? `\n${error.stack}` : "";
      process.stderr.write(`altmap: internal error: ${message} (ALTMAP_DEBUG=1 shows where)${stack}\n`);
      process.exitCode = EXIT_INTERNAL;
    }
  }
}

const versionLine = (): string => `altmap ${packageVersion()} (node ${process.version})`;

/** `altmap ... | head` ends quietly; a full disk does not. */
function endOnStdoutError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
  process.stderr.write(`altmap: stdout: cannot write: ${error.message}\n`);
  process.exit(2);
}
