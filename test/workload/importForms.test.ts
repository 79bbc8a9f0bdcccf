import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as L from "../../assembly/layout/allocatorEvents.ts";
import { importText } from "./importTrace.ts";

// What a tool prints for an event comes back as that event, whatever the command is called and however wide the
// numbers are.

interface Printed {
  readonly name: string;
  readonly op: number;
  readonly pfn: number;
  readonly order: number;
  readonly migratetype: number;
  readonly pid: number;
  readonly cpu: number;
  readonly timeUs: number;
  readonly comm: string;
}

const events = fc.record<Printed>({
  name: fc.constant(""),
  op: fc.constantFrom(L.EVENT_ALLOC, L.EVENT_FREE, L.EVENT_ZONE_LOCKED, L.EVENT_PCPU_DRAIN),
  pfn: fc.oneof(fc.integer({ min: 1, max: 0xffffff }), fc.integer({ min: 1, max: 2 ** 48 - 2 ** 11 })),
  order: fc.integer({ min: 0, max: 10 }),
  migratetype: fc.integer({ min: 0, max: 5 }),
  pid: fc.integer({ min: 0, max: 4194304 }),
  cpu: fc.integer({ min: 0, max: 8191 }),
  timeUs: fc.integer({ min: 0, max: 9e12 }),
  // TASK_COMM_LEN: 15 bytes of anything that a process may call itself.
  comm: fc.oneof(
    fc.string({ minLength: 1, maxLength: 15 }).map((text) => text.replaceAll(/[\n\r]/g, "?")),
    fc.constantFrom(
      "Web Content",
      "a [3] b",
      "kworker/0:1-mm_",
      "tmux: server",
      "1.5:",
      "x 7 [1]",
      "pfn=0x7 order=9",
      "A",
      "F",
    ),
  ),
});

const NAMES: Readonly<Record<number, string>> = {
  [L.EVENT_ALLOC]: "mm_page_alloc",
  [L.EVENT_FREE]: "mm_page_free",
  [L.EVENT_ZONE_LOCKED]: "mm_page_alloc_zone_locked",
  [L.EVENT_PCPU_DRAIN]: "mm_page_pcpu_drain",
};

function fieldsOf({ op, pfn, order, migratetype }: Printed): string {
  const page = `page=0x${pfn.toString(16)} pfn=0x${pfn.toString(16)} order=${order}`;
  if (op === L.EVENT_FREE) return page;
  if (op === L.EVENT_PCPU_DRAIN) return `${page} migratetype=${migratetype}`;
  if (op === L.EVENT_ZONE_LOCKED) return `${page} migratetype=${migratetype} percpu_refill=1`;
  return `${page} migratetype=${migratetype} gfp_flags=GFP_KERNEL|__GFP_ZERO`;
}

const seconds = ({ timeUs }: Printed): string => `${Math.floor(timeUs / 1e6)}.${String(timeUs % 1e6).padStart(6, "0")}`;
const cpuOf = ({ cpu }: Printed): string => String(cpu).padStart(3, "0");

/** The print formats of the tools' sources. */
const FORMS: Readonly<Record<string, (event: Printed) => string>> = {
  perf: (event) =>
    `${event.comm.padStart(16)} ${String(event.pid).padStart(5)} [${cpuOf(event)}] ${seconds(event).padStart(12)}: kmem:${NAMES[event.op]}: ${fieldsOf(event)}`,
  "perf with pid/tid": (event) =>
    `${event.comm.padStart(16)} ${event.pid + 1}/${event.pid} [${cpuOf(event)}] ${seconds(event)}:   kmem:${NAMES[event.op]}: ${fieldsOf(event)}`,
  ftrace: (event) =>
    `${event.comm.padStart(16)}-${String(event.pid).padEnd(7)} [${cpuOf(event)}] d..1. ${seconds(event).padStart(12)}: ${NAMES[event.op]}: ${fieldsOf(event)}`,
  "ftrace with tgid": (event) =>
    `${event.comm.padStart(16)}-${String(event.pid).padEnd(7)} (${String(event.pid).padStart(7)}) [${cpuOf(event)}] ..... ${seconds(event)}: ${NAMES[event.op]}: ${fieldsOf(event)}`,
  "trace-cmd": (event) =>
    `${event.comm.padStart(16)}-${String(event.pid).padEnd(5)} [${cpuOf(event)}] ${seconds(event).padStart(12)}: ${`${NAMES[event.op]}:`.padEnd(22)} ${fieldsOf(event)}`,
  bpftrace: (event) =>
    `${event.timeUs * 1000} ${event.comm} ${event.pid} ${event.cpu} ${NAMES[event.op]} ${fieldsOf(event)}`,
};

describe.each(Object.keys(FORMS))("%s", (form) => {
  it("gives every event back", () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 20 }), (printed) => {
        const imported = importText(printed.map((event) => `${FORMS[form]!(event)}\n`).join(""));
        expect(imported.report.garbageLines).toBe(0);
        expect(imported.events).toHaveLength(printed.length);
        imported.events.forEach((event, i) => {
          const { op, pfn, order, migratetype, pid, cpu, timeUs } = printed[i]!;
          expect(event).toMatchObject({
            op,
            pfn,
            order,
            migratetype: op === L.EVENT_FREE ? L.EVENT_MIGRATETYPE_UNKNOWN : migratetype,
            pid,
            cpu,
          });
          // Above 2^53 ns a double keeps 4 ns.
          expect(Math.abs(event.timeNs - timeUs * 1000)).toBeLessThanOrEqual(timeUs * 1000 > 2 ** 53 ? 4 : 0);
        });
      }),
      { numRuns: 100 },
    );
  });
});
