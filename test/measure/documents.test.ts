import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { completeHost } from "../../src/machine/assumed.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { findHost } from "../../src/machine/find.ts";
import { windowInstructions } from "../../src/machine/window.ts";
import type { MeasuredDocument } from "../../src/measure/document.ts";
import { fitHalves, mergeMeasured } from "../../src/measure/mergeMeasured.ts";
import { measuredMachine, statedColdLessHot } from "../../src/measure/predict.ts";
import { looksMeasured, parseMeasured, rowsOfMeasured } from "../../src/measure/readMeasured.ts";
import { protocolText } from "../../src/report/measured/protocol.ts";
import { parseCases } from "../../src/validate/caseFile.ts";
import { validate } from "../../src/validate/validate.ts";

const FOLDER = "src/machine/measured";
const results = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const text = readFileSync(`${FOLDER}/${results[0]}`, "utf8");
const first = parseMeasured(text, "first.json");
const host = findHost(first.predicted_for ?? "zen3");
const dram = deviceById(host.localDram);

/** The document with other times, those that the model itself gives with a window of so many instructions. */
function modelled(instructions: number): MeasuredDocument {
  const windowed = {
    ...host,
    reorderBufferMicroOps: { value: instructions, level: "M", source: "test" } as const,
    reorderBufferSiblingShare: { value: 1, level: "M", source: "test" } as const,
    microOpsPerInstruction: { value: 1, level: "M", source: "test" } as const,
  };
  const machine = measuredMachine(windowed, dram, {
    median: first.latency_ns,
    quartiles: first.latency_quartiles_ns,
    runs: first.latency_quartiles_ns,
  });
  return {
    ...first,
    operations: first.operations.map((row) => {
      const ns = statedColdLessHot(row.name, first.machine.kernel, machine, "random");
      return ns === undefined || row.random === null
        ? row
        : { ...row, refused: null, random: { ...row.random, cold_less_hot_ns: ns } };
    }),
  };
}

describe("results that were sent in", () => {
  it.each(results)("%s is a document, and names no machine", (name) => {
    const document = parseMeasured(readFileSync(`${FOLDER}/${name}`, "utf8"), name);
    expect(document.circumstances.runs).toBeGreaterThan(1);
    expect(name).toMatch(/^[a-z0-9-]+\.json$/);
  });
});

describe("a measurement as rows of validate", () => {
  it("are cases, of what was not refused", () => {
    const rows = rowsOfMeasured(first);
    expect(parseCases(JSON.stringify(rows), "rows")).toHaveLength(rows.length);
    const shown = first.operations.filter(
      ({ refused, struct_page: touches }) => refused === null && touches !== "none",
    );
    expect(rows.filter(({ model }) => model?.pfn_order === "random")).toHaveLength(shown.length);
  });

  it("are predicted with the latency that was measured beside them", () => {
    const { cases } = validate(rowsOfMeasured(first), "first.json");
    expect(cases.length).toBeGreaterThan(0);
    const [low, high] = first.latency_quartiles_ns;
    const row = cases.find(({ model }) => model.pfn_order === "random")!;
    expect(row.machines[0]).toContain(`at ${Math.round(low)} ns`);
    expect(row.predictedNs).toBeLessThan(high);
  });

  it("a document without any is refused", () => {
    const refused = { ...first, operations: first.operations.map((row) => ({ ...row, refused: "busy" })) };
    expect(() => rowsOfMeasured(refused)).toThrow(/every operation of the measurement was refused/);
  });

  it("what is no document is refused with file and key", () => {
    expect(looksMeasured(text)).toBe(true);
    expect(looksMeasured("[{}]")).toBe(false);
    expect(() => parseMeasured("{", "a.json")).toThrow(/^a.json: not JSON/);
    expect(() => parseMeasured(JSON.stringify({ ...first, latency_ns: -1 }), "a.json")).toThrow(/"latency_ns"/);
    expect(() => parseMeasured(JSON.stringify({ ...first, schema: "altmap/measured-v9" }), "a.json")).toThrow(
      /"schema"/,
    );
  });
});

describe("a measurement merged into a profile", () => {
  it("finds the window that times were made with, from either half", () => {
    for (const instructions of [30, 90, 250]) {
      const fit = fitHalves(modelled(instructions), host, dram)!;
      expect(fit.all.medianErrorRatio).toBeLessThan(0.03);
      for (const { medianErrorRatio } of fit.judged) expect(medianErrorRatio).toBeLessThan(0.1);
    }
  });

  it("gives a profile with that window, measured, and says what was not", () => {
    const { host: merged, notes } = mergeMeasured(modelled(90), host, dram);
    expect(windowInstructions(completeHost(merged, dram)).value).toBeGreaterThan(80);
    expect(windowInstructions(completeHost(merged, dram)).value).toBeLessThan(100);
    expect(merged.reorderBufferMicroOps?.level).toBe("M");
    expect(notes.join("\n")).toMatch(/window: \d+ instructions[\s\S]*memmapCpi: as before/);
  });

  it("refuses one with too few operations", () => {
    const few = { ...first, operations: first.operations.slice(0, 3) };
    expect(() => mergeMeasured(few, host, dram)).toThrow(/fewer than 4 of the measured operations are modelled/);
  });
});

describe("the protocol", () => {
  const machine = {
    device: "dax0.0",
    isHere: true,
    devicesHere: ["dax0.0"],
    targetNode: 2,
    sizeBytes: 64 * 1024 ** 3,
    deviceKnob: "1",
    hotplugKnob: "Y",
    onlinePolicy: "online",
    kernel: "6.12.5",
    hasDeviceKnob: true,
    nodesWithMemory: [0, 1],
  };

  it("measures the same node with both placements, and undoes what it did", () => {
    const lines = protocolText(machine).split("\n");
    const commands = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(commands.filter((line) => line.startsWith("altmap measure"))).toEqual([
      "altmap measure --node 2 -o dram.json",
      "altmap measure --node 2 -o device.json",
    ]);
    const at = (start: string) => commands.findIndex((line) => line.startsWith(start));
    expect(at("echo 0 > /sys/bus/dax/devices/dax0.0/memmap_on_memory")).toBeLessThan(at("altmap measure"));
    expect(commands.at(-1)).toBe("echo 1 > /sys/bus/dax/devices/dax0.0/memmap_on_memory");
    expect(commands).toContain("echo $was > /sys/devices/system/memory/auto_online_blocks");
    expect(lines.join("\n")).not.toMatch(/boot with/);
  });

  it("says when a boot parameter, or a newer kernel, comes first", () => {
    expect(protocolText({ ...machine, hotplugKnob: "N" })).toMatch(/boot with memory_hotplug.memmap_on_memory=force/);
    const old = protocolText({ ...machine, kernel: "6.1.5", hasDeviceKnob: false });
    expect(old).toMatch(/from Linux 6.8 on/);
    expect(old).not.toMatch(/device.json/);
  });
});
