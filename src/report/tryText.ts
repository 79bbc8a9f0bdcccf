import type { MemoryUse } from "../hotplug/script/memoryUse.ts";
import type { BlockChanges, StepResult } from "../hotplug/script/runSteps.ts";
import type { EventRecord } from "../hotplug/state/machine.ts";
import { errorTextOf } from "../hotplug/state/recording.ts";
import type { HostState } from "../hotplug/state/state.ts";
import type { Tried } from "../try.ts";
import { formatBytes, formatNs, hex } from "../units.ts";

/** What each step of a script did, as a shell would show it, and what changed. */
export function tryText({ run, costs }: Tried): string {
  const { script, host, initial } = run;
  const { settings } = host.machine;
  const lines = [
    `${script.name}: Linux ${settings.kernel}, ${settings.arch.name}, memory blocks of ${formatBytes(settings.blockBytes)}; booted with ${script.boot.system.cmdline}`,
    ...(script.isAssumed
      ? ["Boot memory is made from machine.nodes: what the kernel keeps of it is assumed to be its struct pages."]
      : []),
    ...script.whatIf.map((name) => `What if: ${name}, which was posted and never merged.`),
    costs.note,
  ];
  let before = { state: initial, use: run.initialUse };
  for (const [i, result] of run.steps.entries()) {
    lines.push("");
    for (const line of stepText(result, i + 1, before, settings.arch.pageBytes)) lines.push(line);
    const cost = costs.steps[i];
    if (cost !== undefined) {
      const [low, high] = cost.interval;
      lines.push(row("cost", `${formatNs(cost.value)} [${formatNs(low)}, ${formatNs(high)}]`));
    }
    before = { state: result.prediction.state, use: result.use };
  }
  return `${lines.join("\n")}\n`;
}

const row = (name: string, text: string): string => `   ${name.padEnd(10)} ${text}`;

function stepText(
  { step, prediction, addErrno, events, use, changed }: StepResult,
  number: number,
  before: { readonly state: HostState; readonly use: MemoryUse },
  pageBytes: number,
): string[] {
  const { state } = prediction;
  return [
    `${number}. ${step.words}`,
    ...outcomeLines(prediction, addErrno),
    ...prediction.errorLines.map((line) => row("dmesg", line)),
    ...eventLines(events, pageBytes),
    ...blockLines(changed, state),
    ...zoneLines(before.state, state),
    ...totalLines(before.state, state),
    ...resourceLines(before.state, state),
    ...daxLines(before.state, state),
    ...useLines(before.use, use),
  ];
}

function outcomeLines(
  { errno, endless, waits, stillPresent, conditioned }: StepResult["prediction"],
  addErrno: string | undefined,
): string[] {
  const lines: string[] = [];
  if (waits) lines.push(row("waits", "for ever: an earlier step never ends, and holds device_hotplug_lock"));
  else if (endless !== undefined) lines.push(row("endless", `${endless}; only a signal to its writer would end it`));
  else if (errno !== null) lines.push(row("error", `${errorTextOf(errno)} (-${errno})`));
  else if (addErrno !== undefined)
    lines.push(row("refused", `add_memory() returned -${addErrno} (${errorTextOf(addErrno)})`));
  else if (stillPresent === true) lines.push(row("refused", "the device is still there"));
  else lines.push(row("done", "0"));
  if (conditioned !== undefined)
    lines.push(row("depends", `on what the kernel keeps there (${conditioned}): meets says it, else it goes well`));
  return lines;
}

/** Notifier calls that text shows of one step; JSON has them all. */
const MOST_EVENTS = 24;

function eventLines(events: readonly EventRecord[], pageBytes: number): string[] {
  const shown = events.slice(0, MOST_EVENTS).map((event) => row("notifier", eventText(event, pageBytes)));
  const more = events.length - shown.length;
  return more === 0 ? shown : [...shown, row("", `and ${more} more, block by block (--json has them)`)];
}

function eventText(
  { event, startPfn, nrPages, altmapStartPfn, altmapNrPages }: EventRecord,
  pageBytes: number,
): string {
  const range = (start: number, count: number) => `[${hex(start * pageBytes)}, ${hex((start + count) * pageBytes)})`;
  const altmap =
    altmapStartPfn === undefined
      ? ""
      : altmapNrPages === 0
        ? ", no altmap"
        : `, altmap ${range(altmapStartPfn, altmapNrPages ?? 0)}`;
  return `${event} ${range(startPfn, nrPages)}${altmap}`;
}

/** `memory64 to memory71`. */
function idsText(ids: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const id of ids) {
    const last = runs[runs.length - 1];
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  return runs.map(([from, to]) => (from === to ? `memory${from}` : `memory${from} to memory${to}`)).join(", ");
}

function blockLines({ added, online, offline, removed, selfHosted }: BlockChanges, state: HostState): string[] {
  const zoneOf = (id: number) => state.blocks[String(id)]?.valid_zones ?? "";
  const hosted = selfHosted.length === 0 ? "" : ", their memmap on them";
  return [
    ...(added.length === 0 ? [] : [row("blocks", `+ ${idsText(added)}${hosted}`)]),
    ...[...new Set(online.map(zoneOf))].map((zone) =>
      row("blocks", `${idsText(online.filter((id) => zoneOf(id) === zone))} online in ${zone}`),
    ),
    ...(offline.length === 0 ? [] : [row("blocks", `${idsText(offline)} offline`)]),
    ...(removed.length === 0 ? [] : [row("blocks", `- ${idsText(removed)}`)]),
  ];
}

function zoneLines(before: HostState, after: HostState): string[] {
  const keys = [...new Set([...Object.keys(before.zones), ...Object.keys(after.zones)])];
  return keys.flatMap((key) => {
    const [was, is] = [before.zones[key], after.zones[key]];
    if (is === undefined) return [row("zone", `${key} is empty`)];
    if (was !== undefined && was.present === is.present && was.managed === is.managed && was.spanned === is.spanned)
      return [];
    return [
      row(
        "zone",
        `${key} starts at pfn ${is.start_pfn}, spanned ${is.spanned}, present ${is.present}, managed ${is.managed}`,
      ),
    ];
  });
}

function totalLines(before: HostState, after: HostState): string[] {
  const change = after.mem_total_kb - before.mem_total_kb;
  if (change === 0) return [];
  return [
    row("MemTotal", `${after.mem_total_kb} kB (${change > 0 ? "+" : "-"}${formatBytes(Math.abs(change) * 1024)})`),
  ];
}

function resourceLines(before: HostState, after: HostState): string[] {
  const [was, is] = [before.iomem_system_ram, after.iomem_system_ram];
  return [
    ...is.filter((line) => !was.includes(line)).map((line) => row("iomem", `+ ${line}`)),
    ...was.filter((line) => !is.includes(line)).map((line) => row("iomem", `- ${line}`)),
  ];
}

function daxLines(before: HostState, after: HostState): string[] {
  return Object.entries(after.dax).flatMap(([name, { memmap_on_memory: knob, driver }]) => {
    const was = before.dax[name];
    if (was?.memmap_on_memory === knob && was.driver === driver) return [];
    return [row(name, `memmap_on_memory ${knob}, driver ${driver ?? "none"}`)];
  });
}

function useLines(before: MemoryUse, use: MemoryUse): string[] {
  if (Object.keys(use).every((key) => before[key as keyof MemoryUse] === use[key as keyof MemoryUse])) return [];
  const onOthers = use.hotMemmapBytes === 0 ? "" : `, ${formatBytes(use.hotMemmapBytes)} on other hot-added memory`;
  return [
    row(
      "memmaps",
      `now ${formatBytes(use.dramMemmapBytes)} in DRAM${onOthers}, ${formatBytes(use.selfHostedBytes)} on their own blocks; ${formatBytes(use.dramOtherBytes)} of DRAM beside`,
    ),
  ];
}

/** The JSON of `altmap try` (`altmap/try-v1`): the unit is in every key, states are those of recordings. */
export function tryDocument({ run, costs }: Tried): object {
  const { script, host } = run;
  const { settings } = host.machine;
  return {
    schema: "altmap/try-v1",
    name: script.name,
    kernel: settings.kernel,
    architecture: settings.arch.name,
    memory_block_bytes: settings.blockBytes,
    boot: script.boot.system.cmdline,
    boot_memory_assumed: script.isAssumed,
    what_if: script.whatIf,
    costs: costs.note,
    initial: run.initial,
    steps: run.steps.map((result, i) => stepDocument(result, i + 1, costs.steps[i])),
  };
}

function stepDocument(
  { step, prediction, addErrno, events, use, changed }: StepResult,
  number: number,
  cost: { readonly value: number; readonly interval: readonly [number, number] } | undefined,
): object {
  const { errno, errorLines, stillPresent, conditioned, endless, waits, state } = prediction;
  const ended = endless === undefined ? "ended" : "endless";
  const refused = stillPresent === true && endless === undefined;
  return {
    step: number,
    what: step.words,
    outcome: waits
      ? "waits"
      : ended === "endless"
        ? "endless"
        : errno !== null || addErrno !== undefined || refused
          ? "failed"
          : "done",
    errno: errno ?? addErrno ?? null,
    returned_errno: errno,
    still_present: stillPresent ?? null,
    endless: endless ?? null,
    depends_on: conditioned ?? null,
    dmesg: errorLines,
    notifiers: events.map((event) => ({
      event: event.event,
      start_pfn: event.startPfn,
      nr_pages: event.nrPages,
      ...(event.altmapStartPfn !== undefined && {
        altmap_start_pfn: event.altmapStartPfn,
        altmap_nr_pages: event.altmapNrPages ?? 0,
      }),
    })),
    blocks_added: changed.added,
    blocks_self_hosted: changed.selfHosted,
    blocks_removed: changed.removed,
    dram_memmap_bytes: use.dramMemmapBytes,
    dram_other_bytes: use.dramOtherBytes,
    hot_added_memmap_bytes: use.hotMemmapBytes,
    self_hosted_bytes: use.selfHostedBytes,
    cost_ns: cost === undefined ? null : Math.round(cost.value),
    cost_interval_ns: cost === undefined ? null : cost.interval.map(Math.round),
    state,
  };
}
