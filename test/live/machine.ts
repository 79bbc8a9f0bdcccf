/** One guest: QEMU, its monitor and the shell inside. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { System } from "./fixture.ts";
import { buildInitramfs, type GuestExtras } from "./initramfs.ts";
import type { KernelPackage } from "./kernels.ts";
import { ensureQemu } from "./qemu.ts";
import { Qmp } from "./qmp.ts";
import { SerialShell } from "./shell.ts";

/** What has to be decided before the boot. */
export interface BootOptions extends Pick<System, "boot_memory" | "cmdline" | "cpuless_node1" | "cpus"> {
  /** An NVDIMM of so many bytes that becomes dax0.0. */
  readonly nvdimmBytes?: number;
}

/** Devices, a plugin and programs that a guest has for a special purpose. */
export interface MachineExtras extends GuestExtras {
  readonly qemuArguments?: readonly string[];
}

export const DIMM_SLOTS = 32;
/** A booting guest that has ended says so at once; one that shares its host with much else takes its time. */
const BOOT_TIMEOUT_MS = 600_000;

/**
 * The machine of the recordings; addresses are only predictable with nokaslr and no5lvl. On a busy host the emulated
 * timer is late, which the kernel's timer check would take for broken hardware.
 */
function qemuArguments(kernel: KernelPackage, boot: BootOptions, directory: string): string[] {
  const append = `console=ttyS0 quiet nokaslr no5lvl no_timer_check printk.time=0 panic=-1 ${boot.cmdline}`;
  const args = ["-accel", "tcg", "-cpu", "max", "-smp", String(boot.cpus)];
  args.push("-machine", boot.nvdimmBytes === undefined ? "q35" : "q35,nvdimm=on");
  args.push("-m", `${boot.boot_memory},slots=${DIMM_SLOTS},maxmem=512G`);
  args.push("-object", `memory-backend-ram,id=boot,size=${boot.boot_memory},reserve=off`);
  args.push("-numa", `node,nodeid=0,cpus=0-${boot.cpus - 1},memdev=boot`);
  if (boot.cpuless_node1) args.push("-numa", "node,nodeid=1");
  if (boot.nvdimmBytes !== undefined) {
    const node = boot.cpuless_node1 ? 1 : 0;
    args.push("-object", `memory-backend-ram,id=nv,size=${boot.nvdimmBytes}`);
    args.push("-device", `nvdimm,id=nvdimm0,memdev=nv,node=${node}`);
  }
  args.push("-nodefaults", "-display", "none", "-no-reboot");
  args.push("-chardev", `file,id=console,path=${join(directory, "console")}`, "-serial", "chardev:console");
  args.push("-chardev", "stdio,id=shell,signal=off", "-serial", "chardev:shell");
  args.push("-qmp", `unix:${join(directory, "qmp")}`);
  args.push("-kernel", kernel.vmlinuz, "-initrd", join(directory, "initramfs"), "-append", append);
  return args;
}

export class Machine {
  readonly shell: SerialShell;
  readonly qmp: Qmp;
  readonly boot: BootOptions;
  private readonly child: ChildProcess;
  private readonly directory: string;

  private constructor(child: ChildProcess, shell: SerialShell, qmp: Qmp, boot: BootOptions, directory: string) {
    this.child = child;
    this.shell = shell;
    this.qmp = qmp;
    this.boot = boot;
    this.directory = directory;
  }

  /** @error Error with the last console lines when the guest does not come up */
  static async start(kernel: KernelPackage, boot: BootOptions, extras: MachineExtras = {}): Promise<Machine> {
    const directory = mkdtempSync(join(tmpdir(), "altmap-live-"));
    writeFileSync(join(directory, "initramfs"), buildInitramfs(kernel, boot.nvdimmBytes !== undefined, extras));
    const monitor = Qmp.listen(join(directory, "qmp"));
    const { command, firmware, environment } = ensureQemu();
    const args = [...firmware, ...qemuArguments(kernel, boot, directory), ...(extras.qemuArguments ?? [])];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: environment });
    const shell = new SerialShell(child.stdin, child.stdout);
    let qmp: Qmp | undefined;
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.stdin.on("error", () => {});
    const ended = new Promise<never>((_, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        const error = new Error(`QEMU ended (${signal ?? code}): ${complaint.trim()}\n${consoleTail(directory)}`);
        shell.fail(error);
        qmp?.fail(error);
        reject(error);
      });
    });
    ended.catch(() => {});
    const stop = (): void => {
      child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    };
    process.once("exit", stop);
    child.once("exit", () => process.removeListener("exit", stop));
    try {
      qmp = await Promise.race([monitor.connected, ended]);
      const said = await shell.waitForMark(BOOT_TIMEOUT_MS);
      if (said.trim() !== "") throw new Error(`the guest's start-up failed: ${said.trim()}`);
      return new Machine(child, shell, qmp, boot, directory);
    } catch (error) {
      monitor.close();
      stop();
      throw new Error(`no guest: ${(error as Error).message}`);
    }
  }

  async stop(): Promise<void> {
    this.qmp.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function consoleTail(directory: string): string {
  try {
    return readFileSync(join(directory, "console"), "utf8").split("\n").slice(-40).join("\n");
  } catch {
    return "";
  }
}
