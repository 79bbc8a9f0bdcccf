/** One hot-added node; blocks of each kind, all online and movable. */
export interface HotNode {
  readonly selfHosted: number;
  readonly inDram: number;
}

/** Files of a machine with 512 MiB of boot memory, node 0, and hot-added memory of node 1 on, through dax/kmem. */
export function hotMachine(nodes: readonly HotNode[], blockBytes = 2 ** 27): Record<string, string> {
  const [blockPages, reserved] = [blockBytes / 4096, blockBytes / 64 / 4096];
  const boot = { node: 0, zone: "DMA32", present: 131040, managed: 120001 };
  const hot = nodes.map(({ selfHosted, inDram }, i) => {
    const present = (selfHosted + inDram) * blockPages;
    return { node: i + 1, zone: "Movable", present, managed: present - selfHosted * reserved };
  });
  const zones = [boot, ...hot.filter(({ present }) => present > 0)];
  const files: Record<string, string> = {
    "proc/version": "Linux version 6.12.117+deb12-amd64 (a@b) #1 SMP Debian\n",
    "proc/cmdline": "root=/dev/sda memory_hotplug.memmap_on_memory=1 password=secret\n",
    "proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu\n",
    "proc/meminfo": `MemTotal: ${zones.reduce((sum, { managed }) => sum + 4 * managed, 0)} kB\n`,
    "proc/zoneinfo": zones
      .map(
        ({ node, zone, present, managed }) =>
          `Node ${node}, zone  ${zone}\n  pages free     ${managed}\n        spanned  ${present}\n        present  ${present}\n        managed  ${managed}\n  start_pfn:           4096\n`,
      )
      .join(""),
    "proc/buddyinfo":
      "Node 0, zone    DMA32      0      0      0      0      0      0      0      0      0      0     75\n",
    "sys/devices/system/memory/block_size_bytes": `${blockBytes.toString(16)}\n`,
    "sys/devices/system/memory/auto_online_blocks": "online_movable\n",
    "sys/module/memory_hotplug/parameters/memmap_on_memory": "Y\n",
    "sys/devices/system/node/node0/cpulist": "0\n",
    "sys/devices/system/node/node0/meminfo": `Node 0 MemTotal:  ${4 * boot.managed} kB\nNode 0 MemFree:  ${300 * 1024} kB\n`,
  };
  let block = 64;
  nodes.forEach(({ selfHosted, inDram }, i) => {
    const node = `sys/devices/system/node/node${i + 1}`;
    const nrBlocks = selfHosted + inDram;
    files[`${node}/cpulist`] = "\n";
    files[`${node}/meminfo`] = `Node ${i + 1} MemTotal:  ${4 * hot[i]!.managed} kB\nNode ${i + 1} MemFree:  0 kB\n`;
    for (let b = 0; b < nrBlocks; b++, block++) {
      files[`${node}/memory${block}/state`] = "online\n";
      files[`sys/devices/system/memory/memory${block}/state`] = "online\n";
      files[`sys/devices/system/memory/memory${block}/valid_zones`] = "Movable\n";
    }
    const dax = `sys/bus/dax/devices/dax${i}.0`;
    files[`${dax}/size`] = `${Math.max(1, nrBlocks) * blockBytes}\n`;
    files[`${dax}/target_node`] = `${i + 1}\n`;
    files[`${dax}/memmap_on_memory`] = "1\n";
    files[`sys/bus/dax/drivers/kmem/dax${i}.0/uevent`] = "";
  });
  return files;
}
