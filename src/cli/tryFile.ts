import { stat } from "node:fs/promises";
import { InputError, nearestName } from "../errors.ts";
import { EXAMPLES } from "../hotplug/script/examples.ts";
import { scriptFromRecording } from "../hotplug/script/fromRecording.ts";
import { parseScript } from "../hotplug/script/parseScript.ts";
import type { Script } from "../hotplug/script/script.ts";
import { recordingFromRun } from "../hotplug/script/toRecording.ts";
import { parseRecording } from "../hotplug/state/recording.ts";
import { ownProfiles } from "../machine/machine.ts";
import { readWholeText } from "../recording/inputFile.ts";
import { tryDocument, tryText } from "../report/tryText.ts";
import { tryScript } from "../try.ts";

/** Nobody writes a script of this size; a recording is some 100 KB. */
const MAX_SCRIPT_BYTES = 64 * 1024 * 1024;

export interface TryFileOptions {
  readonly json?: boolean;
  readonly as?: string;
  readonly profiles?: string;
}

/**
 * Tries a script, a recording or an example.
 *
 * @returns what is printed
 * @error   InputError for a file that is neither, and as tryScript
 */
export async function tryFile(path: string, { json, as, profiles }: TryFileOptions): Promise<string> {
  if (as !== undefined && as !== "script" && as !== "recording")
    throw new InputError({ what: `--as ${as.slice(0, 40)} is unknown`, expected: "script or recording" });
  const text = await textOf(path);
  const recorded =
    /^\s*\{/.test(text) && /"steps"\s*:/.test(text) && /"initial"\s*:/.test(text) && !/"recorded"\s*:/.test(text);
  const scriptText = recorded ? scriptFromRecording(parseRecording(text, path), path) : text;
  if (as === "script") return scriptText;
  const script: Script = parseScript(scriptText, path);
  const tried = tryScript(script, ownProfiles(profiles));
  if (as === "recording") return `${JSON.stringify(recordingFromRun(tried.run), null, 1)}\n`;
  return json === true ? `${JSON.stringify(tryDocument(tried), null, 2)}\n` : tryText(tried);
}

/** A file of that name goes before an example. */
async function textOf(path: string): Promise<string> {
  const example = EXAMPLES[path];
  if (example !== undefined && (await stat(path).catch(() => undefined)) === undefined) return example;
  try {
    return await readWholeText(path, MAX_SCRIPT_BYTES, "one script", ["script", "conformance"]);
  } catch (error) {
    const near = nearestName(path, Object.keys(EXAMPLES));
    if (!(error instanceof InputError) || near === undefined) throw error;
    throw new InputError({ ...error.problem, what: `${error.problem.what}; did you mean the example ${near}?` });
  }
}
