/** Scripts of `altmap try` on a guest: predicted whole before its first step, then done there, and compared. */
import { EXAMPLES } from "../../src/hotplug/script/examples.ts";
import { parseScript } from "../../src/hotplug/script/parseScript.ts";
import { runSteps } from "../../src/hotplug/script/runSteps.ts";
import type { Script, ScriptStep } from "../../src/hotplug/script/script.ts";
import type { Action } from "../../src/hotplug/state/action.ts";
import { compareState } from "../../src/hotplug/state/compare.ts";
import { parseHostRecording, parseRecording, type RecordedStep } from "../../src/hotplug/state/recording.ts";
import type { Difference } from "./compare.ts";
import type { Operation } from "./fixture.ts";
import { captureState } from "./operations.ts";
import { Recorder } from "./recorder.ts";
import type { SequenceResult } from "./sequence.ts";

type Kernel = Parameters<typeof Recorder.boot>[0];

/** What `ndctl create-namespace -m devdax -M mem` keeps for itself, before the 400556032 bytes of the examples' dax0.0. */
const NVDIMM_BYTES = 400556032 + (2 << 20);

/** Policies, the parameter, an eject: files that no recording writes to. */
const POLICIES = `
name: policies
steps:
  - write: { file: auto_movable_ratio, value: junk }
  - write: { file: online_policy, value: movable }
  - write: { file: auto_movable_numa_aware, value: maybe }
  - write: { file: auto_online_blocks, value: sometimes }
  - write: { file: memory_hotplug/parameters/memmap_on_memory, value: Y }
  - write: { file: auto_online_blocks, value: online_movable }
  - plug: { dimm: 1, size: 256MiB, start: 0x140000000, node: 0 }
  - write: { file: memory40/state, value: online_movable }
  - write: { file: memory40/state, value: offline }
  - write: { file: memory40/state, value: offline }
  - eject: 1
  - write: { file: auto_online_blocks, value: online }
  - write: { file: online_policy, value: auto-movable }
  - write: { file: auto_movable_ratio, value: 1 }
  - write: { file: auto_movable_ratio, value: 400 }
  - plug: { dimm: 2, size: 256MiB, start: 0x140000000, node: 0 }
  - eject: 2
`;

const MODULE = "/sys/module/memory_hotplug/parameters";

/** The file that a step writes to, where recordings have no word for it. */
function fileOf(action: Action): { path: string; value: string } | undefined {
  if (action.op === "parameter") return { path: `${MODULE}/memmap_on_memory`, value: action.value };
  if (action.op !== "policy") return undefined;
  const { file, value } = action;
  return { path: file === "auto_online_blocks" ? `/sys/devices/system/memory/${file}` : `${MODULE}/${file}`, value };
}

/** Without what a guest cannot be made to do: faults, vetoes, signals in the middle. */
function feasible({ fail, veto, told }: ScriptStep): boolean {
  return fail === undefined && veto === undefined && told.signal === undefined && told.during === undefined;
}

async function doStep(recorder: Recorder, action: Action): Promise<RecordedStep> {
  const file = fileOf(action);
  if (file === undefined) return (await recorder.step(action as Operation)) as unknown as RecordedStep;
  const { shell } = recorder.machine;
  const said = (await shell.run(`echo '${file.value}' > ${file.path}`)).trim();
  const dmesg = (await shell.run("dmesg -c")).split("\n").filter((line) => line !== "");
  // Compared as a write is; what was written to is told apart by the script alone.
  const written = { op: "state", block: 0, to: file.value, error: said === "" ? null : said, dmesg };
  return { ...written, after: await captureState(recorder.machine) } as unknown as RecordedStep;
}

/** Runs the scripts that this kernel can do on one guest, as one sequence of the live suite. */
export async function checkScripts(kernel: Kernel): Promise<SequenceResult> {
  const boot = {
    boot_memory: "1536M",
    cmdline: "memory_hotplug.memmap_on_memory=1 memhp_default_state=offline",
    cpuless_node1: false,
    cpus: 1,
    nvdimmBytes: NVDIMM_BYTES,
  };
  const differences: Difference[] = [];
  let steps = 0;
  let failure: string | undefined;
  let recorder: Recorder | undefined;
  try {
    recorder = await Recorder.boot(kernel, boot);
    const machine = parseHostRecording(JSON.parse(JSON.stringify(recorder.fixture("scripts"))), "guest");
    const texts = [EXAMPLES["knob-while-bound"] ?? "", POLICIES].map((text) => parseScript(text));
    const script: Script = {
      ...texts[0]!,
      boot: machine,
      steps: texts.flatMap((text) => text.steps).filter(feasible),
    };
    const run = runSteps(script);
    let before = machine.initial;
    for (const [i, { step, prediction }] of run.steps.entries()) {
      const done = await doStep(recorder, step.action);
      const [outcome] = parseRecording(
        JSON.stringify({ ...recorder.fixture("scripts"), steps: [done] }),
        step.words,
      ).steps;
      const found = compareState(run.host, prediction, before, outcome!).differences;
      differences.push(...found.map((one) => ({ step: i, ...one, path: `${step.words}: ${one.path}` })));
      before = outcome!.after;
      steps++;
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    await recorder?.stop();
  }
  return {
    name: `scripts-${kernel.line}`,
    kernel: recorder?.kernel ?? kernel.release,
    machine: `altmap try on a guest, ${boot.cmdline}`,
    steps,
    conditioned: 0,
    differences,
    ...(failure !== undefined && { failure }),
    fixture: undefined,
  };
}
