// Output of tools instead of a machine's files.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspectTools } from "../../src/inspect/fromTools.ts";
import { inspectedScenario } from "../../src/inspect/toScenario.ts";
import { importToolOutput } from "../../src/machine/import/detect.ts";
import { textSource } from "../../src/machine/import/text.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { altmap } from "../cli/run.ts";

const NUMACTL = `available: 2 nodes (0-1)
node 0 cpus: 0 1
node 0 size: 1405 MB
node 0 free: 1300 MB
node 1 cpus:
node 1 size: 1008 MB
node 1 free: 1008 MB
node distances:
node   0   1
  0:  10  20
  1:  20  10
`;
const DAXCTL = `[{"chardev":"dax0.0","size":1073741824,"target_node":1,"align":2097152,"mode":"system-ram","online_memblocks":8,"total_memblocks":8,"movable":true}]`;
const LSMEM = `{"memory": [{"range":"0x0-0x57ffffff","size":1476395008,"state":"online","removable":true,"block":"0-10"}], "block_size": 134217728}`;
const LSTOPO = `<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
    <object type="NUMANode" os_index="0" cpuset="0x1" local_memory="1473400832"/>
    <object type="NUMANode" os_index="1" local_memory="396361728"/>
</topology>
`;
const read = (name: string, text: string) => importToolOutput(textSource(name, text), undefined, false);

describe("files of tools", () => {
  it("give nodes and devices, and never where a memmap lies", () => {
    const facts = inspectTools([read("n", NUMACTL), read("d", DAXCTL)]);
    expect(facts.nodes).toMatchObject([
      { node: 0, cpus: 2, totalBytes: 1405 * 1024 ** 2, finding: { placement: null } },
      { node: 1, cpus: 0, totalBytes: 1008 * 1024 ** 2, finding: { placement: null } },
    ]);
    expect(facts.dax).toMatchObject([{ name: "dax0.0", sizeBytes: 1024 ** 3, node: 1, driver: "kmem" }]);
    const scenario = parseScenario(JSON.stringify(inspectedScenario(facts).scenario));
    expect(scenario.machine.dramBytes).toBe(1405 * 1024 ** 2);
    expect(scenario.devices).toMatchObject([{ name: "dax0.0", capacityBytes: 1024 ** 3, node: 1 }]);
  });

  it("may be lstopo's XML", () => {
    expect(inspectTools([read("l", LSTOPO)]).nodes.map(({ totalBytes }) => totalBytes)).toEqual([
      1473400832, 396361728,
    ]);
    expect(() => read("l", LSTOPO.replace('os_index="1" ', ""))).toThrow("a NUMANode without os_index or local_memory");
    expect(() => read("l", "<topology>\n</topology>\n")).toThrow("holds no NUMANode");
  });

  it("on the command line, but not to be captured", () => {
    const file = join(mkdtempSync(join(tmpdir(), "altmap-tools-")), "lsmem.json");
    writeFileSync(file, LSMEM);
    expect(altmap(["inspect", file]).stdout).toContain("lsmem.json: Linux");
    const run = altmap(["inspect", file, "--capture", "x.tar"]);
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining("files of tools are no machine")]);
  });
});
