import type { Architecture } from "./architectures.ts";
import { type Driver, daxAttributeDefault } from "./drivers.ts";
import { type Evidence, type Fact, weakest } from "./evidence.ts";
import { type KernelRules, kernelRow } from "./kernels.ts";
import type { MemmapLayout, PlacementInput } from "./placementInput.ts";

/** One thing that must hold for self-hosting, and whether it does. */
export interface Condition {
  readonly name: string;
  readonly value: string;
  readonly holds: boolean;
  /** What is said of one that does not hold; absent where it holds. */
  readonly unmet?: string;
  readonly source: string;
  readonly evidence: Evidence;
}

function check(name: string, value: string, ok: boolean, fact: Fact<unknown>, unmet: string): Condition {
  return { name, value, holds: ok, ...(ok ? {} : { unmet }), source: fact.source, evidence: fact.evidence };
}

/** Whether the driver sets MHP_MEMMAP_ON_MEMORY. */
export function asksCondition(driver: Driver, input: PlacementInput, supported: boolean): Condition {
  const { value: when } = driver.asks;
  const name = "the driver asks (MHP_MEMMAP_ON_MEMORY)";
  const condition = (value: string, asks: boolean): Condition =>
    check(name, value, asks, driver.asks, `the driver does not ask (MHP_MEMMAP_ON_MEMORY): ${value}`);
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
      const kind = driver.name === "dax-kmem" ? (input.daxKind ?? "pmem") : driver.name;
      const origin = input.attribute === undefined ? `the default of ${kind}` : "as written";
      return condition(`attribute memmap_on_memory is ${attribute ? 1 : 0} (${origin})`, attribute);
    }
  }
}

/** What mhp_supports_memmap_on_memory asks, in that kernel. @source mm/memory_hotplug.c, 6.1 and 6.12 */
export function supportConditions(
  input: PlacementInput,
  rules: KernelRules,
  arch: Architecture,
  layout: MemmapLayout,
  requestBytes: number,
  callerAsks: boolean,
): readonly Condition[] {
  const [nrPages, pageblockPages] = [input.blockBytes / arch.pageBytes, 2 ** arch.pageblockOrder.value];
  const memmapBytes = nrPages * (input.structPageBytes ?? 64);
  const wholePmds = rules.memmapUnit.value === "whole-pmds" || arch.memmapRule.value === "whole-pmds";
  const pmdFact = rules.memmapUnit.value === "whole-pmds" ? rules.memmapUnit : arch.memmapRule;
  const { version, modeHolds, modeValue, modeUnmet } = modeState(input, rules, callerAsks);
  const supports = { ...rules.requestSpan, source: "mm/memory_hotplug.c mhp_supports_memmap_on_memory" };
  const conditions = [
    check(
      "the architecture has memmap_on_memory",
      `${arch.family}; in ${version}: ${rules.architectures.value.join(", ")}`,
      rules.architectures.value.includes(arch.family),
      rules.architectures,
      `${arch.family} has no memmap_on_memory in ${version}, only ${rules.architectures.value.join(", ")}`,
    ),
    ...buildConditions(input, arch),
    check("memory_hotplug.memmap_on_memory is on", modeValue, modeHolds, rules.modes, modeUnmet),
    check(
      "the memmap of a block is whole pages",
      `${memmapBytes} bytes, page ${arch.pageBytes}`,
      memmapBytes % arch.pageBytes === 0,
      supports,
      `the memmap of a block is no whole number of pages: ${memmapBytes} bytes, page ${arch.pageBytes}`,
    ),
    check(
      "what is reserved is whole pageblocks",
      `${layout.reservedPages} pages, pageblock ${pageblockPages}`,
      layout.reservedPages % pageblockPages === 0,
      arch.pageblockOrder,
      `what is reserved is no whole number of pageblocks: ${layout.reservedPages} pages, pageblock ${pageblockPages}`,
    ),
    check(
      "pages remain",
      `${nrPages - layout.reservedPages} of ${nrPages}`,
      layout.reservedPages < nrPages,
      supports,
      `no pages remain: ${layout.reservedPages} of ${nrPages} are reserved`,
    ),
    check(
      wholePmds ? "the memmap of a block is whole PMDs" : "the architecture accepts the memmap",
      wholePmds ? `${memmapBytes} bytes, PMD ${arch.pmdBytes.value}` : "any size",
      !wholePmds || memmapBytes % arch.pmdBytes.value === 0,
      wholePmds ? weakest(pmdFact, arch.pmdBytes) : pmdFact,
      `the memmap of a block is no whole number of PMDs: ${memmapBytes} bytes, PMD ${arch.pmdBytes.value}`,
    ),
  ];
  if (rules.requestSpan.value === "one-block") {
    const value = `${requestBytes} bytes, block ${input.blockBytes}`;
    const [isOne, unmet] = [requestBytes === input.blockBytes, `the request is not exactly one block: ${value}`];
    conditions.push(check("the request is exactly one block", value, isOne, rules.requestSpan, unmet));
  }
  if (rules.excludesHvo.value) conditions.push(hvoCondition(input, rules));
  return conditions;
}

/** How the kernel was built and booted: on, where a scenario says nothing; the MMU only where it says so. */
function buildConditions(input: PlacementInput, arch: Architecture): Condition[] {
  const given = (source: string): Fact<unknown> => ({ value: undefined, source, evidence: "read-6.12" });
  const [kconfig, radix] = ["mm/Kconfig MHP_MEMMAP_ON_MEMORY", "arch/powerpc/include/asm/pgtable.h"];
  return [
    check(
      "CONFIG_SPARSEMEM_VMEMMAP is built in",
      input.sparsememVmemmap === false ? "n" : "y",
      input.sparsememVmemmap !== false,
      given(kconfig),
      "the kernel is built without CONFIG_SPARSEMEM_VMEMMAP, which CONFIG_MHP_MEMMAP_ON_MEMORY depends on",
    ),
    check(
      "CONFIG_MHP_MEMMAP_ON_MEMORY is built in",
      input.configured === false ? "n" : "y",
      input.configured !== false,
      given(kconfig),
      "the kernel is built without CONFIG_MHP_MEMMAP_ON_MEMORY",
    ),
    ...(input.hashMmu === true && arch.family === "ppc64"
      ? [
          check(
            "the MMU is radix",
            "hash (disable_radix)",
            false,
            given(`${radix} arch_supports_memmap_on_memory`),
            "the MMU is hash, not radix (disable_radix)",
          ),
        ]
      : []),
  ];
}

/** Struct pages that cross page boundaries keep hugetlb_free_vmemmap off. @source mm/hugetlb_vmemmap.c, 5.14 to 5.19 */
function hvoCondition(input: PlacementInput, rules: KernelRules): Condition {
  const structPageBytes = input.structPageBytes ?? 64;
  const possible = Number.isInteger(Math.log2(structPageBytes));
  const on = input.hvo === true && possible;
  const ignored = input.hvo === true && !possible ? `, ignored with struct pages of ${structPageBytes} bytes` : "";
  const value = `hugetlb_free_vmemmap ${input.hvo === true ? "on" : "off"}${ignored}`;
  const unmet = "hugetlb vmemmap freeing is on (hugetlb_free_vmemmap)";
  return check("hugetlb vmemmap freeing is off", value, !on, rules.excludesHvo, unmet);
}

/** `force` is no boolean: before 6.6 the parameter keeps its default, N. */
function modeState(input: PlacementInput, rules: KernelRules, callerAsks: boolean) {
  const row = kernelRow(input.kernel);
  const rejected = input.mode === "force" && rules.modes.value === "bool";
  const isOn = input.mode !== "N" && !rejected;
  const bypassed = !isOn && callerAsks && input.whatIf?.includes("flag-overrides-parameter") === true;
  const whatIf = `${input.mode}, which the caller's flag overrides (what-if: posted in June 2023, never merged)`;
  const modeValue = bypassed ? whatIf : rejected ? "force is no boolean in this kernel, so it stays N" : input.mode;
  const unmet = `memory_hotplug.memmap_on_memory is N${rejected ? ": force is no boolean in this kernel" : ""}`;
  return { version: row, modeHolds: isOn || bypassed, modeValue, modeUnmet: unmet };
}
