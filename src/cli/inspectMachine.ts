import { InputError } from "../errors.ts";
import { LEFT_OUT, recordedTree } from "../inspect/capture.ts";
import { inspectTools } from "../inspect/fromTools.ts";
import { inspect } from "../inspect/inspect.ts";
import type { SystemTree } from "../inspect/systemTree.ts";
import { inspectedScenario } from "../inspect/toScenario.ts";
import { importFile } from "../machine/import/detect.ts";
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

const EMPTY: SystemTree = { name: "", read: () => undefined, list: () => [], link: () => undefined };

/** `altmap inspect`. @error InputError for a tree that is no machine's, and outputs that cannot be written */
export async function runInspect(files: readonly string[], options: InspectOptions): Promise<void> {
  if (files.length > 0 && options.capture !== undefined) {
    throw new InputError({
      what: "files of tools are no machine to capture",
      where: "--capture",
      expected: "either files, or --capture of a machine",
      example: "altmap inspect --capture machine.tar",
    });
  }
  const { tree, capture } = recordedTree(files.length > 0 ? EMPTY : await openTree(options.root));
  const facts =
    files.length > 0 ? inspectTools(files.map((file) => importFile(file, undefined, false))) : inspect(tree);
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
    writeOutput(
      options.output,
      `# Read by altmap inspect from ${files.length > 0 ? files.join(", ") : options.root}\n${notes}${stringify(scenario)}`,
    );
    if (options.output === "-") return;
  }
  process.stdout.write(options.json ? `${JSON.stringify(inspectDocument(facts), null, 2)}\n` : inspectText(facts));
}
