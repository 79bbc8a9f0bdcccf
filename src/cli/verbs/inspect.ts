import type { Command } from "commander";

interface InspectFlags {
  readonly root: string;
  readonly json?: boolean;
  readonly capture?: string;
  readonly output?: string;
}

/** `altmap inspect`: what a machine says of its memory, and where its memmaps lie. */
export function registerInspect(program: Command): void {
  program
    .command("inspect")
    .description("where the memmaps of this machine lie, how that is known, and why (no root needed)")
    .argument(
      "[file...]",
      "instead of a machine: output of lsmem -J, daxctl list, cxl list -vvv, numactl -H, lstopo, MLC",
    )
    .option("--root <dir>", "a captured machine: a folder with proc/ and sys/, or an archive of --capture", "/")
    .option("--json", "print JSON (altmap/inspect-v1)")
    .option("-o, --output <file>", "write a scenario of this machine, for altmap fit and altmap answer")
    .option("--capture <file.tar>", "write what is read to an archive: no serial numbers, host names or secrets")
    .addHelpText(
      "after",
      `
Examples:
  altmap inspect
  altmap inspect --root captured -o scenario.yaml && altmap fit scenario.yaml
  altmap inspect --capture machine.tar
  lsmem -J > lsmem.json && altmap inspect lsmem.json`,
    )
    .action(async (files: readonly string[], flags: InspectFlags) => {
      const { runInspect } = await import("../inspectMachine.ts");
      await runInspect(files, flags);
    });
}
