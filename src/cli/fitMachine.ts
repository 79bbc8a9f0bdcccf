import { fitMachine } from "../advice/fit.ts";
import { InputError } from "../errors.ts";
import { inspect } from "../inspect/inspect.ts";
import { inspectedScenario } from "../inspect/toScenario.ts";
import { ownProfiles } from "../machine/machine.ts";
import { openTree } from "../node/openTree.ts";
import { fitDocument } from "../report/fit/fitDocument.ts";
import { fitText } from "../report/fit/fitText.ts";
import { writeOutput } from "../report/output.ts";
import { parseScenario } from "../scenario/scenario.ts";
import { flaggedScenario, type ScenarioFlags, withFlags } from "./scenarioFlags.ts";

interface FitFlags extends ScenarioFlags {
  readonly root?: string;
  readonly distribution?: string;
  readonly price?: string;
  readonly json?: boolean;
  readonly output?: string;
}

/** `altmap fit`. @error InputError for a bad scenario, machine or flag */
export async function runFit(path: string | undefined, flags: FitFlags): Promise<void> {
  const machine = flags.root === undefined ? undefined : await readMachine(path, flags.root, flags);
  const { scenario, own } = machine ?? flaggedScenario(path, flags);
  const distribution = flags.distribution ?? machine?.distribution;
  const result = await fitMachine(scenario, {
    own,
    distribution,
    isRunning: machine !== undefined,
    pricePerGib: priceOf(flags.price),
  });
  const toTerminal = flags.output === undefined && process.stdout.isTTY === true;
  const colour = toTerminal && !process.env["NO_COLOR"];
  writeOutput(flags.output, flags.json ? `${JSON.stringify(fitDocument(result), null, 2)}\n` : fitText(result, colour));
}

async function readMachine(path: string | undefined, root: string, flags: ScenarioFlags) {
  if (path !== undefined) {
    throw new InputError({
      what: "a scenario and --root are given",
      where: path,
      expected: "one of them",
      example: "altmap inspect --root DIR -o scenario.yaml, then altmap fit scenario.yaml",
    });
  }
  const facts = inspect(await openTree(root));
  const read = parseScenario(JSON.stringify(inspectedScenario(facts).scenario), root);
  const own = ownProfiles(flags.profiles);
  return { scenario: withFlags(read, flags, own), own, distribution: facts.kernel.distribution ?? undefined };
}

function priceOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const [dram, hotAdded] = text.split(",").map(Number);
  if (dram !== undefined && hotAdded !== undefined && dram >= 0 && hotAdded >= 0) return { dram, hotAdded };
  throw new InputError({
    where: "--price",
    what: `"${text.slice(0, 40)}" is no pair of prices`,
    expected: "what a GiB of DRAM and of hot-added memory costs",
    example: "--price 8,4",
  });
}
