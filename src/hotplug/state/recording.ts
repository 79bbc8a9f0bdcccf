import * as v from "valibot";
import { InputError } from "../../errors.ts";
import type { Errno } from "./memoryBlock.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const digits = v.pipe(v.string(), v.regex(/^(0x[0-9a-f]+|\d+)$/i, "expected a number in decimal or 0x hex"));

const zoneSchema = v.looseObject({
  spanned: count,
  present: count,
  managed: count,
  free: v.optional(count),
  start_pfn: v.optional(count),
  buddy: v.optional(v.array(count)),
});
const blockSchema = v.looseObject({ state: v.string(), valid_zones: v.string() });
const daxStateSchema = v.looseObject({
  memmap_on_memory: v.optional(v.string()),
  driver: v.nullish(v.string()),
  iomem: v.optional(v.array(v.string())),
});
const stateSchema = v.looseObject({
  zones: v.record(v.string(), zoneSchema),
  blocks: v.record(v.pipe(v.string(), v.digits()), blockSchema),
  mem_total_kb: count,
  iomem_system_ram: v.array(v.string()),
  node_blocks: v.array(v.pipe(v.string(), v.regex(/^\d+:\d+$/, 'expected a node and a block, "0:32"'))),
});
const outcome = {
  error: v.nullable(v.string()),
  dmesg: v.optional(v.array(v.string()), []),
  /** The step had not ended when the recorder gave up on it. */
  endless: v.optional(v.boolean()),
  after: stateSchema,
};
const dimm = v.union([v.number(), v.string()]);
const device = v.optional(v.string());
const stepSchema = v.variant("op", [
  v.object({
    op: v.literal("add"),
    size: count,
    addr: v.optional(v.array(count), []),
    dimm,
    node: v.optional(count),
    ...outcome,
  }),
  v.object({ op: v.literal("state"), block: count, to: v.string(), ...outcome }),
  v.object({ op: v.literal("remove"), dimm, still_present: v.optional(v.boolean()), ...outcome }),
  v.object({ op: v.literal("dax_memmap_on_memory"), value: v.string(), device, ...outcome }),
  v.object({ op: v.literal("dax_bind_kmem"), device, via: v.optional(v.string()), ...outcome }),
  v.object({ op: v.literal("dax_unbind_kmem"), device, ...outcome }),
]);
const daxSystemSchema = v.looseObject({
  resource: digits,
  size: digits,
  target_node: digits,
  memmap_on_memory: v.optional(v.string()),
});
const machineEntries = {
  kernel: v.string(),
  system: v.looseObject({
    arch: v.optional(v.string(), "x86_64"),
    page_size: v.optional(count, 4096),
    cmdline: v.string(),
    cpuless_node1: v.optional(v.boolean()),
    block_size_bytes: count,
    parameters: v.looseObject({
      memmap_on_memory: v.optional(v.string(), "N"),
      online_policy: v.optional(v.picklist(["contig-zones", "auto-movable"]), "contig-zones"),
      auto_movable_ratio: v.optional(digits, "301"),
      auto_movable_numa_aware: v.optional(v.string(), "Y"),
    }),
    auto_online_blocks: v.picklist(["offline", "online", "online_kernel", "online_movable"]),
  }),
  initial: stateSchema,
};
const recordingSchema = v.looseObject({ name: v.string(), ...machineEntries, steps: v.array(stepSchema) });

export type StateRecording = v.InferOutput<typeof recordingSchema>;
/** A machine as it booted. */
export type HostRecording = Pick<StateRecording, "kernel" | "system" | "initial">;
export type RecordedState = v.InferOutput<typeof stateSchema>;
export type RecordedStep = v.InferOutput<typeof stepSchema>;
export type RecordedDax = v.InferOutput<typeof daxSystemSchema>;

type WithoutOutcome<T> = T extends unknown ? Omit<T, "error" | "dmesg" | "after" | "still_present" | "endless"> : never;
/** What is done in a step, without what came of it. */
export type Step = WithoutOutcome<RecordedStep>;

/** A recorded step without what came of it. */
export function stepOf(step: RecordedStep): Step {
  const { error: _error, dmesg: _dmesg, after: _after, endless: _endless, ...action } = step;
  return action;
}

/** What came of a step: what a prediction may be conditioned on, and is compared with. */
export interface Outcome {
  readonly error: string | null;
  readonly dmesg: readonly string[];
  readonly still_present?: boolean | undefined;
  readonly endless?: boolean | undefined;
  readonly after: RecordedState;
}

const WHOLE_RECORDING = "a whole recording: one JSON object with name, kernel, system, initial and steps";

/**
 * Reads one recording.
 *
 * @error InputError naming the file, and the step and key, for text that is no such recording
 */
export function parseRecording(text: string, file: string): StateRecording {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError({
      where: file,
      what: `not JSON: ${why.slice(0, 120)}`,
      expected: WHOLE_RECORDING,
    });
  }
  const result = v.safeParse(recordingSchema, json, { abortEarly: true });
  if (result.success) return result.output;
  throw unreadable(result.issues[0], file);
}

/** The machine of a recording, without steps. @error as parseRecording */
export function parseHostRecording(json: unknown, file: string): HostRecording {
  const result = v.safeParse(v.looseObject(machineEntries), json, { abortEarly: true });
  if (result.success) return result.output;
  throw unreadable(result.issues[0], file);
}

function unreadable(issue: v.BaseIssue<unknown>, file: string): InputError {
  const path = issue.path?.map((item) => String(item.key)) ?? [];
  const step = path[0] === "steps" && path.length > 1 ? ` step ${path[1]}` : "";
  const key = path.join(".").slice(0, 200);
  const lacks = issue.received === "undefined";
  const found = lacks
    ? `${step === "" ? "is not a recording: " : ""}${key} is missing`
    : `${key} is ${issue.received?.slice(0, 80)}`;
  return new InputError({
    where: `${file}${step}`,
    what: path.length === 0 ? "is not a recording" : found,
    expected: lacks ? WHOLE_RECORDING : expectedBy(issue),
  });
}

function expectedBy({ type, expected, message }: v.BaseIssue<unknown>): string {
  if (type === "safe_integer") return "a whole number";
  if (type === "regex" || expected === null) return message.replace(/^expected /, "");
  return expected.replaceAll(" | ", " or ");
}

/** The dax devices that a recording describes, by name. @error InputError naming the file */
export function recordedDax(recording: HostRecording, file: string): Map<string, RecordedDax> {
  const devices = new Map<string, RecordedDax>();
  for (const [key, value] of Object.entries(recording.system)) {
    if (!/^dax\d+\.\d+$/.test(key)) continue;
    const result = v.safeParse(daxSystemSchema, value);
    if (!result.success) throw new InputError({ where: file, what: `bad system.${key}: ${result.issues[0].message}` });
    devices.set(key, result.output);
  }
  return devices;
}

/** The recorded state of a dax device. */
export function daxStateOf(state: RecordedState, name: string): v.InferOutput<typeof daxStateSchema> | undefined {
  const result = v.safeParse(daxStateSchema, state[name]);
  return result.success ? result.output : undefined;
}

/** What the C library says for each error that hotplug returns. */
const ERROR_TEXT: readonly (readonly [string, Errno | "EAGAIN"])[] = [
  ["Invalid argument", "EINVAL"],
  ["Device or resource busy", "EBUSY"],
  ["Resource busy", "EBUSY"],
  ["Operation not supported", "EOPNOTSUPP"],
  ["Not supported", "EOPNOTSUPP"],
  ["Interrupted system call", "EINTR"],
  ["Cannot allocate memory", "ENOMEM"],
  ["Out of memory", "ENOMEM"],
  ["No such device or address", "ENXIO"],
  ["No such device", "ENODEV"],
  ["File exists", "EEXIST"],
  ["Memory page has hardware error", "EHWPOISON"],
  ["Operation not permitted", "EPERM"],
  ["Permission denied", "EACCES"],
  ["Resource temporarily unavailable", "EAGAIN"],
  ["Argument list too long", "E2BIG"],
  ["Input/output error", "EIO"],
  ["nonexistent directory", "ENOENT"],
  ["No such file or directory", "ENOENT"],
];

/** What a shell or daxctl says of an errno. */
export function errorTextOf(errno: string): string {
  return ERROR_TEXT.find(([, named]) => named === errno)?.[0] ?? errno;
}

/** The errno in what a shell or daxctl said; the text itself when it names none. */
export function errnoFromText(text: string | null): string | null {
  if (text === null) return null;
  return ERROR_TEXT.find(([words]) => text.includes(words))?.[1] ?? text.slice(0, 200);
}
