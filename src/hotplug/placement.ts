import { InputError } from "../errors.ts";
import { formatBytes, hex } from "../units.ts";
import { type Architecture, architecture } from "./architectures.ts";
import { driver } from "./drivers.ts";
import { type KernelRules, kernelRules } from "./kernels.ts";
import { asksCondition, type Condition, supportConditions } from "./placementConditions.ts";
import type { MemmapLayout, MemmapOnMemoryMode, PlacementInput } from "./placementInput.ts";

export interface Placement extends MemmapLayout {
  readonly selfHosted: boolean;
  /** `on-memory`: on the added blocks; `dram`: asked from the buddy; `-EINVAL`: the add fails; `no-room`: no region. */
  readonly outcome: "on-memory" | "dram" | "-EINVAL" | "no-room";
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
function memmapLayout(
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
  const arch = architectureOf(input);
  const structPageBytes = input.structPageBytes ?? 64;
  checkBlock(input.blockBytes, structPageBytes, arch, rules);
  const rangeBytes = input.rangeBytes ?? input.blockBytes;
  const layout = memmapLayout(input.blockBytes, structPageBytes, arch, input.mode);
  const nrBlocks = rangeBytes / input.blockBytes;
  const adder = driver(input.driver, rules);
  const requestBytes = adder.request === "block" ? Math.min(rangeBytes, input.blockBytes) : rangeBytes;
  // A driver that first tests what is supported does so without the flag.
  const callerAsks = adder.asks.value !== "supported" && asksCondition(adder, input, true).holds;
  const conditions = supportConditions(input, rules, arch, layout, requestBytes, callerAsks);
  const asks = asksCondition(
    adder,
    input,
    conditions.every((condition) => condition.holds),
  );
  const all = [asks, ...conditions];
  const result = { ...layout, nrBlocks, conditions: all };
  const reason = misfit(input, rangeBytes);
  if (reason !== undefined) return { ...result, selfHosted: false, outcome: "-EINVAL", reason };
  // A driver that asks only when supported does not ask because of something else: that is the reason.
  const deciding = adder.asks.value === "supported" ? conditions : all;
  const missing = deciding.find((condition) => !condition.holds);
  if (missing === undefined) {
    return { ...result, selfHosted: true, outcome: "on-memory", reason: "every condition holds" };
  }
  const refused = asks.holds && rules.unsupported.value === "-EINVAL";
  const lacking = missing.unmet ?? missing.name;
  return { ...result, selfHosted: false, outcome: refused ? "-EINVAL" : "dram", reason: lacking };
}

function architectureOf(input: PlacementInput): Architecture {
  const arch = architecture(input.architecture, input.kernel);
  const { pageblockOrder: order } = input;
  if (order === undefined) return arch;
  if (order <= arch.maxPageOrder.value) {
    return { ...arch, pageblockOrder: { value: order, source: "kernel.pageblock_order", evidence: "given" } };
  }
  throw new InputError({
    what: `a pageblock of order ${order} is impossible on ${arch.name}`,
    expected: `at most ${arch.maxPageOrder.value} (MAX_PAGE_ORDER)`,
    example: String(arch.pageblockOrder.value),
  });
}

/** Why check_hotplug_memory_range, or the trimming before it, refuses the range. */
function misfit({ blockBytes, startBytes = 0 }: PlacementInput, rangeBytes: number): string | undefined {
  const block = formatBytes(blockBytes);
  if (rangeBytes === 0) return `no whole memory block of ${block} is left after alignment`;
  if (startBytes % blockBytes !== 0) {
    return `the start ${hex(startBytes)} is no multiple of the memory block of ${block}`;
  }
  const whole = rangeBytes > 0 && rangeBytes % blockBytes === 0;
  return whole ? undefined : `the range of ${rangeBytes} bytes is no multiple of the memory block of ${block}`;
}

/** Sizes that no configuration has and that are asked for all the same: 32 bytes is what memdescs would leave. */
const isWhatIf = (structPageBytes: number): boolean =>
  structPageBytes >= 8 && structPageBytes <= 128 && structPageBytes % 8 === 0;

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
  if (!sizes.includes(structPageBytes) && !isWhatIf(structPageBytes)) {
    throw new InputError({
      what: `a struct page of ${structPageBytes} bytes is impossible on ${arch.name} in this kernel`,
      expected: `${sizes.join(", ")}; or, as a what-if, a multiple of 8 from 8 to 128`,
      example: "64",
    });
  }
}
