import type { CommandLine } from "../../advice/commands.ts";
import type { Fit } from "../../advice/fit.ts";
import { formatBytes, formatNs, grouped, threeDigits } from "../../units.ts";
import { fitConclusion } from "./fitConclusion.ts";
import { fitDocument } from "./fitDocument.ts";
import { wrapWords } from "./wrapWords.ts";

/** What a terminal shows without scrolling. */
const WIDTH = 80;
const HEIGHT = 24;
const LABEL = 10;
/** Columns of the table. */
const LEFT = 24;
const MIDDLE = 27;

type Document = ReturnType<typeof fitDocument>;
type Row = Document["placements"][number];

/** `altmap fit` for people: one screen of at most 24 lines and 80 columns. */
export function fitText(fit: Fit, colour = false): string {
  const document = fitDocument(fit);
  const head = [...wrapWords(titleOf(fit), WIDTH), "", ...table(document, colour), ""];
  const tail = wrapWords(`=> ${fitConclusion(fit)}`, WIDTH, 3);
  const room = HEIGHT - head.length - tail.length;
  return `${[...head, ...body(fit, room), ...tail].join("\n")}\n`;
}

function titleOf({ scenario, plans, daxKinds }: Fit): string {
  const groups = new Map<string, number>();
  for (const [i, { device }] of plans.entries()) {
    const text = `${formatBytes(device.capacityBytes)} of ${device.driver === "dax-kmem" ? daxKinds[i]!.toUpperCase() : device.driver}`;
    groups.set(text, (groups.get(text) ?? 0) + 1);
  }
  const devices = [...groups].map(([text, count]) => (count === 1 ? text : `${count} x ${text}`));
  const shown = devices.length > 2 ? [`${plans.length} devices`] : devices;
  const block = plans[0] === undefined ? "" : `, blocks of ${formatBytes(plans[0].blockBytes)}`;
  const arch = scenario.machine.arch === "x86_64" ? "" : ` ${scenario.machine.arch}`;
  return `${formatBytes(scenario.machine.dramBytes)} of DRAM, ${shown.join(", ")}, Linux ${scenario.kernel.version}${arch}${block}`;
}

function table({ placements, machine, capacity_bytes, nodes, devices }: Document, colour: boolean): string[] {
  const [dram, onMemory] = placements as [Row, Row];
  const line = (name: string, a: string, b: string) => `${name.padEnd(LEFT)}${a.padEnd(MIDDLE)}${b}`.trimEnd();
  const bytes = (value: number | null) => (value === null ? "-" : formatBytes(value));
  const pages = ({ pmd_pages, gib_pages }: Row) =>
    pmd_pages === null ? "-" : `${grouped(pmd_pages)} / ${grouped(gib_pages ?? 0)}`;
  const time = ({ online_ns, online_interval_ns: ends }: Row) =>
    online_ns === null || ends === null ? "-" : `${formatNs(online_ns)} [${formatNs(ends[0])}, ${formatNs(ends[1])}]`;
  const needed = formatBytes(dram.dram_used_bytes ?? 0);
  const freeWords = [`${needed} of ${formatBytes(machine.dram_free_bytes)}`, needed];
  const cost = onMemory.cost_ratio === null ? "-" : `${threeDigits(100 * onMemory.cost_ratio)} % of CPUs (assumed)`;
  const more =
    dram.dram_left_bytes && onMemory.dram_left_bytes
      ? `  (${threeDigits((100 * onMemory.dram_left_bytes) / dram.dram_left_bytes - 100)} % more)`
      : "";
  return [
    line("", "memmap in DRAM", "memmap on the memory"),
    `${"fits?".padEnd(LEFT)}${lit(dram, freeWords, MIDDLE, colour)}${lit(onMemory, [], 0, colour)}`,
    line("DRAM left", bytes(dram.dram_left_bytes), `${bytes(onMemory.dram_left_bytes)}${more}`),
    line(
      "hot-added usable",
      bytes(dram.usable_bytes),
      onMemory.usable_bytes === null ? "-" : `${bytes(onMemory.usable_bytes)} of ${formatBytes(capacity_bytes)}`,
    ),
    line(`${formatBytes(dram.pmd_page_bytes)} / 1 GiB pages`, pages(dram), pages(onMemory)),
    line(devices.length > 1 ? `online, all ${devices.length}` : "online", time(dram), time(onMemory)),
    line("what it costs", dram.usable_bytes === null ? "-" : "nothing", nodes > 0 ? cost : "-"),
  ];
}

const WORDS = { fits: "yes", "fits-but": "yes, but", "does-not-fit": "no" };
const COLOURS = { fits: "\u001b[32m", "fits-but": "\u001b[33m", "does-not-fit": "\u001b[31m" };

/** The word of a light, and as much beside it as there is room for. */
function lit({ light }: Row, more: readonly string[], width: number, colour: boolean): string {
  const texts = [...more.map((text) => `${WORDS[light]}: ${text}`), WORDS[light]];
  const text = texts.find(({ length }) => length < width || width === 0) ?? WORDS[light];
  const padded = text.padEnd(width);
  return colour ? `${COLOURS[light]}${padded}\u001b[39m` : padded;
}

/** What to type, check, undo and mind, in the lines that are left: what cannot be shown is counted. */
function body(fit: Fit, room: number): string[] {
  const { commands, advice, lights } = fit;
  const but = [
    ...lights.dram.because.map((text) => `in DRAM: ${text}`),
    ...lights.onMemory.because.map((text) => `on the memory: ${text}`),
  ];
  const minds = [...new Set([...but, ...advice.map(({ text }) => text)])];
  for (const [whys, nrMinds] of SHOWN) {
    const shown = minds.slice(0, nrMinds);
    const rest = minds.length - shown.length;
    const nothing = commands.type.length === 0 ? ["nothing: it cannot lie on the memory"] : [];
    const lines = [
      ...labelled("Type", [...nothing, ...commands.type.map((one) => words(one, whys))]),
      ...labelled(
        "Check",
        commands.check.slice(0, whys === "all" ? 4 : 2).map((one) => words(one, whys)),
      ),
      ...labelled(
        "Undo",
        commands.undo.map((one) => words(one, whys)),
      ),
      ...labelled("Mind", shown),
    ];
    const marked =
      rest > 0 && lines.length < room ? [...lines, `${"".padEnd(LABEL)}(${rest} more to mind: --json)`] : lines;
    if (marked.length <= room) return marked;
  }
  return labelled(
    "Type",
    commands.type.map((one) => words(one, "none")),
  ).slice(0, room);
}

type Whys = "all" | "short" | "none";

/** What is given up first when lines are short: whys that take a line of their own, then what to mind. */
const SHOWN: readonly (readonly [Whys, number])[] = [
  ["all", 5],
  ["all", 4],
  ["all", 3],
  ["short", 5],
  ["short", 4],
  ["short", 3],
  ["short", 2],
  ["none", 2],
  ["short", 1],
  ["none", 1],
  ["none", 0],
];

function words({ command, why }: CommandLine, whys: Whys): string {
  const text = `${command}  # ${why}`;
  return whys === "all" || (whys === "short" && text.length <= WIDTH - LABEL) ? text : command;
}

function labelled(label: string, entries: readonly string[]): string[] {
  return entries.flatMap((text, i) =>
    wrapWords(text, WIDTH - LABEL, 2).map((line, l) => `${(i === 0 && l === 0 ? label : "").padEnd(LABEL)}${line}`),
  );
}
