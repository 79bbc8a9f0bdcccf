import { InputError } from "../errors.ts";
import { formatBytes } from "../units.ts";
import { type Architecture, type ArchitectureName, architecture } from "./architectures.ts";
import { type DaxKind, type Driver, type DriverName, daxAttributeDefault, driver } from "./drivers.ts";
import { type Evidence, type Fact, weakest } from "./evidence.ts";
import { type KernelRules, kernelRules, parseKernelVersion } from "./kernels.ts";

export type MemmapOnMemoryMode = "N" | "Y" | "force";

/** All that decides where the memmap of one add request goes. */
export interface PlacementInput {
  /** As `uname -r` or a distribution prints it: `6.1.192`, `6.12`. */
  readonly kernel: string;
  readonly architecture: ArchitectureName;
  readonly blockBytes: number;
  /** @default 64 */
  readonly structPageBytes?: number;
  readonly mode: MemmapOnMemoryMode;
  readonly driver: DriverName;
  /** The per-device request of dax/kmem, or of one s390 block. @default that of `daxKind`; s390: false */
  readonly attribute?: boolean;
  /** @default "pmem" */
  readonly daxKind?: DaxKind;
  /** hugetlb pages free their vmemmap (HVO): in the way before 6.0. @default false */
  readonly hvo?: boolean;
  /** What is added; a driver that adds block by block makes one request of each. @default one block */
  readonly rangeBytes?: number;
}

/** One thing that must hold for self-hosting, and whether it does. */
export interface Condition {
  readonly name: string;
  readonly value: string;
  readonly holds: boolean;
  readonly source: string;
  readonly evidence: Evidence;
}

/** Pages per memory block. */
export interface MemmapLayout {
  /** Pages that the memmap itself fills. */
  readonly memmapPages: number;
  /** Pages kept from the buddy when self-hosted: the memmap, in force mode rounded up to pageblocks. */
  readonly reservedPages: number;
  readonly wastePages: number;
}

export interface Placement extends MemmapLayout {
  readonly selfHosted: boolean;
  /** `on-memory`: on the added blocks; `dram`: asked from the buddy; `-EINVAL`: the add fails. */
  readonly outcome: "on-memory" | "dram" | "-EINVAL";
  readonly reason: string;
  readonly nrBlocks: number;
  readonly conditions: readonly Condition[];
}

/**
 * memmap_pages_raw, reserved pages and waste of one block.
 *
 * @unit   pages; `Infinity`-free for every positive whole input
 * @source mm/memory_hotplug.c memory_block_memmap_on_memory_pages, 6.12
 */
export function memmapLayout(
  blockBytes: number,
  structPageBytes: number,
  arch: Architecture,
  mode: MemmapOnMemoryMode,
): MemmapLayout {
  const nrPages = blockBytes / arch.pageBytes;
  const memmapPages = Math.ceil((nrPages * structPageBytes) / arch.pageBytes);
  const pageblockPages = 2 ** arch.pageblockOrder.value;
  const reservedPages = mode === "force" ? Math.ceil(memmapPages / pageblockPages) * pageblockPages : memmapPages;
  return { memmapPages, reservedPages, wastePages: reservedPages - memmapPages };
}

/**
 * Where the memmap of one add request goes, with every condition and its value.
 *
 * @error  InputError for an unknown name, a struct page the architecture cannot have, or a block of no whole sections
 * @source mm/memory_hotplug.c mhp_supports_memmap_on_memory and add_memory_resource, 6.1 and 6.12
 */
export function decidePlacement(input: PlacementInput): Placement {
  const rules = kernelRules(input.kernel);
  const arch = architecture(input.architecture, input.kernel);
  const structPageBytes = input.structPageBytes ?? 64;
  checkBlock(input.blockBytes, structPageBytes, arch, rules);
  const rangeBytes = input.rangeBytes ?? input.blockBytes;
  const layout = memmapLayout(input.blockBytes, structPageBytes, arch, input.mode);
  const nrBlocks = rangeBytes / input.blockBytes;
  const adder = driver(input.driver, rules);
  const requestBytes = adder.request === "block" ? Math.min(rangeBytes, input.blockBytes) : rangeBytes;
  const conditions = supportConditions(input, rules, arch, layout, requestBytes);
  const asks = asksCondition(adder, input, conditions.every(holds));
  const all = [asks, ...conditions];
  const result = { ...layout, nrBlocks, conditions: all };
  if (rangeBytes <= 0 || !Number.isInteger(nrBlocks)) {
    const reason = `the range of ${rangeBytes} bytes is no multiple of the block of ${input.blockBytes} bytes`;
    return { ...result, selfHosted: false, outcome: "-EINVAL", reason };
  }
  const missing = all.find((condition) => !condition.holds);
  if (missing === undefined) {
    return { ...result, selfHosted: true, outcome: "on-memory", reason: "every condition holds" };
  }
  const refused = asks.holds && rules.unsupported.value === "-EINVAL";
  const reason = `${missing.name}: ${missing.value}`;
  return { ...result, selfHosted: false, outcome: refused ? "-EINVAL" : "dram", reason };
}

function checkBlock(blockBytes: number, structPageBytes: number, arch: Architecture, rules: KernelRules): void {
  const sectionBytes = arch.sectionBytes.value;
  const sections = blockBytes / sectionBytes;
  if (!(sections >= 1 && Number.isInteger(Math.log2(sections)))) {
    throw new InputError({
      what: `a memory block of ${blockBytes} bytes is impossible on ${arch.name}`,
      expected: `a power of two times the section of ${formatBytes(sectionBytes)}`,
      example: formatBytes(sectionBytes),
    });
  }
  const sizes = arch.structPageBytes.value.filter((size) => size <= rules.maxStructPageBytes.value);
  if (!sizes.includes(structPageBytes)) {
    throw new InputError({
      what: `a struct page of ${structPageBytes} bytes is impossible on ${arch.name} in this kernel`,
      expected: sizes.join(", "),
      example: "64",
    });
  }
}

const holds = (condition: Condition): boolean => condition.holds;

function asksCondition(driver: Driver, input: PlacementInput, supported: boolean): Condition {
  const { value: when, source, evidence } = driver.asks;
  const name = "the driver asks (MHP_MEMMAP_ON_MEMORY)";
  const condition = (value: string, asks: boolean): Condition => ({ name, value, holds: asks, source, evidence });
  switch (when) {
    case "always":
      return condition(`${driver.name} always asks`, true);
    case "never":
      return condition(`${driver.name} never asks`, false);
    case "supported":
      return condition(`${driver.name} asks only for a range that is supported`, supported);
    case "attribute": {
      const standard = driver.name === "dax-kmem" && daxAttributeDefault(input.daxKind ?? "pmem");
      const attribute = input.attribute ?? standard;
      const origin = input.attribute === undefined ? `the default of ${input.daxKind ?? driver.name}` : "as written";
      return condition(`attribute memmap_on_memory is ${attribute ? 1 : 0} (${origin})`, attribute);
    }
  }
}

function supportConditions(
  input: PlacementInput,
  rules: KernelRules,
  arch: Architecture,
  layout: MemmapLayout,
  requestBytes: number,
): readonly Condition[] {
  const nrPages = input.blockBytes / arch.pageBytes;
  const pageblockPages = 2 ** arch.pageblockOrder.value;
  const memmapBytes = nrPages * (input.structPageBytes ?? 64);
  const check = (name: string, value: string, ok: boolean, fact: Fact<unknown>): Condition => ({
    name,
    value,
    holds: ok,
    source: fact.source,
    evidence: fact.evidence,
  });
  const wholePmds = rules.memmapUnit.value === "whole-pmds" || arch.memmapRule.value === "whole-pmds";
  const pmdFact = rules.memmapUnit.value === "whole-pmds" ? rules.memmapUnit : arch.memmapRule;
  const { version, modeHolds, modeValue } = modeState(input, rules);
  const supports = { ...rules.requestSpan, source: "mm/memory_hotplug.c mhp_supports_memmap_on_memory" };
  const conditions = [
    check(
      "the architecture has memmap_on_memory",
      `${arch.family}; in ${version}: ${rules.architectures.value.join(", ")}`,
      rules.architectures.value.includes(arch.family),
      rules.architectures,
    ),
    check("memory_hotplug.memmap_on_memory is on", modeValue, modeHolds, rules.modes),
    check(
      "the memmap of a block is whole pages",
      `${memmapBytes} bytes, page ${arch.pageBytes}`,
      memmapBytes % arch.pageBytes === 0,
      supports,
    ),
    check(
      "what is reserved is whole pageblocks",
      `${layout.reservedPages} pages, pageblock ${pageblockPages}`,
      layout.reservedPages % pageblockPages === 0,
      arch.pageblockOrder,
    ),
    check("pages remain", `${nrPages - layout.reservedPages} of ${nrPages}`, layout.reservedPages < nrPages, supports),
    check(
      wholePmds ? "the memmap of a block is whole PMDs" : "the architecture accepts the memmap",
      wholePmds ? `${memmapBytes} bytes, PMD ${arch.pmdBytes.value}` : "any size",
      !wholePmds || memmapBytes % arch.pmdBytes.value === 0,
      wholePmds ? weakest(pmdFact, arch.pmdBytes) : pmdFact,
    ),
  ];
  if (rules.requestSpan.value === "one-block") {
    const value = `${requestBytes} bytes, block ${input.blockBytes}`;
    conditions.push(
      check("the request is exactly one block", value, requestBytes === input.blockBytes, rules.requestSpan),
    );
  }
  if (rules.excludesHvo.value) {
    const value = `hugetlb_free_vmemmap ${input.hvo === true ? "on" : "off"}`;
    conditions.push(check("hugetlb vmemmap freeing is off", value, input.hvo !== true, rules.excludesHvo));
  }
  return conditions;
}

/** `force` is no boolean: before 6.6 the parameter keeps its default, N. */
function modeState(input: PlacementInput, rules: KernelRules) {
  const { row } = parseKernelVersion(input.kernel);
  const rejected = input.mode === "force" && rules.modes.value === "bool";
  const modeValue = rejected ? "force is no boolean in this kernel, so it stays N" : input.mode;
  return { version: row, modeHolds: input.mode !== "N" && !rejected, modeValue };
}
