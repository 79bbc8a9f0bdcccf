import { describe, expect, it } from "vitest";
import { EXAMPLES } from "../../src/hotplug/script/examples.ts";
import { parseScript } from "../../src/hotplug/script/parseScript.ts";
import { runSteps, type ScriptRun } from "../../src/hotplug/script/runSteps.ts";
import { recordingFromRun } from "../../src/hotplug/script/toRecording.ts";
import { conformRecording } from "../../src/hotplug/state/conform.ts";

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

describe("an offline that a recording says never ended", () => {
  const script = (kernel: string) =>
    `kernel: "${kernel}"\n${MACHINE}steps: [{ ${PLUG} }, { write: { file: memory64/state, value: online_kernel }, meets: { free: { "1:Normal": 32000 } } }, { write: { file: memory64/state, value: offline }, meets: { endless: true } }]`;

  it("is a third outcome of a step that depends on what the kernel keeps there", () => {
    const tried = run(script("6.18"));
    const last = tried.steps[2]?.prediction;
    expect([last?.conditioned, last?.errno]).toEqual(["kernel zone in use", null]);
    expect(last?.endless).toMatch(/test_pages_isolated\(\) fails for ever/);
    const recording = JSON.stringify(recordingFromRun(tried));
    expect(recording).toContain('"endless":true');
    expect(conformRecording(recording, "t.json")).toMatchObject({ diffs: [], conditioned: 1 });
  });

  it("is a difference where the kernel has no such pages", () => {
    const recording = JSON.stringify(recordingFromRun(run(script("6.18")))).replaceAll("Linux 6.18", "Linux 6.12");
    const { diffs } = conformRecording(recording, "t.json");
    expect(diffs.map(({ path }) => path)).toContain("endless");
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
