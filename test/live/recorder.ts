import type { Fixture, Operation, State, Step, System } from "./fixture.ts";
import type { KernelPackage } from "./kernels.ts";
import { type BootOptions, Machine } from "./machine.ts";
import { captureState, runStep } from "./operations.ts";
import { parseSystem } from "./state.ts";

/** A booted guest and everything recorded of it so far. */
export class Recorder {
  readonly machine: Machine;
  readonly kernel: string;
  readonly system: System;
  readonly initial: State;
  readonly steps: Step[] = [];

  private constructor(machine: Machine, kernel: string, system: System, initial: State) {
    this.machine = machine;
    this.kernel = kernel;
    this.system = system;
    this.initial = initial;
  }

  static async boot(kernel: KernelPackage, boot: BootOptions): Promise<Recorder> {
    const machine = await Machine.start(kernel, boot);
    try {
      const described = parseSystem(await machine.shell.run("system"), machine.qmp.version);
      const { nvdimmBytes: _, ...settings } = boot;
      const initial = await captureState(machine);
      return new Recorder(machine, described.kernel, { ...settings, ...described.facts }, initial);
    } catch (error) {
      await machine.stop();
      throw error;
    }
  }

  async step(operation: Operation): Promise<Step> {
    const step = await runStep(this.machine, operation);
    this.steps.push(step);
    return step;
  }

  fixture(name: string): Fixture {
    return { name, kernel: this.kernel, system: this.system, initial: this.initial, steps: this.steps };
  }

  stop(): Promise<void> {
    return this.machine.stop();
  }
}
