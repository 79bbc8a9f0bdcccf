// Offline of blocks in use beside idle ones, and struct pages that were written to prove the counts.
import { expect, it } from "vitest";
import { answer } from "../../src/answer.ts";
import { materialise } from "../../src/count/hotplug/materialise.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { prepare, simulate } from "../../src/simulate.ts";

const scenarioOf = (policy: string) =>
  parseScenario(
    `{ devices: [{ id: cxl-samsung-mxp-genoa, capacity: 512MiB }], machine: { memory_block: 128MiB }, policy: { ${policy} }, workloads: [{ recording: wl_fault_64m_x2 }] }`,
  );

it("takes what an idle offline takes, and a migration for each page in use", async () => {
  const documents = await Promise.all(
    ["blocks_in_use: 0", "blocks_in_use: 0.5", ""].map((policy) => answer(scenarioOf(policy))),
  );
  const [idle, half, full] = documents.map(({ results }) => results);
  full?.forEach((result, i) => {
    const pages = (result.device_usable_bytes ?? 0) / 4096;
    const migration = result.operations.find(({ name }) => name.startsWith("migrate a page"));
    const each = result.placement === "dram" ? migration?.whole_dram_ns : migration?.whole_on_memory_ns;
    expect(idle?.[i]?.offline_in_use_ns).toBe(result.offline_ns);
    expect(result.blocks_in_use_ratio).toBe(1);
    const extra = (result.offline_in_use_ns ?? 0) - (result.offline_ns ?? 0);
    expect(extra / (pages * (each ?? 0))).toBeCloseTo(1, 2);
    expect(half?.[i]?.offline_in_use_ns).toBeCloseTo((result.offline_ns ?? 0) + extra / 2, -3);
  });
});

it("writes every struct page in both placements, and finds counts that are not theirs", async () => {
  const scenario = scenarioOf("");
  const { life, plans, counting } = prepare(scenario, { hosts: [], devices: [] });
  const { devices, materialised } = await simulate(scenario, { materialise: true });
  expect(materialised).toBe((2 * 2 ** 29) / 4096);
  const { plan, hotplug } = devices[0]!;
  expect(plan).toEqual(plans[0]);
  const other = { ...hotplug, dram: hotplug.onMemory };
  expect(() => materialise(plan, life, counting.geometry, other)).toThrow("the counts are others");
});

it.each(["-0.1", "1.1", "half"])("refuses a share in use of %s", (share) => {
  expect(() => scenarioOf(`blocks_in_use: ${share}`)).toThrow("blocks_in_use");
});
