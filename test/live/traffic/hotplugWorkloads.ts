/** Idle blocks: added, onlined, offlined. Added by the kernel's workers, so what they did is among `kernel_threads`. */
import type { Part, Workload } from "./workload.ts";

const toState = (name: string, block: number, state: string, selfHosted: boolean): Part => ({
  name,
  command: `echo ${state} > $memory/memory${block}/state`,
  operations: [{ op: state, block, self_hosted: selfHosted }],
});

export const HOTPLUG_WORKLOADS: readonly Workload[] = [
  {
    name: "hotplug",
    about: "blocks of 128 MiB added, onlined, offlined and onlined again",
    dimmsMib: [],
    selfHosted: true,
    online: [],
    parts: [
      { name: "hp_add_128_mom", plugMib: 128, operations: [{ op: "add", blocks: [32], self_hosted: true }] },
      toState("hp_online_movable_128_mom", 32, "online_movable", true),
      toState("hp_offline_128_mom", 32, "offline", true),
      toState("hp_online_again_128_mom", 32, "online_movable", true),
    ],
  },
  {
    name: "hotplug-dram",
    about: "256 MiB added with the memmap in DRAM, both blocks onlined, one offlined",
    dimmsMib: [],
    selfHosted: false,
    online: [],
    parts: [
      { name: "hp_add_256_nomom", plugMib: 256, operations: [{ op: "add", blocks: [32, 33], self_hosted: false }] },
      toState("hp_online_movable_256a", 32, "online_movable", false),
      toState("hp_online_movable_256b", 33, "online_movable", false),
      toState("hp_offline_256b", 33, "offline", false),
    ],
  },
];
