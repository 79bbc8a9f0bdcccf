import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { hosts } from "../../src/machine/hosts.ts";
import { hostOfCpu } from "../../src/measure/hostOfCpu.ts";
import { allowedCpus, availableBytes, listOf, machineState, quietCpu } from "../../src/measure/machineState.ts";
import { memoryNode, structPagesOf } from "../../src/measure/nodes.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A folder in the place of `/`. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "altmap-root-"));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const CPUINFO = `processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC 9554
flags\t\t: fpu hypervisor
`;

describe("the machine", () => {
  it("is told by /proc and /sys", () => {
    const state = machineState(
      rootWith({
        "proc/cpuinfo": CPUINFO,
        "proc/loadavg": "1.25 1 1 1/100 1",
        "proc/sys/kernel/osrelease": "6.12.5\n",
        "sys/devices/system/cpu/online": "0-3\n",
        "sys/class/dmi/id/sys_vendor": "QEMU\n",
      }),
    );
    expect(state).toMatchObject({ family: 25, model: 17, load: 1.25, kernel: "6.12.5", nrCpus: 4 });
    expect(state.virtualisation).toBe("guest (QEMU)");
    expect(hostOfCpu(state)).toBe("zen4");
    expect(hostOfCpu({ ...state, vendor: "GenuineIntel", family: 6, model: 143 })).toBe("sapphire-rapids");
    expect(hostOfCpu({ ...state, vendor: "0x41" })).toBeUndefined();
    expect(hosts.map(({ id }) => id)).toContain(hostOfCpu(state));
  });

  it("lists of CPUs", () => {
    expect(listOf("0-2,8\n")).toEqual([0, 1, 2, 8]);
    expect(listOf("\n")).toEqual([]);
  });

  it("CPUs of the process, those of the node if it has any", () => {
    const root = rootWith({ "proc/self/status": "Name:\tx\nCpus_allowed_list:\t0-5\n" });
    expect(allowedCpus([4, 5, 6], root)).toEqual([4, 5]);
    expect(allowedCpus([], root)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("a CPU that the process may not use is refused; of idle ones the last is taken", async () => {
    const root = rootWith({ "proc/stat": "cpu0 1 0 1 5 0 0 0 0 0 0\ncpu1 1 0 1 5 0 0 0 0 0 0\n" });
    await expect(quietCpu(9, [0, 1], root, 0)).rejects.toThrow(/CPU 9 is not one[\s\S]*one of 0, 1/);
    expect(await quietCpu(undefined, [0, 1], root, 0)).toEqual({ cpu: 1, busyRatio: 0 });
  });

  it("memory is the least of the machine's and its cgroups'", () => {
    const files = {
      "proc/meminfo": "MemTotal: 9 kB\nMemAvailable:    1048576 kB\n",
      "proc/self/cgroup": "0::/a/b\n",
      "sys/fs/cgroup/a/memory.max": "104857600\n",
      "sys/fs/cgroup/a/memory.current": "4857600\n",
      "sys/fs/cgroup/a/b/memory.max": "max\n",
    };
    expect(availableBytes(rootWith(files))).toEqual({
      bytes: 100_000_000,
      by: "its cgroup (/sys/fs/cgroup/a/memory.max: 104857600)",
    });
    expect(availableBytes(rootWith({ "proc/meminfo": files["proc/meminfo"] })).by).toBe("this machine");
  });
});

const zone = (node: number, name: string, present: number, managed: number): string =>
  `Node ${node}, zone ${name}\n  pages free 10\n        present  ${present}\n        managed  ${managed}\n`;

describe("nodes", () => {
  const tree = {
    "sys/devices/system/node/possible": "0-3\n",
    "sys/devices/system/node/online": "0-2\n",
    "sys/devices/system/node/has_memory": "0,2\n",
    "sys/devices/system/node/node2/meminfo": "Node 2 MemTotal:  131072 kB\nNode 2 MemFree:  65536 kB\n",
    "sys/devices/system/node/node2/cpulist": "\n",
    "proc/zoneinfo": zone(2, "Movable", 32768, 32256),
  };

  it("one with memory is told with where its struct pages lie", () => {
    expect(memoryNode(2, rootWith(tree))).toMatchObject({
      cpus: [],
      freeBytes: 65536 * 1024,
      structPages: { where: "on the node" },
    });
  });

  it.each([
    [7, /node 7 does not exist[\s\S]*a node with memory: 0, 2/],
    [3, /node 3 is offline/],
    [1, /node 1 has no memory/],
  ])("node %i is refused", (id, message) => {
    expect(() => memoryNode(id, rootWith(tree))).toThrow(message);
  });

  it("a kernel without nodes is refused", () => {
    expect(() => memoryNode(0, rootWith({ "proc/meminfo": "" }))).toThrow(/tells of no NUMA nodes/);
  });

  it("present and managed pages tell where struct pages lie", () => {
    const of = (present: number, managed: number) => structPagesOf(1, zone(1, "Movable", present, managed), []).where;
    expect(of(32768, 32768)).toBe("on another node");
    expect(of(32768, 32256)).toBe("on the node");
    expect(of(65536, 65024)).toBe("in part on the node");
    // Boot memory: its memmap and what the kernel reserved.
    expect(of(524288, 510000)).toBe("on the node");
    expect(structPagesOf(1, zone(0, "Normal", 10, 10), []).where).toBe("not known");
  });
});
