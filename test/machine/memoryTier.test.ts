// Memory tiers by the kernel's formula, and CXL regions whose node has no coordinates of its own (7.3).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it, test } from "vitest";
import { memoryTierOf } from "../../src/machine/import/memoryTier.ts";
import { readSysfs } from "../../src/machine/import/sysfs.ts";
import { importedProfiles } from "../../src/machine/import/toProfiles.ts";

/** Of the recorded machines: every node's coordinates, and the tier in which its kernel put it. */
const DRAM = { readNs: 80, writeNs: 80, readMBps: 131_072, writeMBps: 131_072 };

it.each([
  ["DRAM itself", DRAM, 4],
  ["HMAT, node 1", { readNs: 170, writeNs: 170, readMBps: 40_960, writeMBps: 40_960 }, 30],
  ["HMAT, node 2", { readNs: 260, writeNs: 260, readMBps: 28_672, writeMBps: 28_672 }, 66],
  ["CXL behind a generic port", { readNs: 212, writeNs: 312, readMBps: 16_000, writeMBps: 16_000 }, 120],
])("%s is in the kernel's tier", (_, memory, tier) => expect(memoryTierOf(memory, DRAM)).toBe(tier));

describe("a tree of 7.3", () => {
  let root = "";
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const put = (name: string, content: string): void => {
    const file = join(root, "sys", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${content}\n`);
  };
  const coordinates = (dir: string, read: number, write: number, bandwidth: number): void => {
    put(`${dir}/read_latency`, String(read));
    put(`${dir}/write_latency`, String(write));
    put(`${dir}/read_bandwidth`, String(bandwidth));
    put(`${dir}/write_bandwidth`, String(bandwidth));
  };
  const REGION = "devices/platform/ACPI0017:00/root0/decoder0.0/region0";
  const make = (): void => {
    root = mkdtempSync(join(tmpdir(), "altmap-tier-"));
    coordinates("devices/system/node/node0/access0/initiators", 80, 80, 131_072);
    put("devices/system/node/node0/cpulist", "0-1");
    coordinates(`${REGION}/access0`, 212, 312, 16_000);
    coordinates(`${REGION}/access1`, 999, 999, 16_000);
    put(`${REGION}/size`, "0x40000000");
    mkdirSync(join(root, "sys/bus/cxl/devices"), { recursive: true });
    symlinkSync(`../../../${REGION}`, join(root, "sys/bus/cxl/devices/region0"));
  };
  const addDax = (): void => {
    put(`${REGION}/dax_region0/dax0.0/target_node`, "2");
    put(`${REGION}/dax_region0/dax0.0/size`, "1073741824");
    mkdirSync(join(root, "sys/bus/dax/devices"), { recursive: true });
    symlinkSync(`../../../${REGION}/dax_region0/dax0.0`, join(root, "sys/bus/dax/devices/dax0.0"));
    put("devices/system/node/node2/cpulist", "");
  };

  test("gives the region's access0 to the node of its dax device, read and write apart, and its tier", () => {
    make();
    addDax();
    const { paths, nodes } = readSysfs(root);
    const cxl = paths.find(({ target }) => target === 2);
    expect([cxl?.readLatencyNs?.value, cxl?.writeLatencyNs?.value]).toEqual([212, 312]);
    expect(nodes.find(({ node }) => node === 2)?.tier?.value).toBe(120);
    put("devices/virtual/memory_tiering/memory_tier22/nodelist", "2");
    const told = readSysfs(root);
    expect(told.nodes.find(({ node }) => node === 2)?.tier?.value).toBe(22);
    expect(told.notes).toContain("node 2 is in memory tier 22; its latencies and bandwidths give 120");
  });

  test("makes a profile of the region where no dax device tells its node, and none of DRAM", () => {
    make();
    const { devices } = importedProfiles([readSysfs(root)], { medium: "cxl" });
    expect(devices.map(({ id }) => id)).toEqual(["region0"]);
  });
});

const CAPTURES = new URL("../../../shared/captures/", import.meta.url).pathname;
const TREES = ["hmat-6.12-three-nodes", "cxl-6.12-generic-port-hmat"];

it.skipIf(!TREES.every((name) => existsSync(join(CAPTURES, name)))).each(TREES)(
  "%s: no note of another tier than the captured kernel's",
  (name) => {
    const folder = mkdtempSync(join(tmpdir(), "altmap-capture-"));
    try {
      execFileSync("tar", ["-xJf", join(CAPTURES, name, "sys.tar.xz"), "-C", folder], { stdio: "pipe" });
      const { notes, nodes } = readSysfs(folder);
      expect(nodes.filter(({ tier }) => tier !== undefined).length).toBeGreaterThan(1);
      expect(notes.filter((note) => note.includes("memory tier"))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
