/** One guest and its steps: drawn from a seed and predicted by the model, or taken from a recording. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareSteps, type Difference } from "./compare.ts";
import { drawMachine, StepGenerator } from "./draw.ts";
import type { Fixture, Operation, Step } from "./fixture.ts";
import { type KernelLine, type KernelPackage, parseKernelLine } from "./kernels.ts";
import type { BootOptions } from "./machine.ts";
import { EndlessOffline } from "./operations.ts";
import { predictorFor } from "./predict.ts";
import { Random } from "./random.ts";
import { Recorder } from "./recorder.ts";

/** What `ndctl create-namespace -m devdax -M mem` keeps for itself at the start of the region. */
const NAMESPACE_HEADER_BYTES = 2 << 20;

export interface SequenceResult {
  readonly name: string;
  readonly kernel: string;
  /** Memory, nodes and command line, for the report. */
  readonly machine: string;
  readonly steps: number;
  readonly conditioned: number;
  readonly differences: readonly Difference[];
  /** The guest or QEMU gave up. */
  readonly failure?: string;
  /** An offline that did not end, which ended the sequence: the kernel's doing, and no difference. */
  readonly endless?: string;
  readonly fixture: Fixture | undefined;
}

/** What a run has found so far; it stays when the guest gives up. */
interface Tally {
  readonly differences: Difference[];
  conditioned: number;
}

type StepLoop = (recorder: Recorder, tally: Tally) => Promise<void>;

function describe({ boot_memory, cpuless_node1, nvdimmBytes, cmdline }: BootOptions): string {
  return `${boot_memory}, ${cpuless_node1 ? 2 : 1} nodes${nvdimmBytes === undefined ? "" : ", dax0.0"}; ${cmdline}`;
}

/** On a busy host an emulated device can be too late for a booting kernel; that says nothing about hotplug. */
async function bootTwice(kernel: KernelPackage, boot: BootOptions): Promise<Recorder> {
  try {
    return await Recorder.boot(kernel, boot);
  } catch (error) {
    process.stderr.write(`live kernel suite: booting ${kernel.release} again after: ${(error as Error).message}\n`);
    return Recorder.boot(kernel, boot);
  }
}

async function run(name: string, kernel: KernelPackage, boot: BootOptions, loop: StepLoop): Promise<SequenceResult> {
  let recorder: Recorder | undefined;
  const tally: Tally = { differences: [], conditioned: 0 };
  let failure: string | undefined;
  let endless: string | undefined;
  try {
    recorder = await bootTwice(kernel, boot);
    await loop(recorder, tally);
  } catch (error) {
    if (error instanceof EndlessOffline) endless = error.message;
    else failure = error instanceof Error ? error.message : String(error);
  } finally {
    await recorder?.stop();
  }
  return {
    name,
    kernel: recorder?.kernel ?? kernel.release,
    machine: describe(boot),
    steps: recorder?.steps.length ?? 0,
    conditioned: tally.conditioned,
    differences: tally.differences,
    ...(failure !== undefined && { failure }),
    ...(endless !== undefined && { endless }),
    fixture: recorder?.fixture(name),
  };
}

/** Draws, predicts, executes and compares; ends at the first step that differs, since the rest would follow from it. */
export function runRandom(kernel: KernelPackage, seed: number, steps: number): Promise<SequenceResult> {
  const random = new Random(seed);
  const { boot, deviceBase } = drawMachine(random, kernel);
  const name = `live-${kernel.line}-${seed}`;
  return run(name, kernel, boot, async (recorder, tally) => {
    const { system, initial } = recorder;
    const generator = new StepGenerator(random, system, initial, deviceBase);
    const predictor = predictorFor(recorder.fixture(name));
    for (let index = 0; index < steps && tally.differences.length === 0; index++) {
      const operation = generator.next();
      predictor.predict(operation);
      const step = await recorder.step(operation);
      const verdict = predictor.compare(step);
      if (verdict.conditioned) tally.conditioned++;
      tally.differences.push(...verdict.differences);
      generator.observe(step);
    }
  });
}

/** What is to be done, without what became of it; a recorded address is asked for again. */
function operationOf(step: Step): Operation {
  const { error: _error, dmesg: _dmesg, after: _after, still_present: _present, ...operation } = step;
  return operation;
}

export function kernelLineOf(fixture: Fixture): KernelLine | undefined {
  const line = /^Linux (\d+\.\d+)\..*x86_64/.exec(fixture.kernel)?.[1];
  return line === undefined ? undefined : parseKernelLine(line);
}

/** Repeats a recording's steps on the kernel and compares with the recording: no model is involved. */
export function runReplay(kernel: KernelPackage, recorded: Fixture): Promise<SequenceResult> {
  const { boot_memory, cmdline, cpuless_node1, cpus } = recorded.system;
  const dax = recorded.system["dax0.0"];
  const boot = {
    boot_memory,
    cmdline,
    cpuless_node1,
    cpus,
    ...(dax && { nvdimmBytes: Number(dax.size) + NAMESPACE_HEADER_BYTES }),
  };
  return run(`replay-${recorded.name}`, kernel, boot, async (recorder, tally) => {
    for (const [index, expected] of recorded.steps.entries()) {
      const step = await recorder.step(operationOf(expected));
      const actual = { initial: recorder.initial, step };
      tally.differences.push(...compareSteps(index, { initial: recorded.initial, step: expected }, actual));
    }
  });
}

/** @returns the file */
export function saveFixture(directory: string, fixture: Fixture): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${fixture.name}.json`);
  writeFileSync(path, `${JSON.stringify(fixture, null, 1)}\n`);
  return path;
}
