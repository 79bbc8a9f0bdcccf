/** Struct pages of hot-added memory as the kernel left them, read through QEMU's monitor. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { isKernelBefore, readKernelVersion } from "../../src/linux/version.ts";
import type { KernelPackage } from "./kernels.ts";
import { Machine } from "./machine.ts";
import { runStep } from "./operations.ts";

const MIB = 2 ** 20;
const HOT_START = 4 * 2 ** 30;
const PAGE_BYTES = 4096;
const BLOCK_MIB = 128;
/** Where the vmemmap begins without KASLR and with four levels of page tables (Documentation/arch/x86/x86_64/mm.rst). */
const VMEMMAP = 0xffff_ea00_0000_0000n;

interface ImageCase {
  readonly name: string;
  readonly mib: number;
  readonly selfHosted: boolean;
}

const ONE_BLOCK: ImageCase = { name: "self-hosted-node1", mib: 128, selfHosted: true };
/** A request is split by memory block since 6.8 only: before it, two blocks are not self-hosted. */
const TWO_BLOCKS: ImageCase = { name: "self-hosted-two-blocks-node1", mib: 256, selfHosted: true };
const IN_DRAM: ImageCase = { name: "dram-hosted-node1", mib: 256, selfHosted: false };

export interface RecordedImage {
  /** `self-hosted-node1-added`. */
  readonly name: string;
  /** 64 bytes for each page of the DIMM. */
  readonly bytes: Uint8Array;
}

async function saveImage(machine: Machine, mib: number, directory: string): Promise<Uint8Array> {
  const file = join(directory, "image");
  const address = VMEMMAP + BigInt((HOT_START / PAGE_BYTES) * STRUCT_PAGE_BYTES);
  const size = ((mib * MIB) / PAGE_BYTES) * STRUCT_PAGE_BYTES;
  // The human monitor's command: JSON's numbers do not hold such an address.
  const command = `memsave 0x${address.toString(16)} ${size} "${file}"`;
  const said = await machine.qmp.execute("human-monitor-command", { "command-line": command });
  if (said !== "") throw new Error(`${command}: ${String(said).trim()}`);
  return readFileSync(file);
}

async function recordCase(kernel: KernelPackage, { name, mib, selfHosted }: ImageCase): Promise<RecordedImage[]> {
  const directory = mkdtempSync(join(tmpdir(), "altmap-images-"));
  const cmdline = `memhp_default_state=offline ${selfHosted ? "memory_hotplug.memmap_on_memory=1" : ""}`;
  let machine: Machine | undefined;
  try {
    machine = await Machine.start(kernel, { boot_memory: "1536M", cmdline, cpuless_node1: true, cpus: 1 });
    await runStep(machine, { op: "add", size: mib * MIB, dimm: 1, addr: [HOT_START] });
    const added = { name: `${name}-added`, bytes: await saveImage(machine, mib, directory) };
    const block = HOT_START / MIB / BLOCK_MIB;
    const { error } = await runStep(machine, { op: "state", block, to: "online_movable" });
    if (error !== null) throw new Error(`${name}: online_movable: ${error}`);
    return [added, { name: `${name}-online_movable`, bytes: await saveImage(machine, mib, directory) }];
  } finally {
    await machine?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Records all images of a kernel and writes them to `output`/memmap-images/NAME.bin.gz. */
export async function recordImages(kernel: KernelPackage, output: string): Promise<RecordedImage[]> {
  const splits = !isKernelBefore(readKernelVersion(kernel.line) ?? 0, "6.8");
  const images: RecordedImage[] = [];
  mkdirSync(join(output, "memmap-images"), { recursive: true });
  for (const image of [ONE_BLOCK, ...(splits ? [TWO_BLOCKS] : []), IN_DRAM])
    images.push(...(await recordCase(kernel, image)));
  for (const { name, bytes } of images)
    writeFileSync(join(output, "memmap-images", `${name}.bin.gz`), gzipSync(bytes, { level: 9 }));
  return images;
}
