import { threeDigits } from "../../units.ts";
import type { AdviceRule } from "../rule.ts";

const hosted = ({ plans }: Parameters<AdviceRule["fires"]>[0]): boolean =>
  plans.some(({ placement }) => placement.selfHosted);

/** What the machine does with it. */
export const USE_RULES: readonly AdviceRule[] = [
  {
    id: "promotion-traffic",
    fires: (facts) =>
      hosted(facts) &&
      ((facts.scenario.use.rates.promotions ?? 0) > 0 || (facts.scenario.use.rates.hint_faults ?? 0) > 0),
    text: () => "promotion and hint faults touch the slow struct pages of each page they look at",
    source: "mm/memory.c do_numa_page, mm/migrate.c migrate_misplaced_folio",
    evidence: "read-6.12",
    weight: 46,
  },
  {
    id: "damon",
    fires: (facts) => hosted(facts) && facts.totals.addedBytes >= 256 * 1024 ** 3,
    text: () => "DAMON on physical addresses samples struct pages of this memory: count them in",
    source: "mm/damon/paddr.c damon_pa_young, damon_get_folio",
    evidence: "recalled",
    weight: 20,
  },
  {
    id: "guest-dram",
    fires: ({ scenario, plans }) =>
      scenario.machine.platform === "vm" && plans.some(({ device }) => device.driver !== "dax-kmem"),
    text: () => "in a guest the DRAM that is saved is the host's: it backs the plugged memory too",
    source: "memory plugged by a hypervisor is the host's memory",
    evidence: "inferred",
    weight: 44,
  },
  {
    id: "cost-is-felt",
    fires: ({ simulation }) =>
      simulation?.devices.some(({ prices }) => (prices.losses?.judged.share.value ?? 0) > 0.01) === true,
    text: ({ simulation }) => {
      const worst = Math.max(
        ...(simulation?.devices.map(({ prices }) => prices.losses?.judged.share.value ?? 0) ?? [0]),
      );
      return `at these rates ${threeDigits(100 * worst)} % of the CPU time waits longer for struct pages`;
    },
    source: "altmap explain --cost",
    evidence: "inferred",
    weight: 76,
  },
];
