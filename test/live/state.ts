import type { BlockState, DaxDevice, DaxState, State, System, ZoneState } from "./fixture.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const ZONE_FIELDS = new Set(["spanned", "present", "managed", "start_pfn"]);

/** Names sort as text, so that recordings of one state are equal as text. */
function sortedRecord<T>(entries: Map<string, T>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parseZones(lines: readonly string[]): Record<string, ZoneState> {
  const zones = new Map<string, Mutable<ZoneState>>();
  let zone: Mutable<ZoneState> | undefined;
  for (const line of lines) {
    const heading = /^Node (\d+), zone +(\w+)$/.exec(line);
    if (heading) {
      zone = { free: 0, spanned: 0, present: 0, managed: 0 };
      zones.set(`${heading[1]}:${heading[2]}`, zone);
      continue;
    }
    const buddy = /^buddy Node (\d+), zone +(\w+) +(.*)$/.exec(line);
    if (buddy) {
      const owner = zones.get(`${buddy[1]}:${buddy[2]}`);
      if (owner) owner.buddy = buddy[3]?.trim().split(/ +/).map(Number) ?? [];
      continue;
    }
    const free = /^ *pages free +(\d+)$/.exec(line);
    if (free && zone) zone.free = Number(free[1]);
    const field = /^ *(\w+):? +(\d+)$/.exec(line);
    if (field?.[1] && zone && ZONE_FIELDS.has(field[1])) {
      zone[field[1] as "spanned"] = Number(field[2]);
    }
  }
  // /proc/zoneinfo also lists the zones a node does not have.
  return sortedRecord(new Map([...zones].filter(([, { spanned }]) => spanned > 0)));
}

function valuesAfter(lines: readonly string[], word: string): string[] {
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

function parseDaxState(lines: readonly string[]): DaxState | undefined {
  const [driver] = valuesAfter(lines, "daxdriver");
  if (driver === undefined) return undefined;
  return {
    memmap_on_memory: valuesAfter(lines, "daxattribute")[0] ?? "",
    driver,
    iomem: valuesAfter(lines, "daxiomem"),
  };
}

/** Parses the output of the `state` function of guest.sh. */
export function parseState(output: string): State {
  const lines = output.split("\n");
  const blocks = new Map<string, BlockState>();
  for (const line of valuesAfter(lines, "block")) {
    const [id = "", state = "", removable = "", ...zones] = line.split(" ");
    blocks.set(id, { state, valid_zones: zones.join(" "), removable });
  }
  const links = valuesAfter(lines, "link").map((path) => path.replace(/^.*\/node(\d+)\/memory(\d+)$/, "$1:$2"));
  const total = /^MemTotal: +(\d+) kB$/m.exec(output);
  if (!total) throw new Error(`no MemTotal in the guest's answer: ${output.slice(0, 200)}`);
  const dax = parseDaxState(lines);
  return {
    zones: parseZones(lines),
    blocks: sortedRecord(blocks),
    mem_total_kb: Number(total[1]),
    iomem_system_ram: valuesAfter(lines, "iomem"),
    node_blocks: links.sort(),
    ...(dax && { "dax0.0": dax }),
  };
}

export interface SystemFacts {
  readonly kernel: string;
  readonly facts: Pick<System, "block_size_bytes" | "parameters" | "auto_online_blocks" | "dax0.0">;
}

/** Parses the output of the `system` function of guest.sh. */
export function parseSystem(output: string, qemuVersion: string): SystemFacts {
  const lines = output.split("\n");
  const pairs = (word: string): Record<string, string> =>
    Object.fromEntries(
      valuesAfter(lines, word).map((line) => {
        const space = line.indexOf(" ");
        return [line.slice(0, space), line.slice(space + 1)];
      }),
    );
  const version = /^version Linux version (\S+) .*\bDebian (\S+) \(/m.exec(output);
  const dax = pairs("dax");
  return {
    kernel: `Linux ${version?.[1]} (Debian ${version?.[2]}), x86_64, QEMU ${qemuVersion} q35 TCG`,
    facts: {
      ...(dax["resource"] !== undefined && { "dax0.0": dax as unknown as DaxDevice }),
      block_size_bytes: Number.parseInt(valuesAfter(lines, "block_size")[0] ?? "", 16),
      parameters: pairs("parameter"),
      auto_online_blocks: valuesAfter(lines, "auto_online")[0] ?? "",
    },
  };
}
