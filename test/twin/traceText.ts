import * as L from "../../assembly/layout/allocatorEvents.ts";

/** What the slow importer takes from a line. */
export interface PlainEvent {
  readonly op: number;
  readonly pfn: number;
  readonly order: number;
  readonly migratetype: number;
  readonly timeNs: number;
  readonly cpu: number;
  readonly pid: number;
}

const OPS: Readonly<Record<string, number>> = {
  mm_page_alloc: L.EVENT_ALLOC,
  mm_page_free: L.EVENT_FREE,
  mm_page_free_batched: L.EVENT_FREE_BATCHED,
  mm_page_alloc_zone_locked: L.EVENT_ZONE_LOCKED,
  mm_page_pcpu_drain: L.EVENT_PCPU_DRAIN,
};

/** The page events of perf, ftrace and full bpftrace text by regular expressions, line by line; all else is left out. */
export function plainTraceText(text: string): PlainEvent[] {
  const events: PlainEvent[] = [];
  for (const line of text.split("\n")) {
    const kernel = /[ -](\d+)\s+\[(\d+)\].*? (\d+)\.(\d{6}): +(?:kmem:)?(mm_page_\w+): (.*)$/.exec(line);
    const bpftrace = /^(\d+) .* (\d+) (\d+) (mm_page_\w+) (.*)$/.exec(line);
    if (kernel) {
      const timeNs = Number(kernel[3]) * 1e9 + Number(kernel[4]) * 1e3;
      events.push(plainEvent(kernel[5]!, kernel[6]!, timeNs, Number(kernel[2]), Number(kernel[1])));
    } else if (bpftrace) {
      events.push(
        plainEvent(bpftrace[4]!, bpftrace[5]!, Number(bpftrace[1]), Number(bpftrace[3]), Number(bpftrace[2])),
      );
    }
  }
  return events;
}

function plainEvent(name: string, fields: string, timeNs: number, cpu: number, pid: number): PlainEvent {
  const number = (key: string): number | undefined => {
    const match = new RegExp(`(?:^| )${key}=(\\S+)`).exec(fields);
    return match ? Number(match[1]) : undefined;
  };
  return {
    op: OPS[name]!,
    pfn: number("pfn")!,
    order: number("order") ?? 0,
    migratetype: number("migratetype") ?? L.EVENT_MIGRATETYPE_UNKNOWN,
    timeNs,
    cpu,
    pid,
  };
}
