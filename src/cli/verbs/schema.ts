import type { Command } from "commander";

/** `altmap schema`: the JSON Schema of scenario files. */
export function registerSchema(program: Command): void {
  program
    .command("schema")
    .description("print the JSON Schema of scenario files")
    .addHelpText("after", "\nExample:\n  altmap schema > scenario.schema.json")
    .action(async () => {
      const { scenarioJsonSchema } = await import("../../scenario/schema.ts");
      process.stdout.write(`${JSON.stringify(await scenarioJsonSchema(), null, 2)}\n`);
    });
}
