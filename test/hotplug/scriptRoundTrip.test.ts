import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { scriptFromRecording } from "../../src/hotplug/script/fromRecording.ts";
import { parseScript } from "../../src/hotplug/script/parseScript.ts";
import { runSteps } from "../../src/hotplug/script/runSteps.ts";
import { recordingFromRun } from "../../src/hotplug/script/toRecording.ts";
import { compareState } from "../../src/hotplug/state/compare.ts";
import { conformRecording } from "../../src/hotplug/state/conform.ts";
import { parseRecording, type StateRecording } from "../../src/hotplug/state/recording.ts";

/** The packaged recordings, and those of a folder `../shared` beside the project where there is one. */
function recordings(): [string, StateRecording][] {
  const packaged = new URL("../recorded/data/conformance/", import.meta.url);
  const shared = new URL("../../../shared/", import.meta.url);
  const folders = existsSync(shared) ? readdirSync(shared).map((name) => new URL(`${name}/conformance/`, shared)) : [];
  return [packaged, ...folders.filter((folder) => existsSync(folder))].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.json(\.gz)?$/.test(name))
      .map((name): [string, StateRecording] => {
        const bytes = readFileSync(new URL(name, folder));
        const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
        return [name, parseRecording(text, name)];
      }),
  );
}

describe.each(recordings())("%s turned into a script", (name, recording) => {
  const text = scriptFromRecording(recording, name);
  const script = parseScript(text, name);
  const run = runSteps(script);

  it("gives the recorded states, step by step", () => {
    let before = recording.initial;
    for (const [i, step] of recording.steps.entries()) {
      const { prediction } = run.steps[i]!;
      const { differences, checks } = compareState(run.host, prediction, before, step);
      expect(differences, `step ${i}`).toEqual([]);
      expect(checks).toBeGreaterThan(5);
      before = step.after;
    }
  });

  it("and back into a recording that conforms, and is the same script again", () => {
    const back = JSON.stringify(recordingFromRun(run));
    expect(conformRecording(back, name).diffs).toEqual([]);
    expect(scriptFromRecording(parseRecording(back, name), name)).toBe(text);
  });
});
