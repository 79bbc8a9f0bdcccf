// Each rule of advice on a machine where it is said, and on one where it must not be.
import { describe, expect, it } from "vitest";
import { ADVICE_RULES } from "../../src/advice/advice.ts";
import type { FitFacts } from "../../src/advice/facts.ts";
import { planFacts } from "../../src/advice/fit.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

const factsOf = (yaml: string): FitFacts => planFacts(parseScenario(yaml), { hosts: [], devices: [] });

const CXL = "devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]";
const DIMM = "devices: [{id: cxl-samsung-mxp-genoa, capacity: 2GiB, driver: acpi}]";
const VIRTIO = "devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB, driver: virtio-mem}]";
const PMEM_OFF = "devices: [{id: optane100-1x, capacity: 64GiB, memmap_on_memory: default}]";
const PPC =
  "machine: {arch: ppc64-radix-64k}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 4GiB, driver: ppc64-dlpar}]";
const FRAGMENTED = "machine: {dram: 16GiB, dram_nodes: [{node: 0, size: 16GiB, free: 4GiB, free_pmd: 1MiB}]}";
const WHOLE = "machine: {dram: 16GiB, dram_nodes: [{node: 0, size: 16GiB, free: 4GiB, free_pmd: 4GiB}]}";
const kernel = (text: string) => `kernel: {${text}}`;

/** Scenario on which the rule fires, and one on which it does not. */
const CASES: Readonly<Record<string, readonly [fires: string, not: string]>> = {
  "parameter-off": [`${CXL}\n${kernel("memmap_on_memory: N")}`, CXL],
  "attribute-off": [PMEM_OFF, CXL],
  "driver-never-asks": [VIRTIO, CXL],
  "kernel-too-old": [`${DIMM}\n${kernel("version: '6.1'")}`, DIMM],
  "pmd-alignment": [`${CXL}\nmachine: {struct_page_bytes: 80, memory_block: 128MiB}`, CXL],
  "pageblock-alignment": [PPC, `${PPC}\n${kernel("memmap_on_memory: force")}`],
  "struct-page-size": [`${CXL}\nmachine: {struct_page_bytes: 80}`, CXL],
  "block-size-loses": [CXL.replace("64GiB", "121.25GiB"), CXL],
  "force-wastes": [`${PPC}\n${kernel("memmap_on_memory: force")}`, `${CXL}\n${kernel("memmap_on_memory: force")}`],
  "attribute-ignored": [`${CXL}\n${kernel("memmap_on_memory: N")}`, CXL],
  "movable-kernel-ratio": [
    `machine: {dram: 16GiB}\n${CXL.replace("64GiB", "65GiB")}`,
    `machine: {dram: 16GiB}\n${CXL}`,
  ],
  "memmap-node": [`${VIRTIO}\nevents: [add, online_kernel]`, VIRTIO],
  "one-request": [`${FRAGMENTED}\n${CXL}`, `${WHOLE}\n${CXL}`],
  "hvo-refused": [`${CXL}\n${kernel("hugetlb_free_vmemmap: true")}`, CXL],
  "hvo-better": [
    `${VIRTIO}\n${kernel("hugetlb_free_vmemmap: true")}`,
    `${CXL}\n${kernel("hugetlb_free_vmemmap: true")}`,
  ],
  "gigantic-pages": [CXL, VIRTIO],
  "offline-hangs": [DIMM, CXL],
  "surprise-removal": [CXL, DIMM],
  kdump: [CXL, VIRTIO],
  "removal-mixed": [`${PPC.replace("64k", "4k")}\n${kernel("version: '6.7'")}`, `${PPC.replace("64k", "4k")}`],
  "promotion-traffic": [`${CXL}\npolicy: {promoted_pages_per_second: 1000}`, CXL],
  damon: [CXL.replace("64GiB", "512GiB"), CXL],
  "guest-dram": [`machine: {platform: vm}\n${VIRTIO}`, VIRTIO],
};

/** Rules on times: the simulation they look at, and one they do not mind. */
const online = (walkNs: number, longestNs: number) => ({
  run: { event: "online_movable" },
  passes: [{ name: "zone-contiguous walk", ns: walkNs }],
  longestStretch: { value: longestNs, interval: [longestNs, longestNs] },
});
const simulated = (share: number, walkNs: number, longestNs: number): FitFacts =>
  ({
    ...factsOf(CXL),
    simulation: {
      devices: [{ prices: { losses: { judged: { share: { value: share } } }, onMemory: [online(walkNs, longestNs)] } }],
    },
  }) as unknown as FitFacts;

const TIMED: Readonly<Record<string, readonly [fires: FitFacts, not: FitFacts]>> = {
  "long-walk": [simulated(0, 11e9, 0), simulated(0, 9e9, 0)],
  "soft-lockup": [simulated(0, 0, 21e9), simulated(0, 0, 19e9)],
  "cost-is-felt": [simulated(0.02, 0, 0), simulated(0.009, 0, 0)],
};

describe("advice", () => {
  it("has a case for each rule, and rules have ids of their own", () => {
    const ids = ADVICE_RULES.map(({ id }) => id);
    expect([...ids].sort()).toEqual([...Object.keys(CASES), ...Object.keys(TIMED)].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  const cases = [
    ...Object.entries(CASES).map(([id, [fires, not]]) => [id, factsOf(fires), factsOf(not)] as const),
    ...Object.entries(TIMED).map(([id, [fires, not]]) => [id, fires, not] as const),
  ];
  it.each(cases)("%s fires where it should, and not elsewhere", (id, fires, not) => {
    const rule = ADVICE_RULES.find((one) => one.id === id)!;
    expect(rule.fires(fires)).toBe(true);
    expect(rule.fires(not)).toBe(false);
    expect(rule.text(fires)).toMatch(/^\S.{10,140}$/);
    expect(rule.text(fires)).not.toMatch(/undefined|NaN|Infinity/);
    expect(rule.source.length).toBeGreaterThan(5);
  });
});
