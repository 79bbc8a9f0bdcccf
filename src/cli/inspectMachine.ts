import { LEFT_OUT, recordedTree } from "../inspect/capture.ts";
import { inspect } from "../inspect/inspect.ts";
import { inspectedScenario } from "../inspect/toScenario.ts";
import { openTree } from "../node/openTree.ts";
import { inspectDocument } from "../report/fit/inspectDocument.ts";
import { inspectText } from "../report/fit/inspectText.ts";
import { writeOutput } from "../report/output.ts";

interface InspectOptions {
  readonly root: string;
  readonly json?: boolean;
  readonly capture?: string;
  readonly output?: string;
}

/** `altmap inspect`. @error InputError for a tree that is no machine's, and outputs that cannot be written */
export async function runInspect(_files: readonly string[], options: InspectOptions): Promise<void> {
  const { tree, capture } = recordedTree(await openTree(options.root));
  const facts = inspect(tree);
  if (options.capture !== undefined) {
    const { tarOf } = await import("../node/writeTar.ts");
    writeOutput(options.capture, await tarOf(capture()));
    process.stderr.write(`altmap: ${options.capture} holds what is below; left out are:\n  ${LEFT_OUT.join("\n  ")}\n`);
    if (options.capture === "-") return;
  }
  if (options.output !== undefined) {
    const { stringify } = await import("yaml");
    const { scenario, assumed } = inspectedScenario(facts);
    const notes = assumed.map((clause) => `# Assumed: ${clause}\n`).join("");
    writeOutput(options.output, `# Read by altmap inspect from ${options.root}\n${notes}${stringify(scenario)}`);
    if (options.output === "-") return;
  }
  process.stdout.write(options.json ? `${JSON.stringify(inspectDocument(facts), null, 2)}\n` : inspectText(facts));
}
