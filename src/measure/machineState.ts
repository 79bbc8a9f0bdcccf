import { readdirSync, readFileSync } from "node:fs";
import { arch, release } from "node:os";
import { join } from "node:path";
import { readCpuCaches } from "../calibrate/cpuCaches.ts";
import { InputError } from "../errors.ts";

/** What of the machine a result depends on; nothing that names it. */
export interface MachineState {
  readonly cpu: string;
  readonly vendor: string;
  readonly family: number | null;
  readonly model: number | null;
  readonly architecture: string;
  readonly kernel: string;
  /** As /proc/cpuinfo and the firmware tell; null: nothing says so. */
  readonly virtualisation: string | null;
  readonly nrCpus: number;
  readonly l2Bytes: number;
  readonly llcBytes: number;
  /** Of the last minute. */
  readonly load: number;
}

/** Where no cache is told of, as in some guests. */
const ASSUMED_L2_BYTES = 512 * 1024;
const ASSUMED_LLC_BYTES = 32 * 1024 ** 2;

/** Text of a file below `root`; undefined when it cannot be read. */
export function textOf(path: string, root: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

/** @param root what stands for `/`, in tests */
export function machineState(root = "/"): MachineState {
  const cpuinfo = textOf("proc/cpuinfo", root) ?? "";
  const field = (name: string): string | undefined => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(cpuinfo)?.[1];
  const number = (name: string): number | null => (field(name) === undefined ? null : Number(field(name)));
  const caches = readCpuCaches(root);
  return {
    cpu: field("model name") ?? field("CPU part") ?? "not told",
    vendor: field("vendor_id") ?? field("CPU implementer") ?? "not told",
    family: number("cpu family"),
    model: number("model"),
    architecture: arch() === "x64" ? "x86_64" : arch(),
    kernel: textOf("proc/sys/kernel/osrelease", root)?.trim() ?? release(),
    virtualisation: virtualisationOf(root, cpuinfo),
    nrCpus: listOf(textOf("sys/devices/system/cpu/online", root) ?? "0").length,
    l2Bytes: caches.find(({ level }) => level === 2)?.bytes ?? ASSUMED_L2_BYTES,
    llcBytes: caches.at(-1)?.bytes ?? ASSUMED_LLC_BYTES,
    load: Number((textOf("proc/loadavg", root) ?? "0").split(" ")[0]),
  };
}

function virtualisationOf(root: string, cpuinfo: string): string | null {
  const said = textOf("sys/hypervisor/type", root)?.trim() ?? textOf("sys/class/dmi/id/sys_vendor", root)?.trim();
  if (/^flags\s*:.*\bhypervisor\b/m.test(cpuinfo)) return said === undefined ? "a virtual machine" : `guest (${said})`;
  return said !== undefined && /qemu|kvm|vmware|xen|virtual/i.test(said) ? `guest (${said})` : null;
}

/** `0-3,8` as numbers. */
export function listOf(text: string): number[] {
  return text
    .trim()
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [from = 0, to = from] = part.split("-").map(Number);
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    });
}

/** Jiffies of each CPU: all, and those in which it did nothing. */
function cpuTimes(root: string): Map<number, { all: number; idle: number }> {
  const times = new Map<number, { all: number; idle: number }>();
  for (const match of (textOf("proc/stat", root) ?? "").matchAll(/^cpu(\d+) (.*)$/gm)) {
    const fields = (match[2] ?? "").split(" ").map(Number);
    const all = fields.slice(0, 8).reduce((sum, value) => sum + value, 0);
    times.set(Number(match[1]), { all, idle: (fields[3] ?? 0) + (fields[4] ?? 0) });
  }
  return times;
}

/** A CPU that did least of those that may be used, and the share of time in which it was busy. */
export interface QuietCpu {
  readonly cpu: number;
  readonly busyRatio: number;
}

const WATCHED_MS = 300;

/**
 * Watches for a moment. CPU 0 takes the interrupts of many machines: of equals the last.
 *
 * @param asked by the user; else the quietest of `allowed`
 * @error InputError for a CPU that this process may not use
 */
export async function quietCpu(
  asked: number | undefined,
  allowed: readonly number[],
  root = "/",
  watchedMs = WATCHED_MS,
): Promise<QuietCpu> {
  if (asked !== undefined && !allowed.includes(asked)) {
    throw new InputError({
      what: `CPU ${asked} is not one that this process may run on`,
      where: "--cpu",
      expected: `one of ${allowed.join(", ")}`,
      example: `altmap measure --cpu ${allowed.at(-1) ?? 0}`,
    });
  }
  const before = cpuTimes(root);
  await new Promise((done) => setTimeout(done, watchedMs));
  const after = cpuTimes(root);
  const busy = (asked === undefined ? allowed : [asked]).map((cpu): QuietCpu => {
    const [from, to] = [before.get(cpu), after.get(cpu)];
    const all = (to?.all ?? 0) - (from?.all ?? 0);
    return { cpu, busyRatio: all <= 0 ? 0 : 1 - ((to?.idle ?? 0) - (from?.idle ?? 0)) / all };
  });
  return busy.reduce((best, next) => (next.busyRatio <= best.busyRatio ? next : best));
}

/** CPUs of this process's mask, of the node if one is given. */
export function allowedCpus(nodeCpus: readonly number[] | undefined, root = "/"): number[] {
  const mask = /^Cpus_allowed_list:\s*(\S+)/m.exec(textOf("proc/self/status", root) ?? "")?.[1];
  const cpus = listOf(mask ?? textOf("sys/devices/system/cpu/online", root) ?? "0");
  const near = nodeCpus === undefined ? cpus : cpus.filter((cpu) => nodeCpus.includes(cpu));
  return near.length > 0 ? near : cpus;
}

/** Bytes that a process may still take: of the machine, and of the cgroups that it is in. */
export function availableBytes(root = "/"): { readonly bytes: number; readonly by: string } {
  const meminfo = /^MemAvailable:\s*(\d+) kB/m.exec(textOf("proc/meminfo", root) ?? "")?.[1];
  let least = { bytes: meminfo === undefined ? Number.POSITIVE_INFINITY : Number(meminfo) * 1024, by: "this machine" };
  const path = /^0::(\/.*)$/m.exec(textOf("proc/self/cgroup", root) ?? "")?.[1] ?? "/";
  const parts = path.split("/").filter((part) => part !== "");
  for (let n = parts.length; n >= 0; n--) {
    const folder = join("sys/fs/cgroup", ...parts.slice(0, n));
    const [max, current] = ["memory.max", "memory.current"].map((file) => textOf(join(folder, file), root)?.trim());
    if (max === undefined || max === "max") continue;
    const left = Number(max) - Number(current ?? 0);
    if (left < least.bytes) least = { bytes: left, by: `its cgroup (${join("/", folder, "memory.max")}: ${max})` };
  }
  return least;
}

/** Names below a folder of `root`; none where there is no such folder. */
export function namesIn(path: string, root: string): string[] {
  try {
    return readdirSync(join(root, path));
  } catch {
    return [];
  }
}
