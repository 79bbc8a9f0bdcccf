import type { Command } from "commander";
import { InputError } from "../../errors.ts";

interface ImportFlags {
  readonly sysfs?: boolean;
  readonly sysfsRoot?: string;
  readonly format?: string;
  readonly node?: string;
  readonly from?: string;
  readonly medium?: string;
  readonly mediaLine?: string;
  readonly id?: string;
  readonly host?: string;
  readonly partial?: boolean;
  readonly output?: string;
}

/** `altmap profiles import`: profiles from measurements that users already have. */
export function registerProfilesImport(profiles: Command): void {
  profiles
    .command("import [files...]")
    .description(
      "profiles of what was measured here: MLC, multichase, multiload, lat_mem_rd, cxl, daxctl, numactl, HMAT",
    )
    .option("--sysfs", "also read the kernel's access coordinates (HMAT, CDAT), memory tiers and CXL regions")
    .option("--sysfs-root <dir>", "the same below another root than /")
    .option("--format <name>", "format of the files, when they do not show it")
    .option("--node <n>", "memory node to import (default: every memory-only node, or every node)")
    .option("--from <n>", "CPU node (default: the one with the lowest latency)")
    .option("--medium <kind>", "what the memory is, when the files do not say")
    .option("--media-line <size>", "unit in which the medium writes (needed for pmem)")
    .option("--id <name>", "name of the profile")
    .option("--host <base>", "a host instead: its caches from a lat_mem_rd curve, the rest of the host <base>")
    .option("--partial", "take the whole rows of a file that was cut short")
    .option("-o, --output <file>", "profile file (default: stdout)")
    .addHelpText(
      "after",
      "\nExamples:\n  altmap profiles import mlc.txt cxl.json numactl.txt -o mine.yaml\n" +
        "  altmap answer --profiles mine.yaml --device node2-from-node0\n" +
        "  altmap profiles import --sysfs --node 2\n  altmap profiles import chase.txt load.txt --medium cxl --id my-cxl\n",
    )
    .action(runImport);
}

async function runImport(files: readonly string[], flags: ImportFlags): Promise<void> {
  const root = flags.sysfsRoot ?? (flags.sysfs === true ? "/" : undefined);
  if (files.length === 0 && root === undefined) {
    throw new InputError({
      what: "nothing to import",
      expected: "measurement files, or --sysfs",
      example: "altmap profiles import mlc.txt cxl.json",
    });
  }
  const { importFile } = await import("../../machine/import/detect.ts");
  const { readSysfs } = await import("../../machine/import/sysfs.ts");
  const { importedProfiles } = await import("../../machine/import/toProfiles.ts");
  const { formatProfiles } = await import("../../machine/emit.ts");
  const { writeOutput } = await import("../../report/output.ts");
  const { parseBytes } = await import("../../units.ts");
  const partial = flags.partial === true;
  const measurements = [
    ...files.map((file) => importFile(file, flags.format, partial)),
    ...(root === undefined ? [] : [readSysfs(root, files.length === 0)]),
  ];
  if (flags.host !== undefined) {
    const { importedHost } = await import("../../machine/import/toHost.ts");
    const { findHost } = await import("../../machine/find.ts");
    const host = importedHost(measurements, findHost(flags.host), flags.id ?? `${flags.host}-measured`);
    writeOutput(flags.output, formatProfiles({ devices: [], hosts: [host] }));
    return;
  }
  const node = nodeOption(flags.node, "--node");
  const from = nodeOption(flags.from, "--from");
  const medium = await mediumOption(flags.medium);
  const imported = importedProfiles(measurements, {
    ...(node === undefined ? {} : { node }),
    ...(from === undefined ? {} : { from }),
    ...(medium === undefined ? {} : { medium }),
    ...(flags.id === undefined ? {} : { id: flags.id }),
    ...(flags.mediaLine === undefined ? {} : { mediaLineBytes: parseBytes(flags.mediaLine, "--media-line") }),
  });
  for (const note of imported.notes) process.stderr.write(`note: ${note}\n`);
  writeOutput(flags.output, formatProfiles({ devices: imported.devices, hosts: [] }));
}

function nodeOption(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1023) {
    throw new InputError({
      what: `${option} "${text.slice(0, 20)}" is not a NUMA node`,
      expected: "0 to 1023",
      example: `${option} 2`,
    });
  }
  return Number(text);
}

async function mediumOption(text: string | undefined) {
  if (text === undefined) return undefined;
  const { MEDIA } = await import("../../machine/profiles.ts");
  const found = MEDIA.find((medium) => medium === text);
  if (found === undefined)
    throw new InputError({ what: `--medium "${text.slice(0, 20)}" is unknown`, expected: MEDIA.join(", ") });
  return found;
}
