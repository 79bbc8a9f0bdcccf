/** Executes one step on a guest, waits until the kernel has finished it, and records what became of it. */
import type { Operation, Outcome, State, Step } from "./fixture.ts";
import type { Machine } from "./machine.ts";
import { QmpError } from "./qmp.ts";
import { Unanswered } from "./shell.ts";
import { parseState } from "./state.ts";

const STEP_TIMEOUT_MS = 120_000;
/** Idle blocks go offline within seconds here, used ones within ten. */
const OFFLINE_TIMEOUT_MS = 60_000;

/** An offline that did not end: do_migrate_range() and test_pages_isolated() can take turns for ever (offline_pages()). */
export class EndlessOffline extends Error {}

/** The source events of _OST (ACPI 6.5, 6.3.5): what the status answers. */
const OST_DEVICE_CHECK = 1;
const OST_EJECT_REQUEST = 3;
const OST_EJECT_IN_PROGRESS = 0x84;

type Result = Pick<Outcome, "still_present" | "error">;

export async function captureState(machine: Machine): Promise<State> {
  return parseState(await machine.shell.run("state"));
}

interface MemoryDevice {
  readonly id: string;
  readonly slot: number;
}

async function memoryDevice(machine: Machine, id: string): Promise<MemoryDevice | undefined> {
  const devices = (await machine.qmp.execute("query-memory-devices")) as { readonly data: MemoryDevice }[];
  return devices.find(({ data }) => data.id === id)?.data;
}

/** The guest evaluates _OST at the very end of acpi_device_hotplug() (drivers/acpi/scan.c), locks still held. */
async function waitForOst(machine: Machine, slot: number, source: number): Promise<void> {
  await machine.qmp.waitFor(
    ({ event, data }) => {
      if (event !== "ACPI_DEVICE_OST") return false;
      const info = data?.["info"] as { slot: string; source: number; status: number };
      return info.slot === String(slot) && info.source === source && info.status !== OST_EJECT_IN_PROGRESS;
    },
    `_OST of slot ${slot}`,
    STEP_TIMEOUT_MS,
  );
}

async function add(machine: Machine, step: Extract<Operation, { op: "add" }>): Promise<Result> {
  const id = `dimm${step.dimm}`;
  const backend = { "qom-type": "memory-backend-ram", id: `mem${step.dimm}`, size: step.size, reserve: false };
  await machine.qmp.execute("object-add", backend);
  machine.qmp.dropEvents();
  await machine.qmp.execute("device_add", {
    driver: "pc-dimm",
    id,
    memdev: `mem${step.dimm}`,
    node: machine.boot.cpuless_node1 ? 1 : 0,
    addr: step.addr[0],
  });
  const device = await memoryDevice(machine, id);
  if (!device) throw new Error(`QEMU plugged no ${id}`);
  await waitForOst(machine, device.slot, OST_DEVICE_CHECK);
  return { error: null };
}

/** The eject ends with _OST in both cases; whether the device is gone is for QEMU to say. */
async function remove(machine: Machine, step: Extract<Operation, { op: "remove" }>): Promise<Result> {
  const id = `dimm${step.dimm}`;
  const device = await memoryDevice(machine, id);
  if (!device) throw new Error(`QEMU has no ${id}`);
  machine.qmp.dropEvents();
  await machine.qmp.execute("device_del", { id });
  await waitForOst(machine, device.slot, OST_EJECT_REQUEST);
  const stillPresent = (await memoryDevice(machine, id)) !== undefined;
  if (!stillPresent) await machine.qmp.execute("object-del", { id: `mem${step.dimm}` });
  return { still_present: stillPresent, error: null };
}

async function shellStep(machine: Machine, command: string, timeoutMs = STEP_TIMEOUT_MS): Promise<Result> {
  const said = (await machine.shell.run(command, timeoutMs)).trim();
  return { error: said === "" ? null : said };
}

async function writeState(machine: Machine, { block, to }: Extract<Operation, { op: "state" }>): Promise<Result> {
  const command = `echo ${quoted(to)} > $memory/memory${block}/state`;
  if (to !== "offline") return shellStep(machine, command);
  try {
    return await shellStep(machine, command, OFFLINE_TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    throw new EndlessOffline(`offline of block ${block} did not end within ${OFFLINE_TIMEOUT_MS / 1000} s`);
  }
}

/** Words that reach the guest's shell come from a fixture: they are data there, never commands. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function execute(machine: Machine, step: Operation): Promise<Result> {
  switch (step.op) {
    case "add":
      return add(machine, step);
    case "remove":
      return remove(machine, step);
    case "state":
      return writeState(machine, step);
    case "dax_memmap_on_memory":
      return shellStep(machine, `echo ${quoted(step.value)} > $dax/memmap_on_memory`);
    case "dax_bind_kmem":
      return shellStep(machine, "daxerror daxctl reconfigure-device -m system-ram -N dax0.0");
    case "dax_unbind_kmem":
      return shellStep(machine, "daxerror daxctl reconfigure-device -m devdax -f dax0.0");
  }
}

/** Runs one step. @error Error naming the step when guest or monitor do not answer */
export async function runStep(machine: Machine, operation: Operation): Promise<Step> {
  try {
    const result = await execute(machine, operation);
    const dmesg = (await machine.shell.run("dmesg -c")).split("\n").filter((line) => line !== "");
    const after = await captureState(machine);
    return { ...operation, ...result, dmesg, after };
  } catch (error) {
    if (error instanceof EndlessOffline) throw error;
    const kind = error instanceof QmpError ? "QEMU refused" : "failed";
    throw new Error(`step ${JSON.stringify(operation)} ${kind}: ${(error as Error).message}`);
  }
}
