// A machine read from its files: small trees made here, each as a kernel would write it.
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { effectivePlacement, type NodePages } from "../../src/inspect/effectivePlacement.ts";
import { inspect } from "../../src/inspect/inspect.ts";
import { inspectedScenario } from "../../src/inspect/toScenario.ts";
import { folderTree } from "../../src/node/systemTrees.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { type HotNode, hotMachine } from "./machineTree.ts";

/** Writes files under a new folder. */
function rootOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), "altmap-tree-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const inspectFiles = (files: Readonly<Record<string, string | Uint8Array>>) => inspect(folderTree(rootOf(files)));
const placements = (nodes: readonly HotNode[], more = {}) =>
  inspectFiles({ ...hotMachine(nodes), ...more }).nodes.map(({ finding }) => finding.placement);

describe("the effective placement", () => {
  it("is told by what zones have present and do not manage", () => {
    expect(placements([{ selfHosted: 8, inDram: 0 }])).toEqual(["dram", "on-memory"]);
    expect(placements([{ selfHosted: 0, inDram: 8 }])).toEqual(["dram", "dram"]);
    expect(placements([{ selfHosted: 3, inDram: 5 }])).toEqual(["dram", "mixed"]);
    expect(
      placements([
        { selfHosted: 4, inDram: 0 },
        { selfHosted: 0, inDram: 1 },
      ]),
    ).toEqual(["dram", "on-memory", "dram"]);
  });

  it("does not need zoneinfo, and is not said of a node with nothing online", () => {
    expect(placements([{ selfHosted: 8, inDram: 0 }], { "proc/zoneinfo": "" })).toEqual(["dram", "on-memory"]);
    expect(placements([{ selfHosted: 0, inDram: 8 }], { "proc/zoneinfo": "" })).toEqual(["dram", "dram"]);
    expect(placements([{ selfHosted: 0, inDram: 0 }])).toEqual(["dram", null]);
  });

  it("follows the size of a block: 2 GiB, and 64 KiB pages in force mode", () => {
    expect(placements([{ selfHosted: 2, inDram: 0 }], hotMachine([{ selfHosted: 2, inDram: 0 }], 2 ** 31))).toEqual([
      "dram",
      "on-memory",
    ]);
    const pages: NodePages = {
      node: 1,
      zones: [],
      blockPages: 4096,
      onlineBlocks: 4,
      totalPages: 4 * (4096 - 32),
      reservedPages: [32],
      hasCpus: false,
      isKmem: false,
      isVirtioMem: false,
    };
    expect(effectivePlacement(pages)).toMatchObject({ placement: "on-memory", selfHostedBlocks: 4 });
  });

  it("of memory that virtio-mem has plugged in part is DRAM", () => {
    const { "sys/bus/dax/drivers/kmem/dax0.0/uevent": _, ...files } = hotMachine([{ selfHosted: 3, inDram: 5 }]);
    const { nodes } = inspectFiles({ ...files, "sys/bus/virtio/drivers/virtio_mem/virtio0/uevent": "" });
    expect(nodes.map(({ finding }) => finding.placement)).toEqual(["dram", "dram"]);
  });
});

describe("reasons", () => {
  const reasons = (files: Readonly<Record<string, string>>) => inspectFiles(files).reasons.map(({ text }) => text);
  it("name each condition that is not met", () => {
    const off = { "sys/module/memory_hotplug/parameters/memmap_on_memory": "N\n" };
    expect(reasons({ ...hotMachine([{ selfHosted: 0, inDram: 2 }]), ...off })).toEqual([
      "memory_hotplug.memmap_on_memory is N",
    ]);
    const attribute = { "sys/bus/dax/devices/dax0.0/memmap_on_memory": "0\n" };
    expect(reasons({ ...hotMachine([{ selfHosted: 0, inDram: 2 }]), ...attribute })[0]).toContain("is 0 (as written)");
  });

  it("say what was changed after the memory was added, and what is mixed", () => {
    expect(reasons(hotMachine([{ selfHosted: 0, inDram: 2 }]))[0]).toContain("dax0.0 asks now");
    expect(reasons(hotMachine([{ selfHosted: 1, inDram: 2 }]))[0]).toContain("1 of 3 blocks host their memmap");
    expect(reasons(hotMachine([{ selfHosted: 2, inDram: 0 }]))).toEqual([]);
  });
});

describe("a scenario of the machine", () => {
  it("has its kernel, blocks, free memory and devices", () => {
    const { scenario } = inspectedScenario(inspectFiles(hotMachine([{ selfHosted: 0, inDram: 8 }])));
    const read = parseScenario(JSON.stringify(scenario));
    expect(read.machine.memoryBlockBytes).toBe(128 * 1024 ** 2);
    expect(read.kernel).toMatchObject({ version: "6.12", memmapOnMemory: "Y" });
    expect(read.devices).toMatchObject([{ capacityBytes: 1024 ** 3, name: "dax0.0", node: 1 }]);
    // What its memmap takes now is free for another placement: 8 blocks of 2 MiB.
    const [node] = read.machine.dramNodes;
    expect(node!.freeBytes - 300 * 1024 ** 2).toBe(16 * 1024 ** 2);
  });
});

describe("bad trees", () => {
  const tree = hotMachine([{ selfHosted: 1, inDram: 0 }]);
  it.each([
    ["no machine", { "readme.txt": "x" }, "holds neither proc/ nor sys/"],
    ["a binary file", { ...tree, "proc/zoneinfo": new Uint8Array([78, 0, 1]) }, "is binary"],
    ["a huge file", { ...tree, "proc/buddyinfo": "x".repeat(5 * 1024 ** 2) }, "is larger than 4194304 bytes"],
    ["another file", { ...tree, "proc/zoneinfo": "hello\n" }, "holds no zones"],
    ["a size that is none", { ...tree, "sys/devices/system/memory/block_size_bytes": "128M\n" }, "is no number"],
    [
      "a block of no power of two",
      { ...tree, "sys/devices/system/memory/block_size_bytes": "9000000\n" },
      "is impossible",
    ],
    ["a mode that is none", { ...tree, "sys/module/memory_hotplug/parameters/memmap_on_memory": "?\n" }, "is no value"],
  ])("%s", (_name, files, message) => {
    expect(() => inspectFiles(files)).toThrow(message);
  });

  it("a folder that is missing, a file, and links in a circle", () => {
    expect(() => folderTree("/nonexistent/altmap")).toThrow("no such folder");
    const root = rootOf({ ...tree });
    expect(() => folderTree(join(root, "proc/meminfo"))).toThrow("neither a folder nor a tar archive");
    symlinkSync("loop", join(root, "proc/loop"));
    expect(() => folderTree(root).read("proc/loop", 10)).toThrow("loop of symbolic links");
  });

  it("a link out of the tree is as good as missing", () => {
    const root = rootOf({ ...tree });
    symlinkSync("/etc/hostname", join(root, "proc/escape"));
    expect(folderTree(root).read("proc/escape", 100)).toBeUndefined();
  });

  it("empty and missing files are what is not known", () => {
    const facts = inspectFiles({ "proc/version": "", "sys/devices/system/node/node0/cpulist": "0\n" });
    expect(facts).toMatchObject({ memoryBlockBytes: null, architecture: null, kernel: { release: null } });
    expect(facts.missing).toContain("proc/version");
  });
});
