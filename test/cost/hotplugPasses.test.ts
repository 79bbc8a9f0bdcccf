// Hotplug is priced pass by pass: each with its own instructions, one after the other, the zone's walk apart.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderAnswer } from "../../src/cli/answerScenario.ts";
import { passInstructions } from "../../src/cost/instructions.ts";
import { walkedPageblocks, walkLevels } from "../../src/cost/zoneContiguous.ts";
import type { AnswerDocument, AnswerResult } from "../../src/report/answerDocument.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-passes-"));

async function resultsOf(more = ""): Promise<readonly AnswerResult[]> {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, `devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: []\n${more}\n`);
  return (JSON.parse(await renderAnswer(path, {}, "json")) as AnswerDocument).results;
}

const passesOf = ({ passes }: AnswerResult, event: string) => passes.filter((pass) => pass.event === event);
const nsOf = (result: AnswerResult, event: string) => passesOf(result, event).reduce((sum, { ns }) => sum + ns, 0);

describe("passes of an event", () => {
  it("add up to it, in both placements", async () => {
    for (const result of await resultsOf()) {
      expect(nsOf(result, "add") / result.add_ns!).toBeCloseTo(1, 6);
      expect(nsOf(result, "online_movable") / result.online_ns!).toBeCloseTo(1, 6);
      expect(nsOf(result, "offline") / result.offline_ns!).toBeCloseTo(1, 6);
      expect(passesOf(result, "online_movable").map(({ name }) => name)).toEqual([
        "init",
        "free pass",
        "undo isolation",
        "zone-contiguous walk",
        "locks, notifiers, sysfs",
      ]);
    }
  });

  it("begin with a clear of the memmap where it is allocated in DRAM and allocations are cleared", async () => {
    const clears = (results: readonly AnswerResult[]) =>
      results.map(({ passes }) => passes.find(({ name }) => name === "clear of the memmap")?.ns);
    const [dram, onMemory] = clears(await resultsOf("events: [add]"));
    expect(onMemory).toBeUndefined();
    // 1 GiB at some 10 GB/s.
    expect(dram! / 1e6).toBeGreaterThan(50);
    expect(dram! / 1e6).toBeLessThan(300);
    expect(clears(await resultsOf("events: [add]\nkernel: { init_on_alloc: off }"))).toEqual([undefined, undefined]);
  });

  it("on the memory, init waits for its lines and the free pass still executes", async () => {
    const [dram, onMemory] = await resultsOf();
    const pass = (result: AnswerResult, name: string) => result.passes.find((one) => one.name === name)!;
    expect(pass(dram!, "init").binding).toBe("core");
    expect(pass(onMemory!, "init").binding).toBe("line buffers");
    expect(pass(onMemory!, "init").ns).toBeGreaterThan(1.5 * pass(dram!, "init").ns);
    expect(pass(onMemory!, "free pass").ns / pass(dram!, "free pass").ns).toBeCloseTo(1, 1);
  });

  it("that lie between two scheduling points make the longest stretch", async () => {
    for (const result of await resultsOf("events: [add, online_movable]")) {
      const within = result.passes.filter(({ name }) => name === "free pass" || name === "undo isolation");
      const nrBlocks = 32;
      const stretch = within.reduce((sum, { ns }) => sum + ns, 0) / nrBlocks;
      expect(result.max_nonpreemptible_ns! / stretch).toBeGreaterThan(0.9);
      expect(result.max_nonpreemptible_ns! / stretch).toBeLessThan(1.1);
    }
  });

  it("run the instructions that were recorded for the whole event", () => {
    const online = (kernel: "6.1" | "6.12") =>
      (["init", "free pass", "undo isolation"] as const).reduce(
        (sum, pass) => sum + passInstructions(pass, 32_768, kernel),
        0,
      );
    expect([online("6.1"), online("6.12")]).toEqual([2_366_354, 1_966_566]);
    const offline = (kernel: "6.1" | "6.12") =>
      (["isolate", "scan", "leave zone"] as const).reduce(
        (sum, pass) => sum + passInstructions(pass, 32_768, kernel),
        0,
      );
    expect([offline("6.1"), offline("6.12")]).toEqual([3_276_685, 2_898_166]);
  });
});

describe("kernel.zone_contiguous", () => {
  it("tracked: no walk, and nothing else moves", async () => {
    const [walked, tracked] = [await resultsOf(), await resultsOf("kernel: {zone_contiguous: tracked}")];
    walked.forEach((result, i) => {
      expect(tracked[i]!.passes.map(({ name }) => name)).not.toContain("zone-contiguous walk");
      for (const pass of result.passes.filter(({ name }) => name !== "zone-contiguous walk")) {
        const same = tracked[i]!.passes.find(({ name, event }) => name === pass.name && event === pass.event)!;
        expect(same.instructions).toBe(pass.instructions);
        expect(same.ns / pass.ns).toBeGreaterThan(0.95);
        expect(same.ns / pass.ns).toBeLessThan(1.05);
      }
    });
  });

  it("walk: every version up to 7.3, and as many pageblocks as ever", async () => {
    const [result] = await resultsOf('kernel: {version: "7.3"}');
    expect(result!.passes.map(({ name }) => name)).toContain("zone-contiguous walk");
    expect(walkedPageblocks("online_movable", 100, 32_768, true, "tracked")).toBe(0);
    expect(walkedPageblocks("online_movable", 100, 32_768, true)).toBe(2 * 64 * 4950);
  });

  it("levels that serve a walk add up, and a larger LLC never sends more to memory", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.constantFrom(32_768, 524_288),
        fc.integer({ min: 2 ** 20, max: 2 ** 28 }),
        (nrBlocks, blockPages, llcBytes) => {
          const at = (bytes: number) => walkLevels(nrBlocks, blockPages, { l2Bytes: 2 ** 20, llcBytes: bytes });
          const { l2, llc, memory } = at(llcBytes);
          expect(l2 + llc + memory).toBeCloseTo(1, 9);
          for (const share of [l2, llc, memory]) expect(share).toBeGreaterThanOrEqual(0);
          expect(at(2 * llcBytes).memory).toBeLessThanOrEqual(memory + 1e-12);
        },
      ),
    );
  });
});
