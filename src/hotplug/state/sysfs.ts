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

/** kstrtobool: only the first character counts, the second after an `o`. @source lib/kstrtox.c, 6.12 */
export function boolFromText(text: string): boolean | undefined {
  const [first = "", second = ""] = text.toLowerCase();
  if ("yt1".includes(first) && first !== "") return true;
  if ("nf0".includes(first) && first !== "") return false;
  if (first === "o" && second === "n") return true;
  return first === "o" && second === "f" ? false : undefined;
}
