import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tryFile } from "../../src/cli/tryFile.ts";
import { EXAMPLES } from "../../src/hotplug/script/examples.ts";
import { tryScript } from "../../src/index.ts";
import { altmap } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-try-"));
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe("altmap try", () => {
  it("prints what a shell would show after each step, and its cost", () => {
    const { status, stdout } = altmap(["try", "chunk-fails"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/1\. plug d1: 1 GiB at 0x200000000\n {3}refused +add_memory\(\) returned -ENOMEM/);
    expect(stdout).toMatch(/3\. .*\n {3}done +0\n {3}blocks +\+ memory64 to memory71, their memmap on them/);
    expect(stdout).toMatch(/memmaps +now 0 B in DRAM, 16 MiB on their own blocks/);
    expect(stdout).toMatch(/cost +\d\S* [mu]s \[/);
  });

  it("ends with 2 on bad input, naming file and step", () => {
    const path = fileOf("bad.yaml", "steps:\n  - eject: d9\n");
    const { status, stderr, stdout } = altmap(["try", path]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/bad\.yaml step 1.*no DIMM d9 is plugged/s);
    expect(altmap(["try", "chunk-fail"]).stderr).toMatch(/did you mean the example chunk-fails/);
  });

  it("lists every example in its help", () => {
    const { stdout } = altmap(["try", "--help"]);
    for (const name of Object.keys(EXAMPLES)) expect(stdout).toContain(`altmap try ${name} `);
  });

  it.each(Object.keys(EXAMPLES))("%s as JSON is what the library gives, the same each time", async (name) => {
    const json = await tryFile(name, { json: true });
    const { run, costs } = tryScript(EXAMPLES[name] ?? "");
    const document = JSON.parse(json) as {
      schema: string;
      steps: { outcome: string; state: object; cost_ns: number }[];
    };
    expect(document.schema).toBe("altmap/try-v1");
    expect(document.steps.map(({ state }) => state)).toEqual(
      run.steps.map(({ prediction }) => JSON.parse(JSON.stringify(prediction.state))),
    );
    expect(document.steps.map((step) => step.cost_ns !== null)).toEqual(costs.steps.map((cost) => cost !== undefined));
    expect(await tryFile(name, { json: true })).toBe(json);
  });

  it("does what README shows", async () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, script = ""] = /### Steps of your own[\s\S]*?```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    const document = JSON.parse(await tryFile(fileOf("readme.yaml", script), { json: true })) as {
      steps: { errno: string | null }[];
    };
    expect(document.steps.map(({ errno }) => errno)).toEqual([null, null, "ENOMEM", null, null, "EINTR"]);
  });

  it("takes a recording for its script, and gives either", async () => {
    const recording = await tryFile("chunk-fails", { as: "recording" }).catch((error: Error) => error.message);
    expect(recording).toMatch(/has no form in a recording/);
    const plain = "steps: [{ plug: { dimm: d1, size: 256MiB, start: 0x200000000, node: 0 } }, { eject: d1 }]";
    const made = fileOf("made.json", await tryFile(fileOf("plain.yaml", plain), { as: "recording" }));
    expect(altmap(["conform", made]).stdout).toMatch(/1 of 1 fixtures agree: 2 steps/);
    const script = await tryFile(made, { as: "script" });
    expect(script).toContain("plug: { dimm: d1, size: 268435456, start: 8589934592, node: 0 }");
    expect(await tryFile(made, {})).toContain("\n1. plug d1: 256 MiB at 0x200000000\n");
    expect(readFileSync(made, "utf8")).toContain('"steps"');
  });

  it("prices with the host and device that it names, and refuses others", async () => {
    const script = (device: string) =>
      `priced: { device: ${device} }\nsteps: [{ plug: { dimm: d1, size: 256MiB, start: 0x200000000, node: 0 } }]`;
    expect(await tryFile(fileOf("pmem.yaml", script("optane100-1x")), {})).toContain("hot-added memory optane100-1x");
    await expect(tryFile(fileOf("none.yaml", script("optane100-2x")), {})).rejects.toThrow(/optane100-2x/);
    await expect(tryFile("chunk-fails", { as: "json" })).rejects.toThrow(/--as json is unknown/);
  });
});
