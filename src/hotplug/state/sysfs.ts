import type { PolicyFile } from "./action.ts";
import type { HotplugMachine } from "./machine.ts";
import type { Errno, MemoryBlock, OnlineType } from "./memoryBlock.ts";
import { deviceOffline, type OfflineOptions } from "./offline.ts";
import { deviceOnline } from "./online.ts";

const ONLINE_TYPES: readonly OnlineType[] = ["online", "online_kernel", "online_movable"];

/** The online type that `text` names, as sysfs reads it: one newline at the end is no part of the word. */
export function onlineTypeFromText(text: string): OnlineType | "offline" | undefined {
  const word = text.replace(/\n$/, "");
  return word === "offline" ? "offline" : ONLINE_TYPES.find((type) => type === word);
}

/**
 * A write to memoryN/state. The state that a block already has is -EINVAL.
 *
 * @source drivers/base/memory.c state_store, 6.1 and 6.12
 */
export function stateStore(
  machine: HotplugMachine,
  block: MemoryBlock,
  text: string,
  options: OfflineOptions = {},
): Errno | undefined {
  const type = onlineTypeFromText(text);
  if (type === undefined) return "EINVAL";
  if (type === "offline") return deviceOffline(machine, block, options).errno;
  block.onlineType = type;
  return deviceOnline(machine, block);
}

/**
 * A write to a file that sets an online policy: it holds for what is added or onlined from then on.
 *
 * @error  `EINVAL` for what the file does not take
 * @source drivers/base/memory.c auto_online_blocks_store, mm/memory_hotplug.c set_online_policy, module_param, 6.12
 */
export function policyStore({ settings }: HotplugMachine, file: PolicyFile, text: string): Errno | undefined {
  switch (file) {
    case "auto_online_blocks": {
      const type = onlineTypeFromText(text);
      if (type === undefined) return "EINVAL";
      settings.autoOnline = type;
      return undefined;
    }
    case "online_policy": {
      const word = text.replace(/\n$/, "");
      if (word !== "contig-zones" && word !== "auto-movable") return "EINVAL";
      settings.onlinePolicy = word;
      return undefined;
    }
    case "auto_movable_ratio": {
      if (!/^\+?\d{1,9}\n?$/.test(text)) return "EINVAL";
      settings.autoMovableRatio = Number.parseInt(text, 10);
      return undefined;
    }
    case "auto_movable_numa_aware": {
      const value = boolFromText(text);
      if (value === undefined) return "EINVAL";
      settings.autoMovableNumaAware = value;
      return undefined;
    }
  }
}

/**
 * A write to memory_hotplug's parameter memmap_on_memory: fixed at boot in every kernel; as a patch of 2023 had it
 * (what-if), it holds for what is added from then on.
 *
 * @error  `EACCES` as things are, for root too; `EINVAL` in the what-if, for what the parameter does not take
 * @source mm/memory_hotplug.c module_param 0444, fs/kernfs/file.c kernfs_fop_open, 6.12
 */
export function parameterStore({ settings }: HotplugMachine, text: string): Errno | undefined {
  if (!settings.whatIf.includes("writable-parameter")) return "EACCES";
  const word = text.trim();
  const value = boolFromText(word);
  if (/^force$/i.test(word) && settings.rules.modes.value === "bool-or-force") settings.mode = "force";
  else if (value === undefined) return "EINVAL";
  else settings.mode = value ? "Y" : "N";
  return undefined;
}

/** kstrtobool: only the first character counts, the second after an `o`. @source lib/kstrtox.c, 6.12 */
export function boolFromText(text: string): boolean | undefined {
  const [first = "", second = ""] = text.toLowerCase();
  if ("yt1".includes(first) && first !== "") return true;
  if ("nf0".includes(first) && first !== "") return false;
  if (first === "o" && second === "n") return true;
  return first === "o" && second === "f" ? false : undefined;
}
