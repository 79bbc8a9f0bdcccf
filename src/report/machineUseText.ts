import { formatBytes, formatNs, threeSignificant } from "../units.ts";
import type { AnswerDocument } from "./answerDocument.ts";
import type { AnswerMachine } from "./machineUseDocument.ts";
import { lossInterval } from "./machineVerdict.ts";
import { textTable } from "./table.ts";

/** Operations that are named; the others add less. */
const MOST_OPERATIONS = 3;

/** Where the loss of one device comes from: extra ns x rate. */
export function machineUseText({ operations, cpus, ...machine }: AnswerMachine): string {
  const lost = lossInterval({ value: machine.cpus_lost, interval: machine.cpus_lost_interval }, 1);
  return textTable({
    columns: [
      { title: "  what the machine loses", align: "left" },
      ...["a second", "longer each", `CPUs lost of ${cpus}`].map((title) => ({ title, align: "right" as const })),
    ],
    rows: [
      ...operations
        .slice(0, MOST_OPERATIONS)
        .map((one) => [
          `  ${one.does}`,
          threeSignificant(one.per_second),
          formatNs(one.extra_ns),
          lossInterval({ value: one.cpus_lost, interval: one.cpus_lost_interval }, 1),
        ]),
      ["  in all", "", "", lost],
    ],
  });
}

/** What machines of each class would lose, device by device; only where no rates are stated. */
export function machineClassesText({ results }: AnswerDocument): string {
  const devices = results.flatMap(({ device, machine }) => (machine === null ? [] : [{ device, machine }]));
  const [first] = devices;
  if (first === undefined || first.machine.by_class.length === 0) return "";
  const { machine } = first;
  const table = textTable({
    columns: [
      { title: `Per cent of a machine of ${machine.cpus} CPUs lost, if it is`, align: "left" },
      ...devices.map(({ device }) => ({ title: device, align: "right" as const })),
    ],
    rows: machine.by_class.map((row, i) => [
      `  ${row.class}${row.class === machine.class ? (machine.class_assumed ? " (assumed)" : " (stated)") : ""}`,
      ...devices.map(({ machine: { by_class } }) => {
        const { percent_of_machine: value, percent_of_machine_interval: interval } = by_class[i] ?? row;
        return lossInterval({ value, interval }, 1);
      }),
    ]),
  });
  const { negligible, large } = machine.thresholds_percent;
  return [
    table,
    `Extra time of its operations on struct pages, cold, at random over ${formatBytes(machine.footprint_bytes)} in use. The verdict: up to ${negligible} % is`,
    `nothing, above ${large} % too much. Rates by class are what was seen on such machines, lowest to highest; state yours with`,
    "policy.class or policy.rates (faults, allocations, forks... a second). Waiting for locks is not in it.",
  ].join("\n");
}
