import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { type ConformDocument, conformRecording, type FixtureReport } from "../hotplug/state/conform.ts";
import { readWholeText } from "../recording/inputFile.ts";

/** A recording is some 100 KB; nobody has one of this size. */
const MAX_RECORDING_BYTES = 64 * 1024 * 1024;

/**
 * Replays recordings, or all `*.json` and `*.json.gz` of folders, by name.
 *
 * @error InputError for a file that is no recording; a folder without one
 */
export async function conformFiles(paths: readonly string[]): Promise<ConformDocument> {
  const fixtures: FixtureReport[] = [];
  for (const file of (await Promise.all(paths.map(recordingsOf))).flat()) {
    fixtures.push(
      conformRecording(await readWholeText(file, MAX_RECORDING_BYTES, "one recording", ["conformance"]), file),
    );
  }
  const failed = fixtures.filter((fixture) => fixture.diffs.length > 0).length;
  return { schema: "altmap/conform-v1", passed: fixtures.length - failed, failed, fixtures };
}

async function recordingsOf(path: string): Promise<string[]> {
  const isFolder = path !== "-" && (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) return [path];
  const names = (await readdir(path)).filter((name) => /\.json(\.gz)?$/.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new InputError({ where: path, what: "the folder has no *.json", expected: "recordings of hotplug steps" });
}
