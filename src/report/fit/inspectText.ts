import type { Inspection } from "../../inspect/inspection.ts";
import type { NodeInspection } from "../../inspect/nodes.ts";
import { formatBytes } from "../../units.ts";
import { textTable } from "../table.ts";

const WORDS = { "on-memory": "on the memory", dram: "in DRAM", mixed: "mixed" };

/** `altmap inspect` for people. */
export function inspectText(facts: Inspection): string {
  const { kernel, memoryBlockBytes, pageBytes } = facts;
  const block = memoryBlockBytes === null ? "of unknown size" : `of ${formatBytes(memoryBlockBytes)}`;
  const machine = kernel.isVirtual === null ? "" : kernel.isVirtual ? ", a virtual machine" : ", bare metal";
  const head = [
    `${facts.root === "" ? "This machine" : facts.root}: Linux ${kernel.release ?? "(unknown)"}, ${facts.architecture ?? "unknown architecture"}, ${formatBytes(pageBytes)} pages, memory blocks ${block}${machine}`,
    `memory_hotplug.memmap_on_memory=${kernel.memmapOnMemory ?? "(unknown)"}, auto_online_blocks=${kernel.autoOnlineBlocks ?? "(unknown)"}, online_policy=${kernel.onlinePolicy ?? "(unknown)"}`,
  ];
  const dax = facts.dax.map(
    (one) =>
      `${one.name}: ${formatBytes(one.sizeBytes)} of node ${one.node ?? "?"}, ${one.kind ?? "unknown kind"}, ${one.driver ?? "no driver"}, memmap_on_memory ${one.memmapOnMemory === null ? "absent" : Number(one.memmapOnMemory)}`,
  );
  const why = facts.reasons.map(({ of, text, source }) => `${of}: ${text}  (${source})`);
  const how = facts.nodes
    .filter(({ finding }) => finding.placement !== null)
    .map(({ node, finding }) => `node ${node}: ${finding.how}`);
  const missing = facts.missing.length === 0 ? [] : [`Not read (missing or unreadable): ${facts.missing.join(", ")}`];
  const parts = [head, nodesTable(facts), dax, section("Known from", how), section("Why", why), missing];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];

function nodesTable({ nodes }: Inspection): string[] {
  if (nodes.length === 0) return [];
  const size = (bytes: number | null): string => (bytes === null ? "?" : formatBytes(bytes));
  const row = (node: NodeInspection): string[] => [
    String(node.node),
    String(node.cpus),
    size(node.totalBytes),
    size(node.freeBytes),
    `${node.onlineBlocks} + ${node.offlineBlocks}`,
    node.finding.placement === null
      ? "-"
      : `${WORDS[node.finding.placement]}${node.finding.hotAddedBlocks === 0 ? " (boot memory)" : ""}`,
  ];
  const right = (title: string) => ({ title, align: "right" as const });
  return [
    textTable({
      columns: [
        right("node"),
        right("CPUs"),
        right("MemTotal"),
        right("free"),
        right("blocks on + off"),
        { title: "its memmap lies", align: "left" },
      ],
      rows: nodes.map(row),
    }),
  ];
}
