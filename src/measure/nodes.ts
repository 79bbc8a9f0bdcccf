import { InputError } from "../errors.ts";
import { listOf, namesIn, textOf } from "./machineState.ts";

/** Where struct pages of a node lie, and what says so. */
export interface StructPages {
  readonly where: "on the node" | "on another node" | "in part on the node" | "not known";
  readonly how: string;
}

/** A NUMA node with memory. */
export interface MemoryNode {
  readonly id: number;
  /** Empty for a node of memory alone. */
  readonly cpus: readonly number[];
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly structPages: StructPages;
}

const NODES = "sys/devices/system/node";
const STRUCT_PAGE_SHARE = 64 / 4096;

/**
 * A node as the kernel tells of it.
 *
 * @param root what stands for `/`, in tests
 * @error InputError for a node that does not exist, is offline, or has no memory
 */
export function memoryNode(id: number, root = "/"): MemoryNode {
  const lists = (name: string): number[] => listOf(textOf(`${NODES}/${name}`, root) ?? "");
  const withMemory = lists("has_memory");
  const fail = (what: string): never => {
    throw new InputError({
      what,
      where: "--node",
      expected: withMemory.length === 0 ? "a kernel with NUMA" : `a node with memory: ${withMemory.join(", ")}`,
      example: `altmap measure --node ${withMemory.at(-1) ?? 0}`,
    });
  };
  if (withMemory.length === 0) fail("this kernel tells of no NUMA nodes (/sys/devices/system/node/has_memory)");
  if (!lists("possible").includes(id)) fail(`node ${id} does not exist`);
  if (!lists("online").includes(id)) fail(`node ${id} is offline`);
  if (!withMemory.includes(id)) fail(`node ${id} has no memory`);
  const meminfo = textOf(`${NODES}/node${id}/meminfo`, root) ?? "";
  const bytes = (key: string): number => 1024 * Number(new RegExp(`${key}:\\s*(\\d+) kB`).exec(meminfo)?.[1] ?? 0);
  return {
    id,
    cpus: listOf(textOf(`${NODES}/node${id}/cpulist`, root) ?? ""),
    freeBytes: bytes("MemFree"),
    totalBytes: bytes("MemTotal"),
    structPages: structPagesOf(id, textOf("proc/zoneinfo", root) ?? "", namesIn(`${NODES}/node${id}`, root)),
  };
}

/**
 * Where the struct pages of a node lie, from the pages of its zones that are there (`present`) and those of them that
 * the page allocator has (`managed`). nr_memmap* of newer kernels counts struct pages of a node wherever they lie.
 *
 * Blocks that were added carry nothing but free pages: all of them are managed, unless part of each holds the memmap of
 * the block (mhp_init_memmap_on_memory(), which counts it as present). Boot memory has its struct pages, allocated
 * before there was a page allocator, on itself (sparse_init_nid()).
 *
 * @param names of the folder of the node, where its blocks are links
 */
export function structPagesOf(id: number, zoneinfo: string, names: readonly string[]): StructPages {
  let [present, managed] = [0, 0];
  for (const zone of zoneinfo.split(/^(?=Node )/m)) {
    if (!zone.startsWith(`Node ${id},`)) continue;
    present += Number(/^\s+present\s+(\d+)/m.exec(zone)?.[1] ?? 0);
    managed += Number(/^\s+managed\s+(\d+)/m.exec(zone)?.[1] ?? 0);
  }
  if (present === 0)
    return { where: "not known", how: "/proc/zoneinfo tells no present and managed pages of the node" };
  const nrBlocks = names.filter((name) => /^memory\d+$/.test(name)).length;
  const kept = present - managed;
  const expected = present * STRUCT_PAGE_SHARE;
  const counted = `${kept} of its ${present} pages (${nrBlocks} blocks) are present and not managed, its struct pages need ${Math.round(expected)}`;
  if (kept < 0.1 * expected) return { where: "on another node", how: `hot-added: ${counted}` };
  if (kept < 0.9 * expected) return { where: "in part on the node", how: `${counted}: of some blocks` };
  return { where: "on the node", how: `boot memory, or added with memmap_on_memory: ${counted}` };
}
