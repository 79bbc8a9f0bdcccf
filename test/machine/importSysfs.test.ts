import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readSysfs } from "../../src/machine/import/sysfs.ts";
import { importedProfiles } from "../../src/machine/import/toProfiles.ts";

describe("sysfs", () => {
  let root = "";
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const tree = (files: Readonly<Record<string, string>>): string => {
    root = mkdtempSync(join(tmpdir(), "altmap-sysfs-"));
    for (const [name, content] of Object.entries(files)) {
      const file = join(root, "sys", name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    return root;
  };
  const coordinates = (dir: string, latency: string) => ({
    [`${dir}/read_latency`]: `${latency}\n`,
    [`${dir}/write_latency`]: `${latency}\n`,
    [`${dir}/read_bandwidth`]: "18000\n",
    [`${dir}/write_bandwidth`]: "16000\n",
  });
  const node2 = "devices/system/node/node2/access0/initiators";

  test("reads coordinates (ns, MB/s), access1 before access0, tiers, memory-side cache, CXL regions", () => {
    const files = {
      ...coordinates(node2, "250"),
      ...coordinates("devices/system/node/node2/access1/initiators", "260"),
      ...coordinates("bus/cxl/devices/region0/access1", "270"),
      "bus/cxl/devices/region0/size": "0x2000000000\n",
      "devices/virtual/memory_tiering/memory_tier22/nodelist": "2-3\n",
      "devices/system/node/node2/memory_side_cache/index1/size": "17179869184\n",
      "devices/system/node/node0/cpulist": "0-3,8\n",
      "devices/system/node/node2/cpulist": "\n",
      "devices/system/node/node2/meminfo": "Node 2 MemTotal:       134217728 kB\nNode 2 MemFree:        134000000 kB\n",
    };
    tree(files);
    symlinkSync("../../../node0", join(root, "sys/devices/system/node/node2/access1/initiators/node0"));
    const read = readSysfs(root);
    expect(
      read.paths.map((p) => [p.initiator, p.target, p.label, p.readLatencyNs?.value, p.writeBandwidth?.value]),
    ).toEqual([
      [0, 2, undefined, 260, 16e9],
      [undefined, undefined, "region0", 270, 16e9],
    ]);
    expect(read.nodes.find((n) => n.node === 2)).toMatchObject({
      tier: { value: 22 },
      memorySideCache: { sizeBytes: { value: 2 ** 34 } },
    });
    expect(read.nodes.map((n) => [n.node, n.cpus?.count, n.sizeBytes?.value])).toEqual([
      [0, 5, undefined],
      [2, 0, 2 ** 37],
      [3, undefined, undefined],
    ]);
    expect(read.devices[0]?.sizeBytes?.value).toBe(2 ** 37);
  });

  test.each([
    ["empty", "", "read_latency: is empty"],
    ["a float", "81.5\n", 'read_latency: "81.5" is not an unsigned decimal'],
    ["in picoseconds", "250000\n", "read_latency: 250000 cannot be right: picoseconds?"],
  ])("a file that is %s", (_, content, message) => {
    const files: Record<string, string> = { ...coordinates(node2, "250"), [`${node2}/read_latency`]: content };
    expect(() => readSysfs(tree(files))).toThrow(message);
  });

  test("a missing or 0 value is unknown, said, and refused only when it is needed", () => {
    const files: Record<string, string> = { ...coordinates(node2, "250"), [`${node2}/write_latency`]: "0\n" };
    delete files[`${node2}/write_bandwidth`];
    const read = readSysfs(tree(files));
    expect(read.paths[0]?.writeLatencyNs).toBeUndefined();
    expect(read.notes.filter((note) => note.endsWith("unknown"))).toHaveLength(2);
    expect(importedProfiles([read], { medium: "cxl" }).devices[0]?.idleReadNs.value).toBe(250);
    rmSync(root, { recursive: true, force: true });
    const silent = readSysfs(tree({ ...coordinates(node2, "250"), [`${node2}/read_latency`]: "0\n" }));
    expect(() => importedProfiles([silent], { medium: "cxl" })).toThrow(
      /no file gives the read latency of node 2 \(.*read_latency is 0: the firmware does not say, unknown\)/,
    );
  });

  test("no HMAT at all, a bad node list, no such root", () => {
    expect(() => readSysfs(tree({ "devices/system/node/node0/cpulist": "0\n" }))).toThrow(
      "no node has access coordinates",
    );
    rmSync(root, { recursive: true, force: true });
    const tiers = { ...coordinates(node2, "250"), "devices/virtual/memory_tiering/memory_tier4/nodelist": "3-1\n" };
    expect(() => readSysfs(tree(tiers))).toThrow('nodelist: "3-1" is not a list of numbers and ranges');
    expect(() => readSysfs("/nonexistent/root")).toThrow("no such directory");
  });
});
