import { InputError } from "../../errors.ts";
import { addressOf } from "../../scenario/addresses.ts";
import { validateYaml } from "../../scenario/validate.ts";
import { parseBytes } from "../../units.ts";
import { type HostRecording, parseHostRecording } from "../state/recording.ts";
import { bootRecording } from "./bootRecording.ts";
import type { Script } from "./script.ts";
import { type ScriptFile, ScriptSchema } from "./scriptSchema.ts";
import { scriptStep } from "./scriptStep.ts";

/**
 * Reads a script of `altmap try`: YAML or JSON.
 *
 * @param where what errors call the text
 * @error InputError with line and column, for bad YAML, unknown keys, bad values; naming the step for one that says no
 *        or two things
 */
export function parseScript(text: string, where = "(text)"): Script {
  const file = validateYaml(text, where, ScriptSchema);
  const { recorded } = file;
  if (recorded !== undefined) checkRecordedAlone(file, where);
  const boot: HostRecording = recorded === undefined ? bootRecording(file, where) : parseHostRecording(recorded, where);
  return {
    name: file.name,
    where,
    boot,
    isAssumed: recorded === undefined,
    whatIf: file.what_if,
    standby: file.standby && {
      startBytes: addressOf(file.standby.start, "standby.start", where) ?? 0,
      sizeBytes: parseBytes(String(file.standby.size), `${where}: standby.size`),
    },
    priced: { host: file.priced.host, device: file.priced.device },
    steps: file.steps.map((step, i) => scriptStep(step, `${where} step ${i + 1}`)),
  };
}

function checkRecordedAlone(file: ScriptFile, where: string): void {
  const beside = (["kernel", "boot", "dax"] as const).filter((key) => file[key] !== undefined);
  if (beside.length === 0) return;
  throw new InputError({
    what: `"recorded" and "${beside[0]}" both describe the machine`,
    where,
    expected: "recorded alone, or machine, kernel, boot and dax",
  });
}

/** The JSON Schema of scripts, for editors. */
export async function scriptJsonSchema(): Promise<object> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  return { title: "altmap script", ...toJsonSchema(ScriptSchema, { typeMode: "input" }) };
}
