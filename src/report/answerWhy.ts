import type { Simulation } from "../simulate.ts";
import { decimals, formatNs, percent } from "../units.ts";
import type { Interval } from "./answerRows.ts";
import { roundNs, roundRatio } from "./numbers.ts";
import { textTable } from "./table.ts";

/** Which inputs make one interval, widest first. */
export interface AnswerWhy {
  readonly device: string;
  readonly placement: "dram" | "on-memory";
  readonly quantity: string;
  /** Of a slowdown the ratio, else ns. */
  readonly unit: "ns" | "ratio";
  readonly value: number;
  readonly interval: Interval;
  readonly inputs: readonly {
    readonly input: string;
    /** Of the squared width (on a log scale where it is above 0), what goes when this input alone is taken as stated. */
    readonly share_ratio: number;
  }[];
}

/** Why each interval is as wide as it is; nothing where nobody asked. */
export function whyKeys({ devices }: Simulation): { readonly why?: readonly AnswerWhy[] } {
  if (devices.every(({ why }) => why === undefined)) return {};
  return {
    why: devices.flatMap(({ profile, why = [] }) =>
      why.map(({ placement, quantity, estimate, inputs }) => {
        const unit = quantity.endsWith("slowdown") ? "ratio" : "ns";
        const round = unit === "ns" ? roundNs : roundRatio;
        return {
          device: profile.id,
          placement,
          quantity,
          unit,
          value: round(estimate.value),
          interval: [round(estimate.interval[0]), round(estimate.interval[1])] as const,
          inputs: inputs.map(({ input, share }) => ({ input, share_ratio: roundRatio(share) })),
        };
      }),
    ),
  };
}

const SHOWN_INPUTS = 5;
const OF_OPERATIONS = "order-0 alloc and free";

/** A table a device: every event and workload, and of the operations the first; --json has all. */
export function whyText({ why = [] }: { readonly why?: readonly AnswerWhy[] }): string {
  const devices = [...new Set(why.map(({ device }) => device))];
  const tables = devices.map((device) => {
    const rows = why.filter((row) => row.device === device && isShown(row));
    return textTable({
      columns: [
        { title: `Why so wide (${device})`, align: "left" },
        { title: "memmap", align: "left" },
        { title: "90 %", align: "left" },
        { title: "ends apart", align: "right" },
        { title: "share of each input in the squared width, widest first", align: "left" },
      ],
      rows: rows.map((row) => [
        `  ${row.quantity}`,
        row.placement === "dram" ? "in DRAM" : "on the memory",
        row.unit === "ratio"
          ? `${percent(row.interval[0])} .. ${percent(row.interval[1])}`
          : `${formatNs(row.interval[0])} .. ${formatNs(row.interval[1])}`,
        row.interval[0] > 0 ? `x ${decimals(row.interval[1] / row.interval[0], 2)}` : "-",
        row.inputs
          .slice(0, SHOWN_INPUTS)
          .map(({ input, share_ratio }) => `${input} ${Math.round(100 * share_ratio)} %`)
          .join(", "),
      ]),
    });
  });
  return tables.join("\n\n");
}

/** Operations differ little in what makes their intervals. */
function isShown({ quantity, interval }: AnswerWhy): boolean {
  const isOperation = /, (at random|in pfn order|whole)$/.test(quantity);
  return interval[1] !== 0 && (!isOperation || quantity.startsWith(OF_OPERATIONS));
}
