import * as v from "valibot";
import { ARCHITECTURES, DAX_KINDS, WHAT_IFS } from "../../scenario/words.ts";
import { ADD_DRIVERS } from "../state/action.ts";

const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const Size = v.union([v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))]);
const Count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 40));
const Node = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1023));
const Name = v.union([v.pipe(v.string(), v.minLength(1), v.maxLength(60)), Count]);
/** What is echoed into a file: YAML reads 1 and true as something else than text. */
const Written = v.union([v.string(), v.number(), v.boolean()]);

/** Where a fault can strike an add, and onlining after it. */
export const FAULT_STAGES = ["node", "altmap", "arch-add", "block-device", "online"] as const;
/** Notifier events whose answer can stop a step. */
export const VETOABLE = [
  "MEM_PREPARE_ONLINE",
  "MEM_GOING_ONLINE",
  "MEM_GOING_OFFLINE",
  "NODE_ADDING_FIRST_MEMORY",
  "NODE_REMOVING_LAST_MEMORY",
] as const;
const INJECTED = ["ENOMEM", "EPERM", "EBUSY", "EINVAL", "EIO", "EEXIST"] as const;
const REFUSED = ["EBUSY", "EINTR", "ENOMEM"] as const;

const Range = { start: Size, size: Size };
const Fault = v.strictObject({
  stage: v.picklist(FAULT_STAGES),
  chunk: v.optional(described(Count, "memory block of what the step adds, from 0"), 0),
  errno: v.optional(v.picklist(INJECTED), "ENOMEM"),
});
const Veto = v.strictObject({
  event: v.picklist(VETOABLE),
  chunk: v.optional(described(Count, "memory block of the step's own, from 0; default: the first that is told")),
  errno: v.optional(described(v.picklist(INJECTED), "NOTIFY_BAD is EPERM"), "EPERM"),
});
const Meets = v.strictObject({
  errno: v.optional(described(v.picklist(REFUSED), "a block of unknown use could not be offlined")),
  block: v.optional(described(Count, "which one; default: the first")),
  endless: v.optional(described(v.boolean(), "offlining a block of unknown use never ended")),
  error: v.optional(described(v.string(), "what the platform said of a DIMM without an address")),
  free: v.optional(described(v.record(v.string(), Count), "free pages after the step, by node:zone, that others have")),
});
const Use = v.strictObject({
  block: Count,
  movable_pages: v.optional(Count),
  pinned_pages: v.optional(described(Count, "they look movable and never migrate")),
  unmovable_pages: v.optional(described(Count, "kernel allocations")),
  single_slab_pages: v.optional(described(Count, "slab pages of order 0; from 6.14 on their count is 0")),
  reserved_pages: v.optional(Count),
  held_offline_pages: v.optional(described(Count, "PageOffline with a reference, such as a balloon holds")),
  hwpoisoned_pages: v.optional(Count),
});

/** One step: exactly one of the actions, and what strikes or is known of it. */
const ScriptStepSchema = v.strictObject({
  plug: v.optional(
    described(
      v.strictObject({ dimm: Name, size: Size, start: v.optional(Size), node: v.optional(Node) }),
      "an ACPI DIMM (ppc64: a row of LMBs)",
    ),
  ),
  eject: v.optional(described(Name, "a DIMM")),
  write: v.optional(
    described(
      v.strictObject({ file: v.string(), value: Written }),
      "echo value > file, by its path in sysfs or the end of it",
    ),
  ),
  bind: v.optional(
    described(
      v.union([v.string(), v.strictObject({ device: v.string(), by: v.picklist(["daxctl", "kernel"]) })]),
      "a dax device to kmem: daxctl reconfigure-device -m system-ram -N, or modprobe kmem for a CXL device",
    ),
  ),
  unbind: v.optional(
    described(
      v.union([v.string(), v.strictObject({ device: v.string(), by: v.picklist(["daxctl", "driver"]) })]),
      "daxctl reconfigure-device -m devdax -f, which offlines first; or the driver's file unbind, which does not",
    ),
  ),
  add: v.optional(
    described(
      v.strictObject({ driver: v.picklist(ADD_DRIVERS), ...Range, node: Node, unit: v.optional(Size) }),
      "add_memory() of another driver",
    ),
  ),
  remove: v.optional(
    described(
      v.strictObject({
        ...Range,
        offline: v.optional(described(v.boolean(), "offline it first, as virtio-mem"), false),
      }),
      "remove_memory()",
    ),
  ),
  use: v.optional(described(Use, "who uses the pages of an online block")),
  fail: v.optional(described(Fault, "a fault that strikes while memory is added")),
  veto: v.optional(described(Veto, "the answer of a notifier")),
  signal: v.optional(
    described(v.boolean(), "reaches the writer: while pages cannot be moved, or while a knob's lock is held"),
  ),
  during: v.optional(
    described(v.picklist(["bind", "unbind"]), "the write to a knob falls into the device's bind or unbind"),
  ),
  meets: v.optional(described(Meets, "what only the machine knows")),
});

const Machine = v.strictObject({
  arch: v.optional(v.picklist(ARCHITECTURES), "x86_64"),
  nodes: v.optional(
    described(
      v.pipe(v.array(v.strictObject({ id: Node, memory: v.optional(Size, 0) })), v.minLength(1), v.maxLength(16)),
      "nodes and their boot memory",
    ),
    [{ id: 0, memory: "4GiB" }],
  ),
  memory_block: v.optional(described(Size, "default: the architecture's rule")),
});

const Dax = v.strictObject({
  kind: v.optional(v.picklist(DAX_KINDS), "cxl"),
  node: Node,
  ...Range,
  memmap_on_memory: v.optional(described(v.boolean(), "default: the kernel's own for the kind")),
});

/** What a script of `altmap try` may say. */
export const ScriptSchema = v.strictObject({
  schema: v.optional(v.literal("altmap/script-v1"), "altmap/script-v1"),
  name: v.optional(v.string(), "script"),
  machine: v.optional(described(Machine, "the machine as it boots"), {}),
  kernel: v.optional(v.string()),
  boot: v.optional(described(v.string(), "boot parameters, as on the kernel's command line")),
  dax: v.optional(described(v.record(v.pipe(v.string(), v.regex(/^dax\d+\.\d+$/)), Dax), "device-dax devices")),
  standby: v.optional(described(v.strictObject(Range), "s390: standby memory")),
  recorded: v.optional(
    described(
      v.looseObject({ kernel: v.string() }),
      "instead of machine, kernel, boot and dax: system and initial state of a recording",
    ),
  ),
  what_if: v.optional(described(v.array(v.picklist(WHAT_IFS)), "proposals that were never merged"), []),
  priced: v.optional(
    described(
      v.strictObject({ host: v.optional(v.string()), device: v.optional(v.string()) }),
      "host and device profile that the cost of steps is taken from",
    ),
    {},
  ),
  steps: v.optional(v.pipe(v.array(ScriptStepSchema), v.maxLength(2000)), []),
});

export type ScriptFile = v.InferOutput<typeof ScriptSchema>;
export type ScriptFileStep = v.InferOutput<typeof ScriptStepSchema>;

/** Names of the actions, one of which each step has. */
export const ACTIONS = ["plug", "eject", "write", "bind", "unbind", "add", "remove", "use"] as const;
