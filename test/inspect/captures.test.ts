// Real machines, captured: where their memmaps lie, as MemTotal of each node against its blocks says (/proc and /sys of
// guests and a host, as altmap inspect --capture wrote them).
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commandsOf } from "../../src/advice/commands.ts";
import { planFacts } from "../../src/advice/fit.ts";
import { inspect } from "../../src/inspect/inspect.ts";
import { inspectedScenario } from "../../src/inspect/toScenario.ts";
import { openTree } from "../../src/node/openTree.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

const inspected = async (name: string) =>
  inspect(await openTree(fileURLToPath(new URL(`./data/${name}.tar.gz`, import.meta.url))));

/** Placement by node, and the MemTotal (kB) of hot-added nodes that the guest had. */
const MACHINES: Readonly<Record<string, Readonly<Record<number, "on-memory" | "dram" | null>>>> = {
  "cxl-6.12-auto-online-movable": { 0: "dram", 1: "on-memory" },
  "cxl-6.12-generic-port-hmat": { 0: "dram", 2: "on-memory" },
  "cxl-6.12-self-hosted-1g-devdax": { 0: "dram" },
  "cxl-6.12-self-hosted-1g-online": { 0: "dram", 1: "on-memory" },
  "cxl-7.3-self-hosted-1g-offline": { 0: "dram", 1: null },
  "cxl-7.3-self-hosted-1g-online": { 0: "dram", 1: "on-memory" },
  "hmat-6.12-three-nodes": { 0: "dram", 1: "dram", 2: "on-memory" },
  "host-6.18": { 0: "dram" },
  "qemu-6.1-1536m-no-hot-memory": { 0: "dram" },
  "qemu-6.12-1536m-no-hot-memory": { 0: "dram" },
  "qemu-6.12-self-hosted-128m-and-512m": { 0: "dram", 1: "on-memory" },
};

describe("captured machines", () => {
  it.each(Object.entries(MACHINES))("%s", async (name, placements) => {
    const facts = await inspected(name);
    expect(Object.fromEntries(facts.nodes.map(({ node, finding }) => [node, finding.placement]))).toEqual(placements);
    for (const { finding, totalBytes, onlineBlocks } of facts.nodes) {
      if (finding.placement !== "on-memory") continue;
      // 63 of 64 pages of each block.
      expect(totalBytes).toBe((onlineBlocks * facts.memoryBlockBytes! * 63) / 64);
    }
    const scenario = parseScenario(JSON.stringify(inspectedScenario(facts).scenario));
    const { plans, room } = planFacts(scenario, { hosts: [], devices: [] });
    expect(plans.length).toBeGreaterThan(0);
    expect(room.isStated).toBe(true);
  });

  it.each([
    "cxl-6.12-auto-online-movable",
    "cxl-6.12-generic-port-hmat",
  ])("%s has the MemTotal that fit's check promises, with every block online", async (name) => {
    const facts = await inspected(name);
    const scenario = parseScenario(JSON.stringify(inspectedScenario(facts).scenario));
    const { check } = commandsOf(planFacts(scenario, { hosts: [], devices: [] }), {});
    const hot = facts.nodes.find(({ finding }) => finding.hotAddedBlocks > 0)!;
    expect(check).toContainEqual(
      expect.objectContaining({
        command: `grep MemTotal /sys/devices/system/node/node${hot.node}/meminfo`,
        why: `${hot.totalBytes! / 1024} kB`,
      }),
    );
  });
});
