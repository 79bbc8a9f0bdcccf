import type { Command } from "commander";
import { registerProfilesImport } from "./profilesImport.ts";

/** `altmap profiles list|show|import`: the machines altmap knows, each value with where it comes from. */
export function registerProfiles(program: Command): void {
  const profiles = program
    .command("profiles")
    .description("devices and hosts: list them, show every value's source")
    .addHelpText("after", "\nExamples:\n  altmap profiles list\n  altmap profiles show cxl-samsung-mxp-genoa");
  profiles
    .command("list")
    .description("one line a profile")
    .option("--profiles <file>", "also those of a profile file (YAML)")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExamples:\n  altmap profiles list\n  altmap profiles list --profiles mine.yaml --json")
    .action(async (options: ListOptions) => {
      const { loadProfiles, builtInDefaults } = await import("../../machine/load.ts");
      const set = await loadProfiles(options.profiles);
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ schema: "altmap/profiles-v1", ...set }, null, 2)}\n`);
        return;
      }
      const { listProfiles } = await import("../../report/profiles.ts");
      process.stdout.write(listProfiles(set, builtInDefaults()));
    });
  profiles
    .command("show <id>")
    .description("every value of one profile: range, evidence level, source")
    .option("--profiles <file>", "also look in a profile file (YAML)")
    .option("--yaml", "as a profile file, ready to edit")
    .addHelpText(
      "after",
      "\nExamples:\n  altmap profiles show cxl-samsung-mxp-genoa\n  altmap profiles show sapphire-rapids --yaml",
    )
    .action(async (id: string, options: ShowOptions) => {
      const { loadProfiles, findProfile } = await import("../../machine/load.ts");
      const set = await loadProfiles(options.profiles);
      const profile = findProfile(id, set);
      if (options.yaml === true) {
        const { formatProfiles } = await import("../../machine/emit.ts");
        const one = "medium" in profile ? { devices: [profile], hosts: [] } : { devices: [], hosts: [profile] };
        process.stdout.write(formatProfiles(one));
        return;
      }
      const { showProfile } = await import("../../report/profiles.ts");
      const dram = "medium" in profile ? undefined : set.devices.find(({ id: of }) => of === profile.localDram);
      process.stdout.write(showProfile(profile, dram));
    });
  registerProfilesImport(profiles);
}

interface ListOptions {
  readonly profiles?: string;
  readonly json?: boolean;
}

interface ShowOptions {
  readonly profiles?: string;
  readonly yaml?: boolean;
}
