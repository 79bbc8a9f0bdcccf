import { usableBytes } from "../hotplug/dramUse.ts";
import { daxAttributeDefault } from "../hotplug/drivers.ts";
import { kernelRules } from "../hotplug/kernels.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { isKernelBefore, readKernelVersion } from "../linux/version.ts";
import type { DaxKind } from "../scenario/words.ts";
import { formatBytes } from "../units.ts";
import type { FitFacts } from "./facts.ts";

/** One line to type, or to put where it says, and why. */
export interface CommandLine {
  readonly command: string;
  readonly why: string;
  readonly source: string;
}

/** What is known of the machine besides. */
interface CommandOptions {
  readonly distribution?: string | undefined;
  readonly isRunning?: boolean;
}

/** What leads to memmaps on the memory, how one sees that it did, and the way back. */
export interface Commands {
  readonly type: readonly CommandLine[];
  readonly check: readonly CommandLine[];
  readonly undo: readonly CommandLine[];
}

const PARAMETERS = "Documentation/admin-guide/kernel-parameters.txt";
const HOTPLUG_RST = "Documentation/admin-guide/mm/memory-hotplug.rst";
const DAX_ABI = "Documentation/ABI/testing/sysfs-bus-dax";
const DAXCTL = "ndctl Documentation/daxctl";

/** How each family of distributions adds a word to the kernel command line. */
const BOOT: Readonly<Record<string, (word: string) => string>> = {
  debian: (word) => `${word} in GRUB_CMDLINE_LINUX of /etc/default/grub; update-grub; reboot`,
  ubuntu: (word) => `${word} in GRUB_CMDLINE_LINUX of /etc/default/grub; update-grub; reboot`,
  rhel: (word) => `grubby --update-kernel=ALL --args=${word}; reboot`,
  suse: (word) => `${word} in GRUB_CMDLINE_LINUX of /etc/default/grub; grub2-mkconfig -o /boot/grub2/grub.cfg; reboot`,
  s390: (word) => `${word} in parameters of /etc/zipl.conf; zipl; reboot`,
};

/** For the driver, kernel, architecture and family of distributions of the machine. */
export function commandsOf({ scenario, plans, daxKinds, mode: set }: FitFacts, options: CommandOptions): Commands {
  const hosts = plans.filter(({ placement }) => placement.selfHosted);
  const target = hosts[0] ?? plans[0];
  if (target === undefined || hosts.length === 0) return { type: [], check: nodeChecks(plans), undo: [] };
  const { version, memmapOnMemory } = scenario.kernel;
  const mode = memmapOnMemory === "force" ? "force" : "1";
  const word = `memory_hotplug.memmap_on_memory=${mode}`;
  const family = scenario.machine.arch === "s390" ? "s390" : (options.distribution ?? "");
  const boot = BOOT[family] ?? ((text: string) => `${text} on the kernel command line, reboot`);
  const driver = DRIVER_COMMANDS[target.device.driver]?.(plans, version, daxKinds) ?? { type: [], undo: [] };
  return {
    type: [
      ...(options.isRunning === true && set !== "N"
        ? []
        : [
            {
              command: boot(word),
              why: "off unless set at boot; read-only after it",
              source: `${PARAMETERS} memory_hotplug.memmap_on_memory`,
            },
          ]),
      ...driver.type,
    ],
    check: [
      {
        command: "cat /sys/module/memory_hotplug/parameters/memmap_on_memory",
        why: mode === "force" ? "force" : "Y",
        source: HOTPLUG_RST,
      },
      ...nodeChecks(plans),
    ],
    undo: driver.undo,
  };
}

/** `node1`, or what to look for where the scenario does not say. */
function nodeName({ device }: HotplugPlan): string {
  return device.node === undefined ? "nodeN" : `node${device.node}`;
}

/** MemTotal of each node: with the memmap on it, it is less than what was added. */
function nodeChecks(plans: readonly HotplugPlan[]): CommandLine[] {
  const byNode = new Map<number, HotplugPlan[]>();
  for (const plan of plans)
    if (plan.nrBlocks > 0) byNode.set(plan.zone.node, [...(byNode.get(plan.zone.node) ?? []), plan]);
  return [...byNode.values()].map((own) => {
    const [hosted, all] = [
      own.reduce((sum, plan) => sum + usableBytes(plan, plan.placement.selfHosted ? "on-memory" : "dram"), 0),
      own.reduce((sum, { range }) => sum + range.sizeBytes, 0),
    ];
    const there = hosted === all ? `${all / 1024} kB` : `${hosted / 1024} kB`;
    return {
      command: `grep MemTotal /sys/devices/system/node/${nodeName(own[0]!)}/meminfo`,
      why: there,
      source: "drivers/base/node.c node_read_meminfo: MemTotal is what zones manage",
    };
  });
}

type DriverCommands = (
  plans: readonly HotplugPlan[],
  kernel: string,
  kinds: readonly DaxKind[],
) => Pick<Commands, "type" | "undo">;

const daxNames = (plans: readonly HotplugPlan[]): string[] =>
  plans.filter(({ device }) => device.driver === "dax-kmem").map(({ device }, i) => device.name ?? `dax${i}.0`);

const daxCommands: DriverCommands = (plans, kernel, kinds) => {
  const names = daxNames(plans);
  const first = names[0] ?? "dax0.0";
  const others = names.length > 1 ? `, then ${names.slice(1, 4).join(", ")}${names.length > 4 ? "..." : ""}` : "";
  const version = readKernelVersion(kernel);
  const hasState = version !== undefined && !isKernelBefore(version, "7.3");
  const isOnByDefault = plans.every(
    ({ placement }, i) => placement.selfHosted && daxAttributeDefault(kinds[i] ?? "pmem"),
  );
  if (!kernelRules(kernel).daxAttribute.value) return { type: [], undo: [] };
  const rebind: CommandLine[] = [
    {
      command: `daxctl reconfigure-device --mode=devdax --force ${first}`,
      why: `out of kmem${others}`,
      source: `${DAXCTL}/daxctl-reconfigure-device.txt`,
    },
    {
      command: `echo 1 > /sys/bus/dax/devices/${first}/memmap_on_memory`,
      why: "before kmem binds",
      source: DAX_ABI,
    },
  ];
  return {
    type: [
      ...(isOnByDefault ? [] : rebind),
      {
        command: `daxctl reconfigure-device --mode=system-ram ${first}`,
        why: `online_movable${others}`,
        source: `${DAXCTL}/daxctl-reconfigure-device.txt`,
      },
    ],
    undo: [
      hasState
        ? {
            command: `echo unplugged > /sys/bus/dax/devices/${first}/state`,
            why: "offlines and removes the whole device, or nothing",
            source: DAX_ABI,
          }
        : {
            command: `daxctl offline-memory ${first}`,
            why: "moves what is on it elsewhere first",
            source: `${DAXCTL}/daxctl-offline-memory.txt`,
          },
      {
        command: `daxctl reconfigure-device --mode=devdax --force ${first}`,
        why: "unbinds kmem: the blocks are gone",
        source: `${DAXCTL}/daxctl-reconfigure-device.txt`,
      },
    ],
  };
};

const acpiCommands: DriverCommands = () => ({
  type: [
    {
      command: "echo online_movable > /sys/devices/system/memory/auto_online_blocks",
      why: "before the DIMM is plugged: its driver asks by itself",
      source: HOTPLUG_RST,
    },
  ],
  undo: [
    {
      command: "echo 1 > /sys/bus/acpi/devices/PNP0C80:*/eject",
      why: "the DIMM's: offlines all of its blocks, then removes them",
      source: "drivers/acpi/scan.c eject_store",
    },
  ],
});

const dlparCommands: DriverCommands = (plans) => {
  const lmbs = plans.reduce((sum, { nrBlocks }) => sum + nrBlocks, 0);
  return {
    type: [
      {
        command: `drmgr -c mem -a -q ${lmbs}`,
        why: `adds ${lmbs} LMBs, each online at once`,
        source: "arch/powerpc/platforms/pseries/hotplug-memory.c dlpar_add_lmb",
      },
    ],
    undo: [
      {
        command: `drmgr -c mem -r -q ${lmbs}`,
        why: "offlines and removes as many",
        source: "arch/powerpc/platforms/pseries/hotplug-memory.c dlpar_remove_lmb",
      },
    ],
  };
};

const sclpCommands: DriverCommands = (plans, kernel) => {
  const perBlock = kernelRules(kernel).s390.value === "configure-per-block";
  const size = formatBytes(plans[0]?.range.sizeBytes ?? 0).replace(/ (\w)iB/, "$1");
  const online: CommandLine = {
    command: `chmem -e ${size}`,
    why: "sets so much standby memory online",
    source: "util-linux chmem(8)",
  };
  const configure: CommandLine[] = [
    {
      command: "echo 1 > /sys/firmware/memory/memoryN/memmap_on_memory",
      why: "for each block, while it is not configured",
      source: "drivers/s390/char/sclp_mem.c sclp_memmap_on_memory_store",
    },
    {
      command: "echo 1 > /sys/firmware/memory/memoryN/config",
      why: "adds the block",
      source: "drivers/s390/char/sclp_mem.c sclp_config_mem_store",
    },
  ];
  return {
    type: [...(perBlock ? configure : []), online],
    undo: [
      { command: `chmem -d ${size}`, why: "sets it offline", source: "util-linux chmem(8)" },
      ...(perBlock
        ? [
            {
              command: "echo 0 > /sys/firmware/memory/memoryN/config",
              why: "removes the block",
              source: "drivers/s390/char/sclp_mem.c sclp_config_mem_store",
            },
          ]
        : []),
    ],
  };
};

const DRIVER_COMMANDS: Readonly<Partial<Record<string, DriverCommands>>> = {
  "dax-kmem": daxCommands,
  acpi: acpiCommands,
  "ppc64-dlpar": dlparCommands,
  "s390-sclp": sclpCommands,
};
