import * as v from "valibot";
import { InputError } from "../errors.ts";
import { platform } from "../platform.ts";
import {
  addressOf,
  type CxlWindow,
  checkEnds,
  type DramNode,
  dramNodesOf,
  positiveSize,
  windowsOf,
} from "./addresses.ts";
import { devicesOf, type ScenarioDevice } from "./devices.ts";
import { type Folio, parseFolio } from "./folio.ts";
import { type MachineUse, machineUseOf } from "./machineUse.ts";
import type { OperationName } from "./operationNames.ts";
import { checkEvents } from "./phases.ts";
import { readText } from "./readText.ts";
import { readKernel, type ScenarioKernel } from "./scenarioKernel.ts";
import { type HotplugEvent, type ScenarioFile, ScenarioSchema } from "./schema.ts";
import { validateYaml } from "./validate.ts";

/** A scenario with every default filled in and every size in bytes. */
export interface Scenario {
  readonly machine: {
    readonly arch: ScenarioFile["machine"]["arch"];
    readonly platform: ScenarioFile["machine"]["platform"];
    readonly dramBytes: number;
    /** Address where boot memory ends; undefined: not stated, taken as `dramBytes`. */
    readonly endOfRamBytes: number | undefined;
    readonly cxlWindows: readonly CxlWindow[];
    /** Free boot memory by node; empty: not stated. */
    readonly dramNodes: readonly DramNode[];
    /** undefined: the architecture's own rule decides. */
    readonly memoryBlockBytes: number | undefined;
    /** What gives `memoryBlockBytes`, when it is not the scenario. */
    readonly memoryBlockFrom?: string;
    readonly structPageBytes: number;
    readonly host: string;
    /** undefined: those of the host profile. */
    readonly nrCpus: number | undefined;
  };
  /** File of hosts and devices that may be named beside the built-in ones. */
  readonly profiles: string | undefined;
  /** undefined: every default device profile. */
  readonly devices: readonly ScenarioDevice[] | undefined;
  /** The scenario lists its devices: they are plugged together, in order. Else each is an alternative to the others. */
  readonly pluggedTogether: boolean;
  readonly kernel: ScenarioKernel;
  readonly policy: {
    readonly userDataOnHotAdded: number;
    /** Share of pages that operations meet in pfn order. */
    readonly pfnOrder: number;
    /** Share of a block's pages that are migrated when it goes offline in use. */
    readonly blocksInUse: number;
    /** On which operations work. */
    readonly folio: Folio;
    readonly cpi: readonly [number, number] | undefined;
  };
  /** How busy core-mm is, and what the rest of the machine leaves it. */
  readonly use: MachineUse;
  readonly events: readonly HotplugEvent[];
  /** undefined: every packaged recording. */
  readonly workloads: readonly string[] | undefined;
  /** What runs at footprints only; undefined: those that sweep struct pages, and churn. */
  readonly operations: readonly OperationName[] | undefined;
  /** Footprints at which workloads and operations are run; bytes of hot-added memory in use. */
  readonly footprints: readonly number[];
}

/**
 * Reads a scenario file; without a path, the default scenario: a bare-metal x86_64 server with 256 GiB of DRAM,
 * Linux 6.12, memory_hotplug.memmap_on_memory=1, 512 GiB through dax/kmem, online_movable.
 *
 * @error InputError for a missing or unreadable file, bad YAML, unknown keys, bad values
 */
export function readScenario(path: string | undefined): Scenario {
  if (path === undefined) return parseScenario("", "(defaults)");
  return parseScenario(
    readText(path, "a scenario file in YAML or JSON", "altmap answer scenario.yaml", ["scenario"]),
    path,
  );
}

/**
 * The same of a text: YAML or JSON, the keys of `altmap schema`. An empty text is the default scenario.
 *
 * @param where what errors call the text; a `profiles` file that it names is looked for beside that path
 * @error InputError with line and column, for bad YAML, unknown keys, bad values
 */
export function parseScenario(text: string, where = "(text)"): Scenario {
  return resolveScenario(validateYaml(text, where, ScenarioSchema), where);
}

/**
 * The same of what such a text holds, as `JSON.parse` gives it.
 *
 * @error InputError as `parseScenario`
 */
export function scenarioOf(value: unknown, where: string): Scenario {
  const result = v.safeParse(ScenarioSchema, value);
  return result.success ? resolveScenario(result.output, where) : parseScenario(JSON.stringify(value), where);
}

/** A path that a file names is meant from where the file lies. */
function besideFile(file: string, path: string): string {
  const { dirname, resolve } = platform().paths;
  return resolve(dirname(file), path);
}

function resolveScenario(file: ScenarioFile, where: string): Scenario {
  const size = (value: string | number, what: string): number => positiveSize(value, what, where);
  const { machine, kernel, policy } = file;
  if (policy.cpi !== undefined && policy.cpi[0] > policy.cpi[1]) {
    throw new InputError({
      what: `"policy.cpi" is not a range: ${policy.cpi.join(" > ")}`,
      where,
      example: "cpi: [0.5, 1.5]",
    });
  }
  return {
    profiles: file.profiles === undefined ? undefined : besideFile(where, file.profiles),
    machine: {
      arch: machine.arch,
      platform: machine.platform,
      ...memoryOf(file, where, checkDram(size(machine.dram, '"machine.dram"'), where)),
      memoryBlockBytes:
        machine.memory_block === "auto" ? undefined : size(machine.memory_block, '"machine.memory_block"'),
      structPageBytes: machine.struct_page_bytes,
      host: machine.host,
      nrCpus: machine.cpus,
    },
    devices: devicesOf(file.devices, where),
    pluggedTogether: file.devices !== undefined,
    kernel: readKernel(kernel),
    policy: {
      userDataOnHotAdded: policy.user_data_on_hot_added,
      pfnOrder: policy.pfn_order,
      blocksInUse: policy.blocks_in_use,
      folio: parseFolio(String(policy.folio), `${where}: "policy.folio"`, kernel.version),
      cpi: policy.cpi,
    },
    use: machineUseOf(policy),
    events: checkEvents(file.events, where),
    ...workloadsOf(file, where),
    footprints: file.footprints.map((bytes, i) => size(bytes, `"footprints.${i}"`)),
  };
}

/** @error InputError for an end below the memory's size, windows that overlap, and addresses that no machine has */
function memoryOf({ machine }: ScenarioFile, where: string, dramBytes: number) {
  const endOfRamBytes = addressOf(machine.end_of_ram, '"machine.end_of_ram"', where);
  if (endOfRamBytes !== undefined) checkEnds(endOfRamBytes, dramBytes, where);
  return {
    dramBytes,
    endOfRamBytes,
    cxlWindows: windowsOf(machine.cxl_windows, where),
    dramNodes: dramNodesOf(machine.dram_nodes, where),
  };
}

/** @error InputError for an entry that is neither or both of a recording and an operation */
function workloadsOf(file: ScenarioFile, where: string): Pick<Scenario, "workloads" | "operations"> {
  file.workloads?.forEach(({ recording, operation }, i) => {
    if ((recording === undefined) !== (operation === undefined)) return;
    throw new InputError({
      what: `"workloads.${i}" names ${recording === undefined ? "nothing" : "a recording and an operation"}`,
      where,
      expected: "either a recording or an operation",
      example: "workloads: [{recording: wl_churn_3g_20k}, {operation: fork}]",
    });
  });
  return {
    workloads: file.workloads?.flatMap(({ recording }) => recording ?? []),
    operations: file.workloads?.flatMap(({ operation }) => operation ?? []),
  };
}

/** One x86_64 section: no kernel that can hotplug boots with less. */
const MIN_DRAM_BYTES = 128 * 1024 ** 2;
/** 4 PiB: the 52 bits of an x86_64 physical address. */
const MAX_DRAM_BYTES = 4 * 1024 ** 5;

/** @error InputError for less than a section, and more than any machine has */
export function checkDram(dramBytes: number, where: string): number {
  if (dramBytes >= MIN_DRAM_BYTES && dramBytes <= MAX_DRAM_BYTES) return dramBytes;
  throw new InputError({
    what: `"machine.dram" is ${dramBytes} bytes`,
    where,
    expected: "128 MiB to 4 PiB",
    example: "256GiB",
  });
}

export type { HotplugEvent };
