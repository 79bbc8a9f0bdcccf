/** Boots a guest for one workload and records its parts. */
import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ArchiveEntry, S_IFREG } from "../cpio.ts";
import { executable } from "../initramfs.ts";
import { DISK_MODULES, type KernelPackage } from "../kernels.ts";
import { Machine } from "../machine.ts";
import { captureState, runStep } from "../operations.ts";
import { ensureUnpacked } from "../qemu.ts";
import { buildPlugin, buildWork } from "./build.ts";
import { PFN_FROM, writeRecording } from "./recording.ts";
import { SymbolTable } from "./symbols.ts";
import type { Part, Workload } from "./workload.ts";

const HOT_START = PFN_FROM * 4096;
const MIB = 2 ** 20;
const BLOCK_MIB = 128;
const FIRST_HOT_BLOCK = HOT_START / MIB / BLOCK_MIB;
/**
 * The guest's clock follows its instructions, 16 ns each, and jumps when it idles: what the kernel does by time (ticks, drains of
 * lists, polling shells) is as much on a busy host as on an idle one.
 */
const CLOCK = "shift=4,sleep=off";
const OUTBOX_BYTES = 2 ** 30;
const STEP_TIMEOUT_MS = 1_800_000;

/** Of the kernel log of a recording. */
const SHOWN_LINES = 5;

const EVENTS =
  "kmem/mm_page_alloc kmem/mm_page_alloc_zone_locked kmem/mm_page_alloc_extfrag kmem/mm_page_free " +
  "kmem/mm_page_free_batched kmem/mm_page_pcpu_drain migrate";

/** Ring buffer memory is boot memory and allocated before anything is recorded. */
const SETUP = `
mount -t tracefs t /sys/kernel/tracing
mount -t debugfs d /sys/kernel/debug
mkdir -p /ram /disk; mount -t tmpfs t /ram
echo madvise > /sys/kernel/mm/transparent_hugepage/enabled
echo 0 > /sys/kernel/tracing/tracing_on
for e in ${EVENTS}; do echo 1 > /sys/kernel/tracing/events/$e/enable; done
node1=/sys/devices/system/node/node1
await() { until [ -e $1 ]; do sleep 0.05; done; rm $1; }
held() { "$@" & await /ready; }
release() { kill $!; wait; }`;

const APPLETS = [
  "mkdir",
  "wc",
  "tee",
  "sync",
  "rm",
  "ls",
  "mkswap",
  "swapon",
  "swapoff",
  "kill",
  "dd",
  "umount",
  "head",
  "ifconfig",
];

/** What is worth telling about a recording. */
export interface Recorded {
  readonly name: string;
  readonly seconds: number;
  /** What the command printed, and how the kernel log began. */
  readonly heard: readonly string[];
}

class Guest {
  private readonly machine: Machine;
  private readonly directory: string;
  private readonly workload: Workload;
  private nrRecordings = 0;
  private nrDimms = 0;
  private nextAddress = HOT_START;
  /** Read before the plugin watches: everything is slower from then on. */
  private symbols = new SymbolTable("");

  private constructor(machine: Machine, directory: string, workload: Workload) {
    this.machine = machine;
    this.directory = directory;
    this.workload = workload;
  }

  static async boot(kernel: KernelPackage, workload: Workload, directory: string): Promise<Guest> {
    const outbox = join(directory, "outbox");
    const fd = openSync(outbox, "w");
    ftruncateSync(fd, OUTBOX_BYTES);
    closeSync(fd);
    const disks = [outbox];
    if (workload.diskMib !== undefined) disks.push(makeFilesystem(directory, workload.diskMib));
    const drives = disks.flatMap((file, index) => [
      ...["-drive", `file=${file},format=raw,if=none,cache=unsafe,id=disk${index}`],
      ...["-device", `virtio-blk-pci,drive=disk${index}`],
    ]);
    const plugin = `${buildPlugin(directory)},dir=${directory},pfn_from=${PFN_FROM}`;
    const cmdline = `memhp_default_state=offline ${workload.selfHosted ? "memory_hotplug.memmap_on_memory=1 " : ""}${workload.cmdline ?? ""}`;
    const machine = await Machine.start(
      kernel,
      { boot_memory: "1536M", cmdline, cpuless_node1: true, cpus: 1 },
      {
        modules: DISK_MODULES,
        applets: APPLETS,
        files: [{ path: "bin/work", mode: S_IFREG | 0o755, data: buildWork(directory) }, ...programsOf(workload)],
        qemuArguments: [...drives, "-plugin", plugin, "-icount", CLOCK],
      },
    );
    const guest = new Guest(machine, directory, workload);
    const buffer = `echo ${workload.traceKib ?? 65536} > /sys/kernel/tracing/buffer_size_kb`;
    for (const line of `${SETUP}\n${buffer}`.split("\n")) await guest.quiet(line);
    guest.symbols = new SymbolTable((await guest.fetch("cat /proc/kallsyms")).toString());
    await guest.plug();
    await guest.quiet("work mark follow");
    return guest;
  }

  stop(): Promise<void> {
    return this.machine.stop();
  }

  /** @returns what the command printed */
  private async run(command: string): Promise<string> {
    return (await this.machine.shell.run(command, STEP_TIMEOUT_MS)).trim();
  }

  /** @error Error when the command complains */
  private async quiet(command: string): Promise<void> {
    if (command.trim() === "") return;
    const said = await this.run(command);
    if (said !== "") throw new Error(`${this.workload.name}: ${command}: ${said}`);
  }

  /** @error Error when the kernel refuses it */
  private async plugDimm(mib: number): Promise<void> {
    const size = mib * MIB;
    const { error } = await runStep(this.machine, { op: "add", size, dimm: ++this.nrDimms, addr: [this.nextAddress] });
    if (error !== null) throw new Error(`${this.workload.name}: a DIMM of ${mib} MiB: ${error}`);
    this.nextAddress += size;
  }

  private async plug(): Promise<void> {
    for (const mib of this.workload.dimmsMib) await this.plugDimm(mib);
    const nrBlocks = (this.nextAddress - HOT_START) / MIB / BLOCK_MIB;
    const { online } = this.workload;
    for (let index = 0; index < nrBlocks; index++) {
      const state = typeof online === "string" ? online : online[index];
      if (state !== undefined) await this.quiet(`echo ${state} > $memory/memory${FIRST_HOT_BLOCK + index}/state`);
    }
  }

  /** What the shell wrote to the outbox disk. */
  private async fetch(command: string): Promise<Buffer> {
    const size = Number(await this.run(`${command} | tee /dev/vda | wc -c; sync`));
    if (!(size <= OUTBOX_BYTES)) throw new Error(`${command} has ${size} bytes`);
    const contents = Buffer.alloc(size);
    const fd = openSync(join(this.directory, "outbox"), "r");
    for (let at = 0; at < size; ) at += readSync(fd, contents, at, size - at, at);
    closeSync(fd);
    return contents;
  }

  /** Of the kernel's workers. */
  private async recordPlug(mib: number): Promise<string> {
    await this.quiet("work mark start");
    await this.plugDimm(mib);
    return this.run("work mark stop");
  }

  async record(part: Part, output: string): Promise<Recorded> {
    const { watchLate = false } = this.workload;
    if (!watchLate) await this.quiet("work mark watch");
    for (const command of part.prepare ?? []) await this.quiet(command);
    if (part.held !== undefined) await this.quiet(`held ${part.held}`);
    if (watchLate) await this.quiet("work mark watch");
    await this.run("dmesg -c");
    const before = await captureState(this.machine);
    await this.quiet("echo > /sys/kernel/tracing/trace");
    const started = performance.now();
    const said = part.plugMib === undefined ? await this.run(marked(part)) : await this.recordPlug(part.plugMib);
    const seconds = Math.round((performance.now() - started) / 10) / 100;
    await this.quiet("work mark rest");
    const dmesg = await this.run("dmesg -c");
    const after = await captureState(this.machine);
    const events = await this.fetch("cat /sys/kernel/tracing/trace");
    const [, , kernel = ""] = (await this.run("cat /proc/version")).split(" ");
    const plugin = join(this.directory, `recording-${this.nrRecordings++}`);
    const { name, operations } = part;
    const command = part.command ?? part.held ?? "";
    writeRecording(
      output,
      { name, kernel, command, output: said, seconds, before, after, operations, events, plugin },
      this.symbols,
    );
    return { name, seconds, heard: [said, ...dmesg.split("\n").slice(0, SHOWN_LINES)].filter((text) => text !== "") };
  }
}

/** A program marks itself as the workload (`work bind`); else it is the shell, which then counts as one. */
function marked({ command }: Part): string {
  if (command === undefined) return "> /go; await /done";
  const by = command.startsWith("work bind ") ? "" : " shell";
  return `work mark start${by}; ${command}; work mark stop${by}`;
}

function programsOf({ programs }: Workload): ArchiveEntry[] {
  if (programs === undefined) return [];
  const root = ensureUnpacked(programs.package);
  return programs.names.flatMap((name) => executable(join(root, "usr/bin", name), root));
}

/** An ext4 filesystem that holds one file, `data`, of half its size. */
function makeFilesystem(directory: string, mib: number): string {
  const root = join(directory, "root");
  const image = join(directory, "disk");
  const script = `mkdir "$1" && head -c ${mib / 2}M /dev/urandom > "$1/data" && PATH="$PATH:/sbin:/usr/sbin" mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -d "$1" "$2" ${mib}M >/dev/null`;
  execFileSync("sh", ["-c", script, "sh", root, image], { stdio: "inherit" });
  return image;
}

/** Records every part of a workload in one boot, into `output`/traffic and `output`/traces. */
export async function recordWorkload(
  kernel: KernelPackage,
  workload: Workload,
  output: string,
  tell: (recorded: Recorded) => void = () => {},
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "altmap-record-"));
  let guest: Guest | undefined;
  try {
    guest = await Guest.boot(kernel, workload, directory);
    const parts = workload.parts.filter(({ notOn = [] }) => !notOn.includes(kernel.line));
    for (const part of parts) tell(await guest.record(part, output));
  } finally {
    await guest?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
