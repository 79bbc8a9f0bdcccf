// What a machine loses follows from what it does: limits of rates, shares and latencies.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderAnswer } from "../../src/cli/answerScenario.ts";
import type { AnswerDocument } from "../../src/report/answerDocument.ts";
import type { AnswerMachine } from "../../src/report/machineUseDocument.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-machine-"));

async function answerTo(policy: string, more = "", devices = "[{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]") {
  const path = join(folder, "scenario.yaml");
  writeFileSync(path, `devices: ${devices}\nworkloads: []\npolicy: ${policy}\n${more}\n`);
  return JSON.parse(await renderAnswer(path, {}, "json")) as AnswerDocument;
}

const machineOf = ({ results }: AnswerDocument): AnswerMachine =>
  results.find(({ placement }) => placement === "on-memory")!.machine!;
const lossOf = async (policy: string, more = "", devices?: string): Promise<AnswerMachine> =>
  machineOf(await answerTo(policy, more, devices));

describe("CPUs lost", () => {
  it("are none when nothing happens, and the verdict says so", async () => {
    const document = await answerTo("{rates: {faults: 0, allocations: 0, forks: 0}}");
    expect(machineOf(document)).toMatchObject({
      cpus_lost: 0,
      cpus_lost_interval: [0, 0],
      percent_of_machine: 0,
      operations: [],
      class: null,
    });
    expect(document.verdicts[0]).toMatchObject({ choice: "on-memory" });
    expect(document.verdicts[0]!.sentence).toMatch(/nothing is lost: all rates stated are 0/);
  });

  it("double with the rates, and are the operations x what each takes longer", async () => {
    const rates = (by: number) => `{rates: {faults: ${by * 1e5}, allocations: ${by * 9e4}, forks: ${by * 100}}}`;
    const [once, twice] = [await lossOf(rates(1)), await lossOf(rates(2))];
    expect(twice.cpus_lost / once.cpus_lost).toBeCloseTo(2, 4);
    for (const end of [0, 1] as const)
      expect(twice.cpus_lost_interval[end] / once.cpus_lost_interval[end]).toBeCloseTo(2, 4);
    const sum = once.operations.reduce((all, { per_second, extra_ns }) => all + (per_second * extra_ns) / 1e9, 0);
    expect(once.cpus_lost).toBeCloseTo(sum * once.llc_miss_ratio, 5);
    expect(once.percent_of_machine).toBeCloseTo((100 * once.cpus_lost) / once.cpus, 5);
  });

  it("are never fewer on slower memory", async () => {
    const ids = ["cxl-e3s-96g-spr", "cxl-samsung-mxp-genoa", "cxl-samsung-mxp-genoa-remote"];
    const { results } = await answerTo("{class: build-server}", "", `[${ids.map((id) => `{id: ${id}}`).join(", ")}]`);
    const lost = results.flatMap(({ machine }) => (machine === null ? [] : [machine.cpus_lost]));
    expect(lost).toHaveLength(3);
    expect(lost).toEqual([...lost].sort((a, b) => a - b));
  });

  it("shrink when DRAM is remote for more CPUs, because the control is slower too", async () => {
    const at = (share: number) => lossOf(`{class: build-server, memmap_cpu_node: ${share}}`);
    const [near, half, far] = [await at(0), await at(0.5), await at(1)];
    expect(half.cpus_lost).toBeLessThan(near.cpus_lost);
    expect(far.cpus_lost).toBeLessThan(half.cpus_lost);
    // time.md: 184 ns between MXP and own DRAM, about 90 ns to the other socket's.
    expect(far.cpus_lost / near.cpus_lost).toBeGreaterThan(0.4);
    expect(far.cpus_lost / near.cpus_lost).toBeLessThan(0.6);
  });

  it("are none while the struct pages in use fit into the LLC that is left to them", async () => {
    const at = (share: number) => answerTo(`{class: build-server, llc_share: ${share}}`, "footprints: [1GiB]");
    const [whole, tenth] = [await at(1), await at(0.1)];
    expect(machineOf(whole)).toMatchObject({ cpus_lost: 0, llc_miss_ratio: 0 });
    expect(whole.verdicts[0]!.sentence).toMatch(/nothing is lost: the struct pages of 1 GiB in use fit/);
    expect(machineOf(tenth).llc_miss_ratio).toBeGreaterThan(0.5);
    expect(machineOf(tenth).cpus_lost).toBeGreaterThan(0);
  });

  it("of a class are named as assumed only when nobody stated it, with source and range", async () => {
    const assumed = await answerTo("{}");
    expect(machineOf(assumed)).toMatchObject({ class: "container-platform", class_assumed: true, cpus_assumed: true });
    expect(assumed.warnings.join("\n")).toMatch(/not stated; taken as class container-platform/);
    expect(machineOf(assumed).by_class.map((row) => row.class)).toContain("build-server");
    const stated = await lossOf("{class: build-server}", "machine: {cpus: 16}");
    expect(stated).toMatchObject({ class: "build-server", class_assumed: false, cpus: 16, cpus_assumed: false });
    const faults = stated.rates.find(({ name }) => name === "faults")!;
    expect(faults).toMatchObject({ per_second: 16 * 14_000, per_second_interval: [16 * 9300, 16 * 18_000] });
    expect(faults.source).toMatch(/test robot/);
  });

  it("count hint faults once: they are among the faults", async () => {
    const rates = "rates: {faults: 100000, allocations: 0}";
    const none = await lossOf(`{${rates}}`);
    const all = await lossOf(`{${rates}, hint_faults_per_second: 100000}`);
    expect(none.operations.map(({ does }) => does)).toEqual([expect.stringMatching(/cached pages of files/)]);
    expect(all.operations.map(({ does }) => does)).toEqual(["NUMA hint faults"]);
  });

  it("grow with promotion: 25,000 pages a second are less than 1.4 % of a CPU", async () => {
    const loss = await lossOf("{promoted_pages_per_second: 25000, rates: {faults: 0}}");
    expect(loss.cpus_lost).toBeGreaterThan(0.001);
    expect(loss.cpus_lost).toBeLessThan(0.014);
  });

  it.each([
    ["{rates: {faults: 1e11}}", /policy\.rates\.faults is 100000000000 a second: 64 CPUs cannot do so much/],
    [
      "{rates: {faults: 10}, hint_faults_per_second: 20}",
      /hint_faults_per_second is 20, more than the 10 of policy\.rates\.faults/,
    ],
  ])("nonsense is refused: %s", async (policy, message) => {
    await expect(answerTo(policy)).rejects.toThrow(message);
  });
});

describe("no difference", () => {
  it("is said with the LLC share it was computed with", async () => {
    const path = join(folder, "share.yaml");
    const recorded = "workloads: [{recording: wl_fork_cow_20x16m}]";
    writeFileSync(path, `devices: [{id: cxl-samsung-mxp-genoa}]\n${recorded}\npolicy: {llc_share: 0.5}\n`);
    const document = JSON.parse(await renderAnswer(path, {}, "json")) as AnswerDocument;
    expect(document.results.map(({ workloads }) => workloads[0]?.llc_share_ratio)).toEqual([0.5, 0.5]);
    expect(await renderAnswer(path, {}, "text")).toMatch(/LLC 60 MiB, 50\.0 % of it theirs/);
  });
});
