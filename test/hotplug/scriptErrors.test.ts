import { describe, expect, it } from "vitest";
import { parseScript } from "../../src/hotplug/script/parseScript.ts";
import { runSteps, type ScriptRun } from "../../src/hotplug/script/runSteps.ts";

const run = (text: string): ScriptRun => runSteps(parseScript(text, "t.yaml"));
const MACHINE = "machine: { nodes: [{ id: 0, memory: 4GiB }, { id: 1 }], memory_block: 128MiB }\n";
const PLUG = "plug: { dimm: d1, size: 512MiB, start: 0x200000000, node: 1 }";

describe("bad input", () => {
  it.each([
    ["an unknown block", "write: { file: memory99/state, value: online }", /no memory99 on this machine/],
    ["an unknown DIMM", "eject: d9", /no DIMM d9 is plugged/],
    ["an unknown dax device", "bind: dax1.0", /no dax device dax1\.0/],
    ["a file that is none", "write: { file: memory64/status, value: online }", /no file "memory64\/status"/],
    ["a chunk that does not exist", `${PLUG}, fail: { stage: altmap, chunk: 4 }`, /a fault at chunk 4, which does not/],
    ["a fault in a step that adds nothing", "eject: d1, fail: { stage: altmap }", /a fault strikes an add/],
    [
      "a stage that is not come to",
      `${PLUG}, fail: { stage: online }`,
      /the fault at online struck nothing: the step su/,
    ],
    [
      "an event that is not sent",
      `${PLUG}, veto: { event: MEM_GOING_OFFLINE }`,
      /the veto of MEM_GOING_OFFLINE struck/,
    ],
    ["no action", "signal: true", /the step does nothing/],
    ["two actions", `${PLUG}, eject: d1`, /several things: plug, eject/],
    ["a signal to the kernel", `${PLUG}, signal: true`, /nobody is there to take a signal/],
    ["a lock of another file", "write: { file: memory0/state, value: online }, during: bind", /during is about/],
    ["no address", "plug: { dimm: d1, size: 1GiB }", /plug has no start/],
    ["more than there is", "plug: { dimm: d1, size: 17TiB, start: 0x200000000, node: 1 }", /DIMM d1 has/],
    ["a range that is a BUG()", "remove: { start: 8GiB, size: 1MiB }", /is no whole memory blocks/],
    ["pages of an offline block", `${PLUG} }, { use: { block: 64, pinned_pages: 1 }`, /memory64 is offline, so nobody/],
    ["a zone that is not hot-added", `${PLUG}, meets: { free: { "0:Normal": 5 } }`, /meets\.free names 0:Normal/],
    [
      "a slip of the pen",
      "plugg: { dimm: d1 }",
      /unknown key "steps\.0\.plugg"; did you mean "steps\.0\.plug"|did you mean "plug"/,
    ],
  ])("%s", (_, step, message) => {
    expect(() => run(`${MACHINE}steps: [{ ${step} }]`)).toThrow(message);
  });

  it.each([
    ["standby memory elsewhere", "standby: { start: 4GiB, size: 1GiB }", /standby memory is s390's/],
    [
      "a parameter that the kernel refuses",
      "boot: memory_hotplug.memmap_on_memory=maybe",
      /boot parameter memory_hotplug/,
    ],
    ["a default state that is none", "boot: memhp_default_state=on", /boot parameter memhp_default_state=on/],
    ["two machines", 'kernel: "6.12"\nrecorded: { kernel: "6.12" }', /both describe the machine/],
    ["half a recording", 'recorded: { kernel: "6.12" }', /system is missing/],
    ["a kernel without the feature", 'kernel: "5.10"', /kernel 5\.10 has no memmap_on_memory/],
    ["no memory", "machine: { nodes: [{ id: 0 }] }", /boot memory of 0 bytes/],
  ])("%s", (_, head, message) => {
    expect(() => run(head)).toThrow(message);
  });
});
