import { describe, expect, it } from "vitest";
import { EXAMPLES } from "../../src/hotplug/script/examples.ts";
import { parseScript } from "../../src/hotplug/script/parseScript.ts";
import { runSteps, type ScriptRun } from "../../src/hotplug/script/runSteps.ts";

const run = (text: string): ScriptRun => runSteps(parseScript(text, "t.yaml"));
const example = (name: string): ScriptRun => run(EXAMPLES[name] ?? "");
/** What each step returned; the errno of add_memory() where its caller keeps it. */
const errnos = ({ steps }: ScriptRun) => steps.map(({ prediction, addErrno }) => prediction.errno ?? addErrno ?? null);
const stateOf = ({ steps }: ScriptRun, step: number) => JSON.stringify(steps[step]?.prediction.state);
const MACHINE = "machine: { nodes: [{ id: 0, memory: 4GiB }, { id: 1 }], memory_block: 128MiB }\n";
const PLUG = "plug: { dimm: d1, size: 512MiB, start: 0x200000000, node: 1 }";

describe("the examples", () => {
  it("chunk-fails: nothing is left, and the retry succeeds", () => {
    const tried = example("chunk-fails");
    expect(errnos(tried)).toEqual(["ENOMEM", null, null]);
    expect(stateOf(tried, 0)).toBe(JSON.stringify(tried.initial));
    expect(tried.steps[0]?.use).toEqual(tried.initialUse);
    expect(tried.steps[2]?.changed.selfHosted).toEqual([64, 65, 66, 67, 68, 69, 70, 71]);
  });

  it("mixed-range: refused as one, removed as it came", () => {
    const tried = example("mixed-range");
    expect(errnos(tried)).toEqual([null, null, "EINVAL", null, null]);
    expect(stateOf(tried, 2)).toBe(stateOf(tried, 1));
    expect(stateOf(tried, 4)).toBe(JSON.stringify(tried.initial));
  });

  it("online-fails: the add succeeds, the walk stops at the block", () => {
    const tried = example("online-fails");
    expect(errnos(tried)).toEqual([null, null, null, null]);
    const [first] = tried.steps;
    expect(first?.changed).toMatchObject({ added: [64, 65, 66, 67], online: [64, 65] });
    expect(first?.events.map(({ event }) => event).slice(-3)).toEqual([
      "MEM_GOING_ONLINE",
      "MEM_CANCEL_ONLINE",
      "MEM_FINISH_OFFLINE",
    ]);
    expect(stateOf(tried, 3)).toBe(JSON.stringify(tried.initial));
  });

  it("prepare-vetoed: told with the altmap apart, nothing else happens", () => {
    const tried = example("prepare-vetoed");
    expect(errnos(tried)).toEqual(["EPERM", null, null]);
    expect(tried.steps[0]?.events).toEqual([
      {
        event: "MEM_PREPARE_ONLINE",
        startPfn: 0x100400,
        nrPages: 65536 - 1024,
        altmapStartPfn: 0x100000,
        altmapNrPages: 1024,
      },
    ]);
    expect(stateOf(tried, 0)).toBe(JSON.stringify(tried.initial));
    expect(stateOf(tried, 2)).toBe(JSON.stringify(tried.initial));
  });

  it("knob-while-bound: the errors in the order in which the kernel finds them", () => {
    const tried = example("knob-while-bound");
    expect(errnos(tried)).toEqual(["EINVAL", "EINTR", "EBUSY", null, null, "EBUSY", null, "EACCES", null, null]);
    expect(tried.steps[4]?.changed.selfHosted).toEqual([33, 34]);
  });

  it("kmem-or-daxctl: daxctl looks at the policy, kmem does not; a driver unbound by hand leaves the memory", () => {
    const tried = example("kmem-or-daxctl");
    expect(errnos(tried)).toEqual(["EBUSY", null, null]);
    expect(tried.steps[1]?.changed.online).toHaveLength(8);
    expect(tried.steps[2]?.changed.removed).toEqual([]);
    expect(tried.steps[2]?.prediction.errorLines.join("\n")).toMatch(/cannot be hotremoved until the next reboot/);
  });

  it("endless-offline: a signal ends it, without one every later step waits; an older kernel refuses", () => {
    const tried = example("endless-offline");
    expect(errnos(tried)).toEqual([null, null, null, "EINTR", null, null]);
    expect(tried.steps[4]?.prediction.endless).toMatch(/single slab pages of count 0/);
    expect(tried.steps[4]?.prediction.state.blocks["64"]?.state).toBe("going-offline");
    expect(tried.steps[5]?.prediction.waits).toBe(true);
    const older = run((EXAMPLES["endless-offline"] ?? "").replace('"6.18"', '"6.12"'));
    expect(errnos(older).slice(3)).toEqual(["EBUSY", "EBUSY", null]);
    expect(older.steps[5]?.prediction.stillPresent).toBe(true);
  });
});

describe("faults and vetoes", () => {
  it.each([
    ["node", 3],
    ["altmap", 0],
    ["arch-add", 2],
    ["block-device", 3],
  ])("%s at chunk %d leaves nothing", (stage, chunk) => {
    const tried = run(`${MACHINE}steps: [{ ${PLUG}, fail: { stage: ${stage}, chunk: ${chunk}, errno: EIO } }]`);
    expect(errnos(tried)).toEqual(["EIO"]);
    expect(stateOf(tried, 0)).toBe(JSON.stringify(tried.initial));
  });

  it("a veto of MEM_GOING_OFFLINE keeps the block as it was", () => {
    const offline =
      "{ write: { file: memory64/state, value: offline }, veto: { event: MEM_GOING_OFFLINE, errno: EBUSY } }";
    const tried = run(
      `${MACHINE}steps: [{ ${PLUG} }, { write: { file: memory64/state, value: online_movable } }, ${offline}]`,
    );
    expect(errnos(tried)).toEqual([null, null, "EBUSY"]);
    expect(stateOf(tried, 2)).toBe(stateOf(tried, 1));
  });

  it("pages that never move: a signal ends the offline; an eject takes none, and never ends", () => {
    const steps = `{ ${PLUG} }, { write: { file: memory64/state, value: online_movable } }, { use: { block: 64, pinned_pages: 1 } }`;
    const offline = "{ write: { file: memory64/state, value: offline }, signal: true }";
    const tried = run(
      `${MACHINE}steps: [${steps}, ${offline}, { eject: d1 }, { write: { file: auto_online_blocks, value: online } }]`,
    );
    expect(errnos(tried)).toEqual([null, null, null, "EINTR", null, null]);
    expect(tried.steps[4]?.prediction.endless).toMatch(/1 pages cannot be moved/);
    expect(tried.steps[5]?.prediction.waits).toBe(false);
  });
});

describe("drivers and policies that no recording has", () => {
  it("memory is held before it is online", () => {
    const boot = "boot: memory_hotplug.memmap_on_memory=N\n";
    const tried = run(
      `${MACHINE}${boot}steps: [{ ${PLUG} }, { write: { file: memory64/state, value: online_movable } }, { eject: d1 }]`,
    );
    expect(tried.steps.map(({ use }) => use.dramMemmapBytes)).toEqual([8 << 20, 8 << 20, 0]);
  });

  it("policies are files, and bad words are -EINVAL", () => {
    const write = (file: string, value: string) => `{ write: { file: ${file}, value: "${value}" } }`;
    const steps = [
      write("auto_online_blocks", "online_movable"),
      write("/sys/module/memory_hotplug/parameters/online_policy", "auto-movable"),
      write("auto_movable_ratio", "-1"),
      write("auto_movable_ratio", "50"),
      write("auto_movable_numa_aware", "maybe"),
      write("online_policy", "movable"),
      `{ ${PLUG} }`,
    ];
    const tried = run(`${MACHINE}steps: [${steps.join(", ")}]`);
    expect(errnos(tried)).toEqual([null, null, "EINVAL", null, "EINVAL", "EINVAL", null]);
    expect(tried.steps[6]?.prediction.state.blocks["64"]?.valid_zones).toBe("Movable");
  });

  it("s390 from 6.19 configures block by block, its memmap where the block's own file says", () => {
    const write = (file: string, value: string) =>
      `{ write: { file: firmware/memory/memory32/${file}, value: ${value} } }`;
    const steps = [
      write("memmap_on_memory", "1"),
      write("config", "1"),
      write("memmap_on_memory", "0"),
      write("config", "0"),
    ];
    const head = `kernel: "6.19"\nmachine: { arch: s390 }\nstandby: { start: 4GiB, size: 512MiB }\n`;
    const tried = run(`${head}steps: [${steps.join(", ")}]`);
    expect(errnos(tried)).toEqual([null, null, "EBUSY", null]);
    expect(tried.steps[1]?.changed.selfHosted).toEqual([32]);
    expect(tried.steps.flatMap(({ events }) => events)).toEqual([]);
  });

  it("virtio-mem, probe, remove with offline", () => {
    const steps = [
      "{ add: { driver: virtio-mem, start: 0x200000000, size: 256MiB, node: 1, unit: 256MiB } }",
      "{ write: { file: memory64/state, value: online_movable } }",
      "{ remove: { start: 0x200000000, size: 256MiB } }",
      "{ remove: { start: 0x200000000, size: 256MiB, offline: true } }",
      '{ write: { file: probe, value: "0x200000000" } }',
    ];
    const tried = run(`${MACHINE}steps: [${steps.join(", ")}]`);
    expect(errnos(tried)).toEqual([null, null, "EBUSY", null, null]);
    expect(tried.steps[0]?.changed.selfHosted).toEqual([]);
  });

  it("what if the flag overrode the parameter, and the parameter could be written", () => {
    const add = (start: string) => `{ add: { driver: direct, start: ${start}, size: 128MiB, node: 1 } }`;
    const off = `kernel: "6.1"\nboot: memory_hotplug.memmap_on_memory=N\n${MACHINE}`;
    const write = "{ write: { file: memory_hotplug/memmap_on_memory, value: Y } }";
    const steps = `steps: [${add("8GiB")}, ${write}, ${add("9GiB")}]`;
    expect(errnos(run(`${off}${steps}`))).toEqual(["EINVAL", "EACCES", "EINVAL"]);
    expect(errnos(run(`${off}what_if: [flag-overrides-parameter]\n${steps}`))).toEqual([null, "EACCES", null]);
    expect(errnos(run(`${off}what_if: [writable-parameter]\n${steps}`))).toEqual(["EINVAL", null, null]);
  });
});

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
