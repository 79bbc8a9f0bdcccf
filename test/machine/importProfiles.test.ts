import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatProfiles } from "../../src/machine/emit.ts";
import { findHost } from "../../src/machine/find.ts";
import { importFile, importToolOutput } from "../../src/machine/import/detect.ts";
import type { Measurements } from "../../src/machine/import/measured.ts";
import { textSource } from "../../src/machine/import/text.ts";
import { importedHost } from "../../src/machine/import/toHost.ts";
import { importedProfiles } from "../../src/machine/import/toProfiles.ts";
import { parseProfiles } from "../../src/machine/schema.ts";

const dataDir = new URL("data/", import.meta.url).pathname;
const files = (...names: readonly string[]): Measurements[] =>
  names.map((name) => importFile(join(dataDir, name), undefined, false));

describe("profiles of what users measured", () => {
  test("a CXL node: every value with file and line, level M; capacity and distance in the description", () => {
    const { devices } = importedProfiles(files("mlc.txt", "cxl-list.json", "daxctl-list.json", "numactl.txt"));
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({
      id: "node2-from-node0",
      medium: "cxl",
      idleReadNs: {
        value: 251.3,
        level: "M",
        source: expect.stringMatching(/mlc\.txt:5: MLC idle latency matrix, random/),
      },
      readGBps: { value: 17.8047, level: "M", source: expect.stringMatching(/mlc\.txt:24: /) },
      mediaLineBytes: { value: 64 },
    });
    expect(devices[0]?.description).toMatch(/128 GiB.*SLIT distance 14/);
    expect(devices[0]?.loadedCurve).toBeUndefined();
  });

  test("the far socket sees the same memory slower", () => {
    const { devices } = importedProfiles(files("mlc.txt"), { from: 1, medium: "cxl" });
    expect(devices[0]).toMatchObject({
      id: "node2-from-node1",
      idleReadNs: { value: 352.8 },
      readGBps: { value: 17.211 },
    });
  });

  test("a CPU node's own memory gets its share of the system's mix, and the curve", () => {
    const device = importedProfiles(files("mlc.txt"), { node: 0 }).devices[0];
    expect(device).toMatchObject({ medium: "local-dram", idleReadNs: { value: 95.4 }, readGBps: { value: 245.951 } });
    expect(device?.mixedGBps?.value).toBeCloseTo(401.2569 / 2, 3);
    expect(device?.mixedGBps?.source).toMatch(/divided by 2 CPU nodes/);
    expect(device?.loadedCurve?.points.length).toBeGreaterThan(10);
    expect(importedProfiles(files("mlc.txt"), { node: 1, from: 0 }).devices[0]?.medium).toBe("remote-numa");
  });

  test("latency of one tool and bandwidth of another make one profile, which loads again unchanged", () => {
    const { devices } = importedProfiles(files("multichase.txt", "multiload.txt"), { medium: "cxl", id: "mine" });
    expect(devices[0]).toMatchObject({ id: "mine", idleReadNs: { value: 105.4 }, readGBps: { value: 17.825792 } });
    expect(parseProfiles(formatProfiles({ devices, hosts: [] }), "again").devices).toEqual(devices);
  });

  test.each([
    ["a latency alone", ["multichase.txt"], { medium: "cxl" }, "no file gives the read bandwidth of imported"],
    ["no speed at all", ["cxl-list.json", "numactl.txt"], {}, "no latency and no bandwidth in any of the files"],
    [
      "two latencies",
      ["multichase.txt", "lat_mem_rd.txt"],
      { medium: "cxl" },
      "both give the read latency (105.4 and 112.7)",
    ],
    ["an unknown medium", ["mlc.txt"], {}, "none of the files says what kind of memory node 2 from node 0 is"],
    ["a node that was not measured", ["mlc.txt"], { node: 7 }, "no file measured node 7"],
    ["a CPU node that was not measured", ["mlc.txt"], { node: 0, from: 2 }, "no file measured node 0 from node 2"],
    [
      "pmem without its line",
      ["multichase.txt", "multiload.txt"],
      { medium: "pmem" },
      "the unit in which persistent memory writes",
    ],
    ["one name for two", ["mlc.txt"], { id: "x y" }, "none of the files says"],
  ] as const)("%s is refused", (_, names, options, message) => {
    expect(() => importedProfiles(files(...names), options)).toThrow(message);
  });
});

describe("a host from a latency curve", () => {
  test("takes the caches from the curve and the rest from the host that the user names", () => {
    const host = importedHost(files("lat_mem_rd.txt"), findHost("sapphire-rapids"), "mine");
    expect(host).toMatchObject({
      id: "mine",
      llcNs: { value: 15.3, level: "M", source: expect.stringMatching(/lat_mem_rd\.txt:1: lat_mem_rd, stride 64/) },
      nrLinesInFlight: findHost("sapphire-rapids").nrLinesInFlight,
    });
    expect(host.l2Bytes.value).toBe(2 ** 20);
    expect(host.l2Cycles.value).toBeCloseTo(4.1 * findHost("sapphire-rapids").turboGHz!.value, 3);
    expect(parseProfiles(formatProfiles({ devices: [], hosts: [host] }), "again").hosts).toEqual([host]);
  });

  test("refuses files without a curve, and a curve without all levels", () => {
    const base = findHost("sapphire-rapids");
    expect(() => importedHost(files("multichase.txt"), base, "x")).toThrow("no file holds a latency curve");
    const flat = importToolOutput(
      textSource("flat.txt", '"stride=64\n0.00049 1.2\n0.00098 1.2\n0.00195 1.2\n'),
      undefined,
      false,
    );
    expect(() => importedHost([flat], base, "x")).toThrow("flat.txt:1: the curve shows 1 levels");
  });
});

describe("altmap profiles import", () => {
  const cli = new URL("../../dist/cli/altmap.js", import.meta.url).pathname;

  test("writes a file that `profiles show` reads, notes on stderr", () => {
    const dir = mkdtempSync(join(tmpdir(), "altmap-import-"));
    try {
      const out = join(dir, "mine.yaml");
      const run = spawnSync(
        "node",
        [cli, "profiles", "import", join(dataDir, "mlc.txt"), "--medium", "cxl", "-o", out],
        { encoding: "utf8" },
      );
      expect(run.status).toBe(0);
      expect(run.stdout).toBe("");
      expect(run.stderr).toMatch(/note: .*mlc\.txt: loaded latencies: Read-only traffic/);
      expect(readFileSync(out, "utf8")).toMatch(/^schema: altmap\/profiles-v1/);
      const shown = execFileSync("node", [cli, "profiles", "show", "node2-from-node0", "--profiles", out], {
        encoding: "utf8",
      });
      expect(shown).toMatch(/251\.3/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test("bad input: exit 2, one message, nothing on stdout", () => {
    for (const args of [
      [],
      ["/nonexistent"],
      [join(dataDir, "multichase.txt"), "--node", "x"],
      [join(dataDir, "mlc.txt"), "--medium", "ram"],
    ]) {
      const run = spawnSync("node", [cli, "profiles", "import", ...args], { encoding: "utf8" });
      expect([run.status, run.stdout]).toEqual([2, ""]);
      expect(run.stderr).toMatch(/^altmap: /);
      expect(run.stderr).not.toMatch(/\n {4}at /);
    }
  });
});
