import type { ExplainedDevices, Explanation } from "../explain.ts";
import { fineBytes } from "../hotplug/capacity.ts";
import { type DramFit, doesNotFitWords, dramFit } from "../hotplug/dramFit.ts";
import { usableBytes } from "../hotplug/dramUse.ts";
import { type Evidence, isVerified } from "../hotplug/evidence.ts";
import type { KernelRules } from "../hotplug/kernels.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { RULE_TITLES } from "../hotplug/ruleTitles.ts";
import { pricedAs, recordedKernelOf } from "../linux/recordedKernels.ts";
import { formatBytes, hex } from "../units.ts";
import { textTable } from "./table.ts";

const OUTCOME: Readonly<Record<string, string>> = {
  "on-memory": "the memmap lies on the added memory",
  dram: "the memmap is taken from the buddy, normally DRAM",
  "-EINVAL": "the add fails with -EINVAL",
  "no-room": "nothing is added",
};

const STAYS_IN_DRAM = [
  "In system RAM in any case: page tables of the vmemmap and the direct map, mem_section_usage, memory block devices,",
  "altmap objects, page_ext (mm/sparse.c, drivers/base/memory.c, mm/page_ext.c, 6.12).",
].join("\n");

/** The effective placement, each condition with its value, and what nobody read in kernel source marked. */
export function explainText(explanation: Explanation): string {
  const { kernel, row, scenario, pageBytes, blockRule, notes, rules, devices } = explanation;
  const { arch, structPageBytes } = scenario.machine;
  const head = [
    `Linux ${kernel} (${[`rules of ${row}`, pricedAs(kernel)].filter(Boolean).join(", ")}), ${arch}, pages of ${formatBytes(pageBytes)}, struct page ${structPageBytes} bytes`,
    `memory block ${formatBytes(blockRule.value)}: ${blockRule.source} ${tag(blockRule.evidence)}`,
    ...notes.map((note) => `Note: ${note}.`),
  ];
  const parts = devices.flatMap((group) => ["", deviceText(group, explanation)]);
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

/** Whether the memmap fits in DRAM; undefined where nothing goes to DRAM. */
function fitOf(plan: HotplugPlan, { scenario }: Explanation): DramFit | undefined {
  const isAdded = plan.placement.outcome === "dram" && plan.nrBlocks > 0 && Number.isInteger(plan.nrBlocks);
  return isAdded ? dramFit(plan, scenario.machine.dramBytes) : undefined;
}

function deviceText({ ids, plan }: ExplainedDevices, explanation: Explanation): string {
  const { device, placement, range, notes } = plan;
  const blockBytes = explanation.blockRule.value;
  const fit = fitOf(plan, explanation);
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
    `${ids.join(", ")}: ${device.driver}, ${fineBytes(device.capacityBytes)}${startText(range.startBytes)}, ${blocksText(plan)}`,
    `  ${placement.outcome}: ${OUTCOME[placement.outcome]}; ${placement.reason}`,
    ...(fit === undefined || fit.fits ? [] : [`  impossible: the memmap ${doesNotFitWords(fit)}`]),
    ...notes.map((note) => `  Note: ${note}.`),
    `  each block of ${formatBytes(blockBytes)}: memmap ${memmapPages} pages` +
      (placement.selfHosted ? `, ${reservedPages} kept from the buddy, ${wastePages} of them wasted` : ""),
    ...totalText(plan),
    table,
  ].join("\n");
}

function startText(startBytes: number | undefined): string {
  return startBytes === undefined ? "" : ` added from ${hex(startBytes)} on`;
}

function blocksText({ nrBlocks }: HotplugPlan): string {
  if (!Number.isInteger(nrBlocks) || nrBlocks === 0) return "no whole blocks";
  return `${nrBlocks} block${nrBlocks === 1 ? "" : "s"}`;
}

/** Nothing for an add that fails. */
function totalText(plan: HotplugPlan): string[] {
  const { placement, nrBlocks, memmapBytes, pageBytes, range } = plan;
  if (placement.outcome !== "on-memory" && placement.outcome !== "dram") return [];
  const each = fineBytes(placement.memmapPages * pageBytes);
  const where = placement.selfHosted ? "on the memory" : "from the buddy";
  const left = fineBytes(usableBytes(plan, placement.outcome));
  return [
    `  in all: memmap ${fineBytes(memmapBytes)} (${nrBlocks} x ${each}) ${where}; ${left} of ${fineBytes(range.sizeBytes)} left`,
  ];
}

/** Marks what nobody read in kernel source, or saw a kernel do. */
const UNREAD = "(?)";

function tag(evidence: Evidence): string {
  return isVerified(evidence) ? `[${evidence}]` : `[${evidence}] ${UNREAD}`;
}

/** The JSON of `altmap explain` (`altmap/explain-v1`): sizes in bytes, the unit in every key. */
export function explainDocument(explanation: Explanation): object {
  const { kernel, row, scenario, pageBytes, blockRule, notes, rules, devices } = explanation;
  return {
    schema: "altmap/explain-v1",
    kernel: {
      version: kernel,
      row,
      priced_as: recordedKernelOf(kernel),
      memmap_on_memory: scenario.kernel.memmapOnMemory,
    },
    architecture: scenario.machine.arch,
    page_bytes: pageBytes,
    struct_page_bytes: scenario.machine.structPageBytes,
    memory_block: { bytes: blockRule.value, source: blockRule.source, evidence: blockRule.evidence },
    rules: Object.fromEntries(
      Object.entries(rules).map(([name, fact]) => [name, { ...fact, verified: isVerified(fact.evidence) }]),
    ),
    notes,
    devices: devices.map((group) => deviceDocument(group, explanation)),
  };
}

function deviceDocument({ ids, plan }: ExplainedDevices, explanation: Explanation): object {
  const { device, placement, range, notes } = plan;
  const { outcome } = placement;
  return {
    ids,
    driver: device.driver,
    capacity_bytes: device.capacityBytes,
    start_bytes: range.startBytes ?? null,
    added_bytes: range.sizeBytes,
    lost_start_bytes: range.lostAtStartBytes,
    lost_end_bytes: range.lostAtEndBytes,
    blocks: plan.nrBlocks,
    outcome,
    reason: placement.reason,
    memmap_bytes: plan.memmapBytes,
    usable_bytes: outcome === "on-memory" || outcome === "dram" ? usableBytes(plan, outcome) : 0,
    memmap_pages_per_block: placement.memmapPages,
    reserved_pages_per_block: placement.reservedPages,
    waste_pages_per_block: placement.wastePages,
    // null: nothing of the memmap goes to DRAM.
    fits_in_dram: fitOf(plan, explanation)?.fits ?? null,
    notes,
    conditions: placement.conditions.map((one) => ({ ...one, verified: isVerified(one.evidence) })),
  };
}
