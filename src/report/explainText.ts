import type { ExplainedDevices, Explanation } from "../explain.ts";
import { type Evidence, isVerified } from "../hotplug/evidence.ts";
import { type KernelRules, RULE_TITLES } from "../hotplug/kernels.ts";
import { formatBytes } from "../units.ts";
import { textTable } from "./table.ts";

const OUTCOME: Readonly<Record<string, string>> = {
  "on-memory": "the memmap lies on the added memory",
  dram: "the memmap is taken from the buddy, normally DRAM",
  "-EINVAL": "the add fails with -EINVAL",
};

const STAYS_IN_DRAM = [
  "In system RAM in any case: page tables of the vmemmap and the direct map, mem_section_usage, memory block devices,",
  "altmap objects, page_ext (mm/sparse.c, drivers/base/memory.c, mm/page_ext.c, 6.12).",
].join("\n");

/** The effective placement, each condition with its value, and what nobody read in kernel source marked. */
export function explainText(explanation: Explanation): string {
  const { kernel, row, scenario, pageBytes, blockRule, rules, devices } = explanation;
  const { arch, structPageBytes } = scenario.machine;
  const head = [
    `Linux ${kernel} (rules of ${row}), ${arch}, pages of ${formatBytes(pageBytes)}, struct page ${structPageBytes} bytes`,
    `memory block ${formatBytes(blockRule.value)}: ${blockRule.source} ${tag(blockRule.evidence)}`,
  ];
  const parts = devices.flatMap((group) => ["", deviceText(group, blockRule.value)]);
  const text = [...head, ...parts, "", rulesText(row, rules), "", STAYS_IN_DRAM].join("\n");
  return `${text}${text.includes(UNREAD) ? `\n\n${UNREAD} not read in the source of that kernel` : ""}\n`;
}

function rulesText(row: string, rules: KernelRules): string {
  const names = Object.keys(RULE_TITLES) as (keyof KernelRules)[];
  return textTable({
    columns: [`rules of ${row}`, "", "known from"].map((title) => ({ title, align: "left" as const })),
    rows: names.map((name) => {
      const { value, source, evidence } = rules[name];
      const shown = typeof value === "boolean" ? (value ? "yes" : "no") : [value].flat().join(", ");
      return [`  ${RULE_TITLES[name]}`, shown, `${source} ${tag(evidence)}`];
    }),
  });
}

function deviceText({ ids, driver, capacityBytes, placement }: ExplainedDevices, blockBytes: number): string {
  const { nrBlocks } = placement;
  const blocks = Number.isInteger(nrBlocks) ? `${nrBlocks} block${nrBlocks === 1 ? "" : "s"}` : "no whole blocks";
  const { memmapPages, reservedPages, wastePages } = placement;
  const table = textTable(
    {
      columns: ["", "condition", "value", "known from"].map((title) => ({ title, align: "left" as const })),
      rows: placement.conditions.map((one) => [
        one.holds ? "yes" : "NO",
        one.name,
        one.value,
        `${one.source} ${tag(one.evidence)}`,
      ]),
    },
    "  ",
  );
  return [
    `${ids.join(", ")}: ${driver}, ${formatBytes(capacityBytes)}, ${blocks}`,
    `  ${placement.outcome}: ${OUTCOME[placement.outcome]}; ${placement.reason}`,
    `  each block of ${formatBytes(blockBytes)}: memmap ${memmapPages} pages` +
      (placement.selfHosted ? `, ${reservedPages} kept from the buddy, ${wastePages} of them wasted` : ""),
    table,
  ].join("\n");
}

/** Marks what nobody read in kernel source, or saw a kernel do. */
const UNREAD = "(?)";

function tag(evidence: Evidence): string {
  return isVerified(evidence) ? `[${evidence}]` : `[${evidence}] ${UNREAD}`;
}

/** `altmap/explain-v1`. */
export function explainDocument(explanation: Explanation): object {
  const { kernel, row, scenario, pageBytes, blockRule, rules, devices } = explanation;
  return {
    schema: "altmap/explain-v1",
    kernel: { version: kernel, row, memmap_on_memory: scenario.kernel.memmapOnMemory },
    architecture: scenario.machine.arch,
    page_bytes: pageBytes,
    struct_page_bytes: scenario.machine.structPageBytes,
    memory_block: { bytes: blockRule.value, source: blockRule.source, evidence: blockRule.evidence },
    rules: Object.fromEntries(
      Object.entries(rules).map(([name, fact]) => [name, { ...fact, verified: isVerified(fact.evidence) }]),
    ),
    devices: devices.map(({ ids, driver, capacityBytes, placement }) => ({
      ids,
      driver,
      capacity_bytes: capacityBytes,
      blocks: placement.nrBlocks,
      outcome: placement.outcome,
      reason: placement.reason,
      memmap_pages_per_block: placement.memmapPages,
      reserved_pages_per_block: placement.reservedPages,
      waste_pages_per_block: placement.wastePages,
      conditions: placement.conditions.map((one) => ({ ...one, verified: isVerified(one.evidence) })),
    })),
  };
}
