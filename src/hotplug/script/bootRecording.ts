import { InputError } from "../../errors.ts";
import { addressOf } from "../../scenario/addresses.ts";
import type { ArchitectureName } from "../../scenario/words.ts";
import { GIB, MIB, parseBytes } from "../../units.ts";
import { type Architecture, architecture } from "../architectures.ts";
import { memoryBlockBytes } from "../blockSize.ts";
import { daxAttributeDefault } from "../drivers.ts";
import type { HostRecording, RecordedState } from "../state/recording.ts";
import { formatResource } from "../state/resources.ts";
import { boolFromText, onlineTypeFromText } from "../state/sysfs.ts";
import type { ScriptFile } from "./scriptSchema.ts";

/** [start, end) in bytes of boot memory, in one node. */
interface Ram {
  readonly nid: number;
  readonly start: number;
  readonly end: number;
}

/** Each node's memory in turn, from 0 up; x86_64 leaves room for devices below 4 GiB, as QEMU's q35. */
function placeRam(nodes: ScriptFile["machine"]["nodes"], family: string, where: string): Ram[] {
  const sizes = nodes.map(({ id, memory }) => ({ nid: id, bytes: parseBytes(String(memory), `${where}: memory`) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < 128 * MIB || total > 64 * 1024 * GIB)
    throw new InputError({
      what: `boot memory of ${total} bytes`,
      where,
      expected: "128MiB to 64TiB",
      example: "4GiB",
    });
  const hole = family === "x86_64" && total >= 2.75 * GIB ? { start: 2 * GIB, end: 4 * GIB } : undefined;
  let at = 0;
  return sizes.flatMap(({ nid, bytes }) => {
    const parts: Ram[] = [];
    for (let left = bytes; left > 0; ) {
      if (hole !== undefined && at === hole.start) at = hole.end;
      const size = hole !== undefined && at < hole.start ? Math.min(left, hole.start - at) : left;
      parts.push({ nid, start: at, end: at + size });
      at += size;
      left -= size;
    }
    return parts;
  });
}

/** What is no RAM of the first megabyte on a PC. */
const LEGACY_HOLE = { start: 0xa0000, end: 0x100000 };

function withoutLegacy(ram: readonly Ram[], arch: Architecture): Ram[] {
  if (arch.family !== "x86_64") return [...ram];
  return ram.flatMap((part) =>
    part.start > 0
      ? [part]
      : [
          { ...part, start: arch.pageBytes, end: LEGACY_HOLE.start },
          { ...part, start: LEGACY_HOLE.end },
        ],
  );
}

/** Zones below ZONE_NORMAL, and where they end. @source arch/x86, arm64, s390, riscv mm/init.c zone limits, recalled */
const LOW_ZONES: Readonly<Record<string, readonly (readonly ["DMA" | "DMA32", number])[]>> = {
  x86_64: [
    ["DMA", 16 * MIB],
    ["DMA32", 4 * GIB],
  ],
  arm64: [["DMA", 4 * GIB]],
  s390: [["DMA", 2 * GIB]],
  riscv64: [["DMA32", 4 * GIB]],
  loongarch64: [["DMA32", 4 * GIB]],
};

function zonesOf(ram: readonly Ram[], arch: Architecture): RecordedState["zones"] {
  const limits = [...(LOW_ZONES[arch.family] ?? []), ["Normal", Number.POSITIVE_INFINITY] as const];
  const zones: RecordedState["zones"] = {};
  let from = 0;
  for (const [name, to] of limits) {
    for (const nid of new Set(ram.map((part) => part.nid))) {
      const parts = ram
        .filter((part) => part.nid === nid)
        .map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end, to) }))
        .filter(({ start, end }) => start < end);
      const first = parts[0];
      if (first === undefined) continue;
      const present = parts.reduce((sum, { start, end }) => sum + (end - start) / arch.pageBytes, 0);
      const spanned = (parts[parts.length - 1]!.end - first.start) / arch.pageBytes;
      // Assumed: what boot memory keeps back is its own struct pages.
      const managed = present - Math.ceil((present * 64) / arch.pageBytes);
      zones[`${nid}:${name}`] = { start_pfn: first.start / arch.pageBytes, spanned, present, managed };
    }
    from = to;
  }
  return zones;
}

function blocksOf(ram: readonly Ram[], zones: RecordedState["zones"], blockBytes: number, arch: Architecture) {
  const blocks: RecordedState["blocks"] = {};
  const links: string[] = [];
  for (const { nid, start, end } of ram) {
    for (let id = Math.floor(start / blockBytes); id * blockBytes < end; id++) {
      const [first, last] = [(id * blockBytes) / arch.pageBytes, ((id + 1) * blockBytes) / arch.pageBytes];
      const met = Object.entries(zones).filter(
        ([, zone]) => (zone.start_pfn ?? 0) < last && (zone.start_pfn ?? 0) + zone.spanned > first,
      );
      const sole = met.length === 1 ? met[0]?.[0].split(":")[1] : undefined;
      blocks[String(id)] = { state: "online", valid_zones: sole ?? "none" };
      if (!links.includes(`${nid}:${id}`)) links.push(`${nid}:${id}`);
    }
  }
  return { blocks, node_blocks: links };
}

const ARCH_NAMES: Readonly<Record<string, string>> = { arm64: "aarch64", ppc64: "ppc64le", s390: "s390x" };

/** The machine that a script describes in a few words, as a recording would have it when it has booted. */
export function bootRecording(file: ScriptFile, where: string): HostRecording {
  const { machine, kernel = "6.12", boot = DEFAULT_BOOT } = file;
  const arch = architecture(machine.arch, kernel);
  const ram = placeRam(machine.nodes, arch.family, where);
  const parts = withoutLegacy(ram, arch);
  const endBytes = Math.max(...ram.map(({ end }) => end));
  const blockBytes = blockBytesOf(machine, kernel, endBytes, where);
  const zones = zonesOf(parts, arch);
  const managed = Object.values(zones).reduce((sum, zone) => sum + zone.managed, 0);
  const iomem = parts.map(({ start, end }) => formatResource({ start, end: end - 1, name: "System RAM" }));
  const dax = daxOfScript(file, where);
  return {
    kernel: `Linux ${kernel}`,
    system: {
      arch: ARCH_NAMES[arch.family] ?? arch.family,
      page_size: arch.pageBytes,
      cmdline: boot,
      block_size_bytes: blockBytes,
      ...parametersOf(boot, where),
      ...dax.system,
    },
    initial: {
      zones,
      ...blocksOf(parts, zones, blockBytes, arch),
      mem_total_kb: (managed * arch.pageBytes) / 1024,
      iomem_system_ram: iomem,
      ...dax.initial,
    },
  };
}

/** As Debian boots with memmap_on_memory switched on; blocks wait for whoever onlines them. */
const DEFAULT_BOOT = "memory_hotplug.memmap_on_memory=Y memhp_default_state=offline";

function blockBytesOf(
  { arch, memory_block: given }: ScriptFile["machine"],
  kernel: string,
  endBytes: number,
  where: string,
): number {
  if (given !== undefined) return parseBytes(String(given), `${where}: machine.memory_block`);
  return memoryBlockBytes({ architecture: arch as ArchitectureName, kernel, bootEndBytes: endBytes }).value;
}

/** @error InputError for a parameter of memory_hotplug that the kernel would not take */
function parametersOf(boot: string, where: string) {
  const words = new Map(
    boot.split(/\s+/).flatMap((word): [string, string][] => {
      const at = word.indexOf("=");
      return at < 0 ? [] : [[word.slice(0, at).replaceAll("-", "_"), word.slice(at + 1)]];
    }),
  );
  const refuse = (name: string, expected: string): never => {
    throw new InputError({ what: `boot parameter ${name}=${words.get(name)?.slice(0, 40)}`, where, expected });
  };
  const auto = onlineTypeFromText(words.get("memhp_default_state") ?? "offline");
  if (auto === undefined) return refuse("memhp_default_state", "offline, online, online_kernel or online_movable");
  const mode = words.get("memory_hotplug.memmap_on_memory") ?? "N";
  if (mode.toLowerCase() !== "force" && boolFromText(mode) === undefined)
    return refuse("memory_hotplug.memmap_on_memory", "Y, N or force");
  const policy = words.get("memory_hotplug.online_policy") ?? "contig-zones";
  if (policy !== "contig-zones" && policy !== "auto-movable")
    return refuse("memory_hotplug.online_policy", "contig-zones or auto-movable");
  const ratio = words.get("memory_hotplug.auto_movable_ratio") ?? "301";
  if (!/^\d{1,9}$/.test(ratio)) return refuse("memory_hotplug.auto_movable_ratio", "a whole number of percent");
  const aware = words.get("memory_hotplug.auto_movable_numa_aware") ?? "Y";
  const parameters = {
    memmap_on_memory: mode.toLowerCase() === "force" ? "force" : boolFromText(mode) === true ? "Y" : "N",
    online_policy: policy as "contig-zones" | "auto-movable",
    auto_movable_ratio: ratio,
    auto_movable_numa_aware: boolFromText(aware) === false ? "N" : "Y",
  };
  return { parameters, auto_online_blocks: auto };
}

/** What a dax device is part of, in the resource tree. */
const DAX_PARENT = { cxl: "CXL Window 0", pmem: "Persistent Memory", hmem: "Soft Reserved", user: "Soft Reserved" };

function daxOfScript({ dax = {} }: ScriptFile, where: string) {
  const system: Record<string, unknown> = {};
  const initial: Record<string, unknown> = {};
  for (const [name, device] of Object.entries(dax)) {
    const start = addressOf(device.start, `dax.${name}.start`, where) ?? 0;
    const size = parseBytes(String(device.size), `${where}: dax.${name}.size`);
    const on = device.memmap_on_memory ?? daxAttributeDefault(device.kind);
    const attribute = on ? "1" : "0";
    system[name] = {
      resource: String(start),
      size: String(size),
      target_node: String(device.node),
      memmap_on_memory: attribute,
    };
    if (device.kind === "cxl") system["cxl"] = {};
    const parent = formatResource({ start, end: start + size - 1, name: DAX_PARENT[device.kind] });
    initial[name] = { memmap_on_memory: attribute, driver: "device_dax", iomem: [parent] };
  }
  return { system, initial };
}
