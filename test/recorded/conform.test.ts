import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { conformRecording } from "../../src/hotplug/state/conform.ts";
import type { StateRecording } from "../../src/hotplug/state/recording.ts";
import { altmap } from "../cli/run.ts";

const folder = new URL("data/conformance/", import.meta.url);
const files = readdirSync(folder).sort();

function textOf(file: string): string {
  return gunzipSync(readFileSync(new URL(file, folder))).toString("utf8");
}

/** A recording changed in one place. */
function changed(file: string, change: (recording: StateRecording) => void): string {
  const recording = JSON.parse(textOf(file)) as StateRecording;
  change(recording);
  return JSON.stringify(recording);
}

/** Recordings in which the kernel decided for reasons that the model cannot know, and how often. */
const CONDITIONED: Readonly<Record<string, number>> = {
  "6.1-errors.json.gz": 1,
  "6.12-arm64-16k-dax-kmem.json.gz": 1,
  "6.12-arm64-4k-dax-kmem.json.gz": 1,
  "6.12-live-arm64-16k.json.gz": 7,
  "6.12-ppc64-64k.json.gz": 4,
  "6.12-live-arm64-auto-movable-cma.json.gz": 9,
  "6.12-live-arm64-boot-memory.json.gz": 6,
  "6.12-live-node0.json.gz": 12,
  "6.12-live-kernel-zone.json.gz": 1,
  "6.12-live-refused-dimms.json.gz": 1,
  "6.1-live-boot-blocks.json.gz": 10,
  "6.1-live-kernel-zone.json.gz": 1,
};

describe("recorded kernels, step by step", () => {
  it.each(files)("%s: no difference", (file) => {
    const report = conformRecording(textOf(file), file);
    expect(report.diffs).toEqual([]);
    expect(report.checks).toBeGreaterThan(20 * report.steps);
    expect(report.conditioned).toBe(CONDITIONED[file] ?? 0);
  });
});

describe("every kind of difference is found", () => {
  const afterStep = (recording: StateRecording, step: number) => recording.steps[step]!.after;
  const cases: readonly [string, (recording: StateRecording) => void, number, string][] = [
    [
      "a hot-added zone's start",
      (r) => (afterStep(r, 8).zones["1:Normal"]!.start_pfn! += 512),
      8,
      "zones.1:Normal.start_pfn",
    ],
    ["its span", (r) => (afterStep(r, 8).zones["1:Normal"]!.spanned += 512), 8, "zones.1:Normal.spanned"],
    ["its present pages", (r) => (afterStep(r, 8).zones["1:Normal"]!.present -= 1), 8, "zones.1:Normal.present"],
    ["its managed pages", (r) => (afterStep(r, 8).zones["1:Normal"]!.managed -= 1), 8, "zones.1:Normal.managed"],
    [
      "buddy counts where all is free",
      (r) => (afterStep(r, 4).zones["1:Normal"]!.buddy![10]! -= 1),
      4,
      "zones.1:Normal.buddy",
    ],
    [
      "a zone too many",
      (r) => (afterStep(r, 3).zones["1:Movable"] = { spanned: 1, present: 1, managed: 1 }),
      3,
      "zones.1:Movable",
    ],
    ["a boot zone's span", (r) => (afterStep(r, 0).zones["0:DMA32"]!.spanned += 1), 0, "zones.0:DMA32.spanned"],
    [
      "a boot zone's present pages",
      (r) => (afterStep(r, 0).zones["0:DMA32"]!.present += 1),
      0,
      "zones.0:DMA32.present",
    ],
    ["a block's state", (r) => (afterStep(r, 5).blocks["35"]!.state = "online"), 5, "blocks.35.state"],
    ["valid_zones", (r) => (afterStep(r, 5).blocks["35"]!.valid_zones = "Movable Normal"), 5, "blocks.35.valid_zones"],
    ["a missing block", (r) => delete afterStep(r, 5).blocks["34"], 5, "blocks.34.state"],
    ["MemTotal", (r) => (afterStep(r, 21).mem_total_kb += 4), 21, "mem_total_kb change"],
    ["System RAM", (r) => afterStep(r, 4).iomem_system_ram.pop(), 4, "iomem_system_ram"],
    ["node links", (r) => (afterStep(r, 4).node_blocks[14] = "0:34"), 4, "node_blocks"],
    ["an errno", (r) => (r.steps[1]!.error = null), 1, "error"],
    ["another errno", (r) => (r.steps[1]!.error = "sh: write error: Device or resource busy"), 1, "error"],
    ["an error line", (r) => (r.steps[14]!.dmesg = []), 14, "dmesg"],
    ["the block that refused", (r) => (r.steps[14]!.dmesg = ["memory memory34: Offline failed."]), 14, "dmesg"],
    ["whether an eject succeeded", (r) => Object.assign(r.steps[14]!, { still_present: false }), 14, "still_present"],
    ["another memmap_on_memory", (r) => (r.system.parameters.memmap_on_memory = "N"), 0, "zones.1:Normal.managed"],
    ["another kernel's rules", (r) => (r.kernel = "Linux 6.12.117"), 4, "zones.1:Normal.managed"],
  ];
  it.each(cases)("%s", (_name, change, step, path) => {
    const { diffs } = conformRecording(changed("6.1-random-12.json.gz", change), "changed");
    expect(diffs.map((difference) => `${difference.step} ${difference.path}`)).toContain(`${step} ${path}`);
  });

  it("a dax attribute, a driver, its resources", () => {
    const text = changed("6.12-dax-kmem-pmem.json.gz", (recording) => {
      const state = recording.steps[5]!.after["dax0.0"] as Record<string, unknown>;
      Object.assign(state, { memmap_on_memory: "0", driver: "kmem", iomem: [] });
    });
    const { diffs } = conformRecording(text, "changed");
    expect(diffs.map(({ path }) => path)).toEqual(["dax0.0.memmap_on_memory", "dax0.0.driver", "dax0.0.iomem"]);
  });

  it("ZONE_DEVICE rows, ACPI instance numbers and repeated console lines are ignored", () => {
    const text = changed("6.1-errors.json.gz", (recording) => {
      for (const step of recording.steps) {
        step.after.zones["0:Device"] = { spanned: 73728, present: 0, managed: 0 };
        step.dmesg = [...step.dmesg, ...step.dmesg].map((line) => line.replace("PNP0C80:01", "PNP0C80:0a"));
      }
    });
    expect(conformRecording(text, "changed").diffs).toEqual([]);
  });
});

describe("bad recordings", () => {
  const file = "6.1-random-12.json.gz";
  const error = (text: string): string => {
    try {
      conformRecording(text, "some/file.json");
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(InputError);
      return (thrown as InputError).message;
    }
    throw new Error("accepted");
  };

  it.each([0, 1, 100, 5000, -1])("truncated at %i: names the file", (length) => {
    expect(error(textOf(file).slice(0, length))).toMatch(/^some\/file\.json: not JSON/);
  });

  const malformed: readonly [string, (recording: StateRecording) => unknown, RegExp][] = [
    ["no steps", (r) => delete (r as Partial<StateRecording>).steps, /steps is missing/],
    [
      "no state after a step",
      (r) => delete (r.steps[3] as { after?: unknown }).after,
      /step 3: steps\.3\.after is missing/,
    ],
    [
      "an unknown operation",
      (r) => Object.assign(r.steps[2]!, { op: "explode" }),
      /step 2: steps\.2\.op is "explode"\n.*"add" or "state" or/,
    ],
    ["a negative count", (r) => (r.initial.zones["0:DMA32"]!.spanned = -1), /initial\.zones\.0:DMA32\.spanned/],
    ["an old kernel", (r) => (r.kernel = "Linux 4.19.0"), /kernel 4\.19 has no memmap_on_memory/],
    ["no kernel", (r) => (r.kernel = "FreeBSD"), /"FreeBSD" is no kernel version/],
    ["another architecture", (r) => (r.system.arch = "riscv64"), /architecture "riscv64" with pages of 4096/],
    ["pages of another size", (r) => (r.system.page_size = 65536), /"x86_64" with pages of 65536 bytes/],
    ["an impossible block size", (r) => (r.system.block_size_bytes = 64 << 20), /block_size_bytes 67108864/],
    ["a block size beyond any machine", (r) => (r.system.block_size_bytes = 2 ** 50), /at most 64 GiB/],
    ["a DIMM beyond any machine", (r) => Object.assign(r.steps[0]!, { size: 2 ** 50 }), /step 0: DIMM 1 has \d+ bytes/],
    ["no mode", (r) => (r.system.parameters.memmap_on_memory = "perhaps"), /memmap_on_memory is "perhaps"/],
    [
      "an unknown zone",
      (r) => (r.initial.zones["0:HighMem"] = r.initial.zones["0:DMA32"]!),
      /initial\.zones has "0:HighMem"/,
    ],
    ["no line of iomem", (r) => r.initial.iomem_system_ram.push("junk"), /"junk" is no line of \/proc\/iomem/],
    ["an unknown block", (r) => Object.assign(r.steps[1]!, { block: 999 }), /step 1: no memory999/],
    ["an unknown DIMM", (r) => Object.assign(r.steps[3]!, { dimm: 77 }), /step 3: no DIMM 77/],
    ["a DIMM twice", (r) => Object.assign(r.steps[7]!, { dimm: 2 }), /step 7: DIMM 2 is plugged already/],
    ["no dax device", (r) => Object.assign(r.steps[0]!, { op: "dax_bind_kmem" }), /step 0: no dax device/],
  ];
  it.each(malformed)("%s", (_name, change, message) => {
    const text = error(changed(file, change));
    expect(text).toMatch(/^some\/file\.json/);
    expect(text).toMatch(message);
  });

  it.each(["[]", "{}", "null", '"text"', "7"])("%s is no recording", (text) => {
    expect(error(text)).toMatch(/^some\/file\.json/);
  });
});

describe("altmap conform", () => {
  const path = new URL(".", folder).pathname;

  it("exits 0 and prints totals", () => {
    const run = altmap(["conform", path]);
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(new RegExp(`${files.length} of ${files.length} fixtures agree: .* 0 differences\n$`));
  });

  it("exits 1 and prints each difference as fixture step path expected actual", () => {
    const input = changed("6.1-random-12.json.gz", (recording) => {
      recording.steps[2]!.after.blocks["32"]!.state = "online";
    });
    const run = altmap(["conform", "-"], { input });
    expect(run.status).toBe(1);
    expect(run.stdout.split("\n")[0]).toBe('random-12 2 blocks.32.state "offline" "online"');
    const json = JSON.parse(altmap(["conform", "-", "--json"], { input }).stdout);
    expect(json).toMatchObject({ schema: "altmap/conform-v1", passed: 0, failed: 1 });
    expect(json.fixtures[0]).toMatchObject({
      name: "random-12",
      steps: 22,
      conditioned: 0,
      diffs: [{ step: 2, path: "blocks.32.state", expected: "offline", actual: "online" }],
    });
  });

  it.each([
    [["conform"], /missing required argument/],
    [["conform", "no/such/file.json"], /no\/such\/file\.json: no such file/],
    [["conform", new URL("../", folder).pathname], /has no \*\.json|is not a recording: name is missing/],
  ])("%j exits 2", (args, message) => {
    const run = altmap(args);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});
