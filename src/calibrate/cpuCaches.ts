import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One data or unified cache of CPU 0 as the kernel names it. */
export interface SysfsCache {
  readonly level: number;
  readonly bytes: number;
  readonly ways: number | undefined;
  readonly file: string;
}

const MAX_INDEX = 8;

/**
 * Caches in /sys/devices/system/cpu/cpu0/cache, instruction caches left out; empty where there is no such
 * directory (some virtual machines, other systems). Only used to cross-check what is measured, and for ways,
 * which no timing here shows.
 */
export function readCpuCaches(root = "/"): SysfsCache[] {
  const caches: SysfsCache[] = [];
  for (let index = 0; index < MAX_INDEX; index++) {
    const dir = join(root, `sys/devices/system/cpu/cpu0/cache/index${index}`);
    const type = attribute(dir, "type");
    const level = Number(attribute(dir, "level") ?? Number.NaN);
    const size = /^(\d{1,9})([KM]?)$/.exec(attribute(dir, "size") ?? "");
    if (type === undefined || type === "Instruction" || !(level >= 1) || !size) continue;
    const bytes = Number(size[1]) * (size[2] === "M" ? 1048576 : size[2] === "K" ? 1024 : 1);
    const ways = Number(attribute(dir, "ways_of_associativity") ?? Number.NaN);
    if (bytes > 0) caches.push({ level, bytes, ways: ways >= 1 ? ways : undefined, file: join(dir, "size") });
  }
  return caches.sort((a, b) => a.level - b.level);
}

function attribute(dir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dir, name), "utf8").trim();
  } catch {
    return undefined;
  }
}
