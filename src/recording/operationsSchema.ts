import * as v from "valibot";
import { FURTHER_OPERATIONS, type KeyKind } from "./ownOperations.ts";

// The closed vocabulary of what core-mm does: one row per op, keys in the words of the recordings. Pages are 4 KiB,
// huge pages 2 MiB, blocks are numbers N of /sys/devices/system/memory/memoryN (128 MiB each).

const pages = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32));
const block = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 25));
const times = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9));
const idleBlock = { block, self_hosted: v.boolean() };

/** The keys of each op but `repeat`, as recordings use them: this list is closed. */
const RECORDED_KEYS = {
  /** Hot-add of blocks. */
  add: { blocks: v.pipe(v.array(block), v.minLength(1)), self_hosted: v.boolean() },
  /** State change of one idle block. */
  online_movable: idleBlock,
  online_kernel: idleBlock,
  offline: idleBlock,
  /** Offline while movable pages in the block are in use. */
  offline_busy: { ...idleBlock, busy_pages_about: pages },
  /** State before the recording, not traffic: anonymous pages held. */
  already_mapped_anon: { pages },
  /** First touch of anonymous pages, ascending addresses. */
  anon_fault: { pages },
  /** MADV_DONTNEED of one random page of so many. */
  zap_random_page: { among: pages },
  /** That page touched again. */
  anon_fault_same_page: {},
  munmap_anon: { pages },
  exit_anon: { pages },
  /** Copy of the page tables of a process that holds so many anonymous pages. */
  fork: { anon_pages: pages },
  cow_fault_in_child: { pages },
  child_exit: { shared_anon_pages: pages, own_anon_pages: pages },
  /** A whole short-lived process; its pages are not counted. */
  fork_exec_exit: { program: v.pipe(v.string(), v.maxLength(4096)) },
  /** tmpfs file, 1 MiB calls. */
  shmem_write: { pages },
  shmem_read: { pages },
  shmem_truncate: { pages },
  file_read_cached: { pages },
  thp_fault: { huge_pages: pages },
  munmap_thp: { huge_pages: pages },
  /** get_user_pages and unpin of mapped pages. */
  gup: { pages },
  unpin: { pages },
  /** Shrink of clean page cache. */
  reclaim: { pages },
  compact_all_zones: {},
} as const;

const KIND_SCHEMAS = { pages, boolean: v.boolean() } as const;

const schemasOf = (keys: Readonly<Record<string, KeyKind>>): Record<string, v.GenericSchema> =>
  Object.fromEntries(Object.entries(keys).map(([key, kind]) => [key, KIND_SCHEMAS[kind]]));

const REPEAT_KEYS = { times, of: v.array(v.unknown()) } as const;

type RecordedTable = typeof RECORDED_KEYS;

type RecordedOperation = {
  readonly [Name in keyof RecordedTable]: {
    readonly op: Name;
  } & {
    readonly [Key in keyof RecordedTable[Name]]: v.InferOutput<Extract<RecordedTable[Name][Key], v.GenericSchema>>;
  };
}[keyof RecordedTable];

type FurtherTable = typeof FURTHER_OPERATIONS;

type FurtherOperation = {
  readonly [Name in keyof FurtherTable]: {
    readonly op: Name;
  } & {
    readonly [Key in keyof FurtherTable[Name]["keys"]]: v.InferOutput<
      (typeof KIND_SCHEMAS)[Extract<FurtherTable[Name]["keys"][Key], KeyKind>]
    >;
  };
}[keyof FurtherTable];

/** Every op but `repeat`, a union discriminated by `op`. */
export type SimpleOperation = RecordedOperation | FurtherOperation;

/** What a handler returns when it has no rule for the operation as it is; all else that it returns says nothing. */
export const UNMODELLED = Symbol("unmodelled");

/** What a part of the engine does at an operation; those that no part names have no rule. */
export type OperationHandlers = {
  readonly [Name in SimpleOperation["op"]]?: (operation: Extract<SimpleOperation, { readonly op: Name }>) => unknown;
};

/** The list, so many times. */
export interface RepeatOperation {
  readonly op: "repeat";
  readonly times: number;
  readonly of: readonly Operation[];
}

export type Operation = SimpleOperation | RepeatOperation;

/** The schema of each op's own keys. That of `repeat` does not look into its list: `parseOperations` does. */
export const OPERATION_SCHEMAS: ReadonlyMap<string, v.GenericSchema<unknown, unknown>> = new Map(
  [
    ...Object.entries({ ...RECORDED_KEYS, repeat: REPEAT_KEYS }),
    ...Object.entries(FURTHER_OPERATIONS).map(([op, { keys }]) => [op, schemasOf(keys)] as const),
  ].map(([op, keys]) => [op, v.strictObject({ op: v.literal(op), ...keys })]),
);
