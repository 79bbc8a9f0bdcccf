import { InputError } from "../../errors.ts";
import type { AddStage, EventRecord, Hooks, HotplugMachine } from "../state/machine.ts";
import type { Errno } from "../state/memoryBlock.ts";
import type { Fault, ScriptStep, Veto } from "./script.ts";

const HOOK_STAGES: Readonly<Record<Exclude<Fault["stage"], "online">, AddStage>> = {
  node: "tryOnlineNode",
  altmap: "altmap",
  "arch-add": "archAddMemory",
  "block-device": "memoryBlockDevice",
};

/** The faults and vetoes of the step that is being done; each strikes once. */
export class Faults {
  readonly hooks: Hooks;
  #fault: { readonly stage: Fault["stage"]; readonly blockId: number; readonly errno: Errno } | undefined;
  #veto: (Veto & { readonly firstBlockId: number }) | undefined;
  #blockPages = 1;

  constructor() {
    this.hooks = { failAdd: (stage, id) => this.#failAdd(stage, id), notify: (record) => this.#notify(record) };
  }

  /**
   * Takes up what strikes a step.
   *
   * @param blocks what the step works on: its first block, and how many
   * @error InputError for a chunk that the step does not have
   */
  arm(machine: HotplugMachine, step: ScriptStep, blocks: { readonly first: number; readonly count: number }): void {
    this.#blockPages = machine.blockPages;
    const check = (chunk: number | undefined, what: string): number => {
      if (chunk === undefined || chunk < blocks.count) return blocks.first + (chunk ?? 0);
      const chunks =
        blocks.count === 1
          ? "one memory block, chunk 0"
          : `${blocks.count} memory blocks, chunks 0 to ${blocks.count - 1}`;
      throw new InputError({
        what: `${what} at chunk ${chunk}, which does not exist`,
        where: step.where,
        expected: blocks.count === 0 ? "a step that works on whole memory blocks" : chunks,
      });
    };
    const { fail, veto } = step;
    this.#fault = fail && { stage: fail.stage, blockId: check(fail.chunk, "a fault"), errno: fail.errno };
    this.#veto = veto && { ...veto, firstBlockId: check(veto.chunk, "a veto") };
  }

  /** @error InputError when something was to strike and nothing came by */
  disarm(step: ScriptStep, why: string): void {
    const [fault, veto] = [this.#fault, this.#veto];
    this.#fault = undefined;
    this.#veto = undefined;
    if (fault !== undefined) {
      throw new InputError({
        what: `the fault at ${fault.stage} struck nothing: ${why}`,
        where: step.where,
        expected:
          "a stage that the step comes to: altmap only where the memmap lies on the memory, online only where blocks go online",
      });
    }
    if (veto !== undefined) {
      throw new InputError({
        what: `the veto of ${veto.event} struck nothing: ${why}`,
        where: step.where,
        expected: "an event that this kernel sends in this step",
      });
    }
  }

  #failAdd(stage: AddStage, blockId: number): Errno | undefined {
    const fault = this.#fault;
    if (fault === undefined || fault.stage === "online" || HOOK_STAGES[fault.stage] !== stage) return undefined;
    // A node comes with the range, whichever block the fault names.
    if (stage !== "tryOnlineNode" && blockId !== fault.blockId) return undefined;
    this.#fault = undefined;
    return fault.errno;
  }

  #notify({ event, startPfn }: EventRecord): Errno | undefined {
    const blockId = Math.floor(startPfn / this.#blockPages);
    const fault = this.#fault;
    // Onlining fails in a notifier: page_ext, KASAN, SLUB allocate what a node needs at MEM_GOING_ONLINE.
    if (fault?.stage === "online" && event === "MEM_GOING_ONLINE" && blockId === fault.blockId) {
      this.#fault = undefined;
      return fault.errno;
    }
    const veto = this.#veto;
    if (veto === undefined || veto.event !== event) return undefined;
    if (veto.chunk !== undefined && veto.firstBlockId !== blockId) return undefined;
    this.#veto = undefined;
    return veto.errno;
  }
}
