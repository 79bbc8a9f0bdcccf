import type { Command } from "commander";
import type { PredictedFor } from "../../measure/toDocument.ts";

interface MeasureFlags {
  readonly node?: string;
  readonly cpu?: string;
  readonly operations?: string;
  readonly footprint?: string;
  readonly host?: string;
  readonly profiles?: string;
  readonly quick?: boolean;
  readonly seconds?: string;
  readonly protocol?: boolean;
  readonly device?: string;
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap measure`: what misses of struct pages cost in the kernel that runs here. */
export function registerMeasure(program: Command): void {
  program
    .command("measure")
    .description(
      "time operations of this machine's kernel with struct pages in cache and in none, and compare (no root)",
    )
    .option("--node <n>", "memory of this NUMA node: its struct pages, from a CPU near it or the nearest with CPUs")
    .option("--cpu <n>", "run on this CPU (default: the quietest)")
    .option("--operations <names>", "only these, with commas between")
    .option("--footprint <size>", "memory to work on (default: 512MiB, 256MiB with --quick)")
    .option("--host <id>", "profile to predict with (default: the one with this machine's core)")
    .option("--profiles <file>", "own profiles")
    .option("--seconds <n>", "repeat for about so long (default: 60)")
    .option("--quick", "10 seconds")
    .option("--protocol", "print the A/B of memmap_on_memory for this machine, as commands; nothing is run")
    .option("--device <name>", "dax device of --protocol, as dax0.0")
    .option("--json", "as JSON (altmap/measured-v1)")
    .option("-o, --output <file>", "also write the JSON to a file: for validate --cases and calibrate")
    .addHelpText(
      "after",
      "\nNeeds a C compiler (cc): the probe is compiled here, once. Changes nothing on the machine.\n" +
        "\nExamples:\n  altmap measure --quick\n  altmap measure --operations pagemap-read,fork --json\n" +
        "  altmap measure --node 1 -o node1.json\n  altmap measure --protocol --device dax0.0\n",
    )
    .action(run);
}

async function run(flags: MeasureFlags): Promise<void> {
  if (flags.protocol === true) {
    const { protocolMachine } = await import("../../measure/protocol.ts");
    const { protocolText } = await import("../../report/measured/protocol.ts");
    process.stdout.write(protocolText(protocolMachine(flags.device)));
    return;
  }
  const { measure } = await import("../../measure/measure.ts");
  const { measuredDocument } = await import("../../measure/toDocument.ts");
  const { measuredText } = await import("../../report/measured/text.ts");
  const { writeOutput } = await import("../../report/output.ts");
  const { parseBytes } = await import("../../units.ts");
  const measurement = await measure({
    quick: flags.quick === true,
    ...(flags.operations === undefined ? {} : { operations: namesOf(flags.operations) }),
    ...(flags.node === undefined ? {} : { node: await numberOf(flags.node, "--node") }),
    ...(flags.seconds === undefined ? {} : { seconds: await numberOf(flags.seconds, "--seconds") }),
    ...(flags.cpu === undefined ? {} : { cpu: await numberOf(flags.cpu, "--cpu") }),
    ...(flags.footprint === undefined ? {} : { footprintBytes: parseBytes(flags.footprint, "--footprint") }),
    onProgress: (line) => process.stderr.write(`measure: ${line}\n`),
  });
  const document = measuredDocument(measurement, await predictedFor(flags, measurement.machine));
  const json = `${JSON.stringify(document, null, 2)}\n`;
  if (flags.output !== undefined && flags.output !== "-") writeOutput(flags.output, json);
  process.stdout.write(flags.json === true || flags.output === "-" ? json : measuredText(document));
  if (document.operations.every(({ refused }) => refused !== null)) process.exitCode = 1;
}

const namesOf = (words: string): string[] => words.split(",").map((name) => name.trim());

async function numberOf(text: string, flag: string): Promise<number> {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  const { InputError } = await import("../../errors.ts");
  throw new InputError({
    what: `"${text.slice(0, 40)}" is no number`,
    where: flag,
    expected: "a number from 0 on",
    example: `altmap measure ${flag} 0`,
  });
}

async function predictedFor(
  { host: id, profiles }: MeasureFlags,
  machine: import("../../measure/machineState.ts").MachineState,
): Promise<PredictedFor | undefined> {
  const { hostOfCpu } = await import("../../measure/hostOfCpu.ts");
  const { loadProfiles } = await import("../../machine/load.ts");
  const { findDevice, findHost } = await import("../../machine/find.ts");
  const own = await loadProfiles(profiles);
  const wanted = id ?? hostOfCpu(machine);
  if (wanted === undefined) return undefined;
  const host = findHost(wanted, own.hosts);
  return { host, dram: findDevice(host.localDram, own.devices) };
}
