import type { Quantity } from "../machine/provenance.ts";
import type { MachineRate, MachineRates } from "../machine/rates/machineRates.ts";
import { BASE_FOLIO, type Folio, PMD_ORDER } from "../scenario/folio.ts";
import type { RateName } from "../scenario/machineUse.ts";
import type { MachineSamples } from "./machineDraw.ts";
import { extraOfOperation, type OperationCounts, type OperationOptions } from "./operationPrice.ts";
import { type OperationWork, type WorkName, workOfOperation } from "./operationWork.ts";
import { draw, type Estimate, estimate, type Random, seededRandom } from "./sample.ts";

/** What a machine loses to a memmap on the memory: extra time of its operations, a second of all its CPUs. */
export interface MachineLoss {
  readonly rates: MachineRates;
  /** CPUs busy with nothing but waiting longer for struct pages. */
  readonly cpusLost: Estimate;
  /** Of all its CPUs, 0 to 1. */
  readonly share: Estimate;
  /** Share of touched struct pages that no cache holds: those in use against what the LLC leaves them. */
  readonly missShare: number;
  /** Hot-added memory in use, whose struct pages are met at random. */
  readonly inUseBytes: number;
  /** Share of the operations that work on hot-added memory. */
  readonly hotAddedShare: number;
  /** Largest first; those that never happen left out. */
  readonly parts: readonly LossPart[];
}

/** What one kind of operation adds. */
interface LossPart {
  readonly does: string;
  readonly perSecond: Estimate;
  readonly extraNs: Estimate;
  readonly cpusLost: Estimate;
}

/** One machine and how its struct pages are met. */
interface LossInput {
  readonly rates: MachineRates;
  readonly inUseBytes: number;
  /** Bytes of LLC left to struct pages. */
  readonly llcBytes: number;
  readonly hotAddedShare: number;
  readonly kernel: "6.1" | "6.12";
  readonly options: OperationOptions;
}

/** Filled by a fault of a file: itself and cached neighbours within fault_around_bytes (64 KiB). */
const PAGES_A_FILE_FAULT: Quantity = { value: 4, range: [1, 16], level: "R", source: "assumed" };

const HUGE: Folio = { order: PMD_ORDER, nrPages: 2 ** PMD_ORDER };

type Rates = Readonly<Record<RateName, number>>;

interface Kind {
  readonly does: string;
  /** Touch struct pages like these, each so often. */
  readonly operations: readonly WorkName[];
  readonly folio?: Folio;
  /** Units a second of these rates; `pages` gives what no counter tells. */
  readonly units: (rates: Rates, pages: { readonly ofFork: number; readonly ofFileFault: number }) => number;
}

/** Faults that are no NUMA hint faults: pgfault counts both. */
const faults = ({ faults, hint_faults }: Rates): number => Math.max(0, faults - hint_faults);
/** Faults that allocate a page. */
const filled = (rates: Rates): number => Math.min(faults(rates), rates.allocations);

/**
 * What counters count, as operations: a page that a fault allocates is faulted and later unmapped; faults beyond the
 * allocations map pages of files; allocations beyond the faults are the page cache's and the kernel's own. The struct
 * page of the new place of a promoted page is boot memory's, which does not move.
 */
const KINDS: readonly Kind[] = [
  { does: "faults that allocate a page, and its unmapping", operations: ["fault", "exit"], units: filled },
  {
    does: "faults that map cached pages of files, and their unmapping",
    operations: ["fork", "fork"],
    units: (rates, { ofFileFault }) => ofFileFault * (faults(rates) - filled(rates)),
  },
  {
    does: "other allocations, and their freeing",
    operations: ["alloc_free"],
    units: (rates) => rates.allocations - filled(rates),
  },
  {
    does: "pages shared by fork, and their unmapping",
    operations: ["fork", "fork"],
    units: (rates, { ofFork }) => ofFork * rates.forks,
  },
  {
    does: "faults of huge pages, and their unmapping",
    operations: ["fault", "exit"],
    folio: HUGE,
    units: (rates) => rates.thp_faults,
  },
  { does: "reclaim", operations: ["reclaim"], units: (rates) => rates.reclaims },
  { does: "migration", operations: ["fault", "exit"], units: (rates) => rates.migrations },
  { does: "NUMA hint faults", operations: ["tmpfs_read"], units: (rates) => rates.hint_faults },
  { does: "promotion", operations: ["exit"], units: (rates) => rates.promotions },
];

/** Struct pages of so many bytes take so much of a cache. */
const BYTES_PER_MEMMAP_BYTE = 64;
const RATE_SEED = 0x7a7e;
const NS_A_SECOND = 1e9;

/** Extra time of each kind of operation, cold, with its draws: the same for every rate. */
interface LossPrices {
  readonly extra: readonly { readonly stated: number; readonly draws: Float64Array }[];
}

/** Prices one unit of each kind of operation on one device. */
export function lossPrices(
  operations: readonly OperationCounts[],
  onMemory: MachineSamples,
  inDram: MachineSamples,
  { kernel, options }: Pick<LossInput, "kernel" | "options">,
): LossPrices {
  const priced = new Map<string, ReturnType<typeof extraOfOperation>>();
  const priceOf = (name: WorkName, folio: Folio) => {
    const key = `${name} ${folio.order}`;
    const known = priced.get(key);
    if (known !== undefined) return known;
    const counts = operations.find((one) => one.key === name);
    if (counts === undefined) throw new RangeError(`${name} was not counted`);
    const work: OperationWork = workOfOperation(name, kernel);
    const price = extraOfOperation(counts, work, onMemory, inDram, { ...options, folio });
    priced.set(key, price);
    return price;
  };
  const extra = KINDS.map(({ operations: names, folio = BASE_FOLIO }) => {
    const parts = names.map((name) => priceOf(name, folio));
    const sum = (pick: (part: (typeof parts)[number]) => number) => parts.reduce((all, part) => all + pick(part), 0);
    return {
      stated: sum(({ stated }) => stated),
      draws: Float64Array.from(onMemory.draws, (_, i) => sum(({ draws }) => draws[i]!)),
    };
  });
  return { extra };
}

/** Extra ns of an operation x operations a second, of all kinds; rates and prices drawn together. */
export function machineLoss({ extra }: LossPrices, input: LossInput): MachineLoss {
  const { rates, inUseBytes, llcBytes, hotAddedShare } = input;
  const memmapBytes = inUseBytes / BYTES_PER_MEMMAP_BYTE;
  const missShare = memmapBytes > 0 ? Math.max(0, 1 - llcBytes / memmapBytes) : 0;
  const statedUnits = unitsOf(rates, null);
  const drawnUnits = Array.from(extra[0]!.draws, (_, i) => unitsOf(rates, seededRandom(RATE_SEED + i)));
  const cpusOf = (k: number, units: readonly number[], ns: number): number =>
    (hotAddedShare * missShare * units[k]! * ns) / NS_A_SECOND;
  const sum = (one: (k: number) => number): number => KINDS.reduce((all, _, k) => all + one(k), 0);
  const lost = sum((k) => cpusOf(k, statedUnits, extra[k]!.stated));
  const draws = Float64Array.from(drawnUnits, (units, i) => sum((k) => cpusOf(k, units, extra[k]!.draws[i]!)));
  const parts = KINDS.map(({ does }, k) => ({
    does,
    perSecond: estimate(
      statedUnits[k]!,
      Float64Array.from(drawnUnits, (units) => units[k]!),
    ),
    extraNs: estimate(extra[k]!.stated, extra[k]!.draws),
    cpusLost: estimate(
      cpusOf(k, statedUnits, extra[k]!.stated),
      Float64Array.from(drawnUnits, (units, i) => cpusOf(k, units, extra[k]!.draws[i]!)),
    ),
  }));
  return {
    rates,
    cpusLost: estimate(lost, draws),
    share: estimate(
      lost / rates.nrCpus,
      draws.map((cpus) => cpus / rates.nrCpus),
    ),
    missShare,
    inUseBytes,
    hotAddedShare,
    parts: parts
      .filter(({ perSecond }) => perSecond.interval[1] > 0)
      .sort((a, b) => b.cpusLost.value - a.cpusLost.value),
  };
}

/** Units of each kind a second. A busy machine has more of everything: rates of a class are drawn together. */
function unitsOf({ perSecond, pagesAFork }: MachineRates, random: Random): number[] {
  const busy = random?.();
  const rates = Object.fromEntries(
    Object.entries(perSecond).map(([name, { rate }]) => [name, drawRate(rate, busy)]),
  ) as Record<RateName, number>;
  const pages = { ofFork: draw(pagesAFork, random), ofFileFault: draw(PAGES_A_FILE_FAULT, random) };
  return KINDS.map(({ units }) => units(rates, pages));
}

function drawRate(rate: MachineRate["rate"], busy: number | undefined): number {
  if (rate.value === 0) return 0;
  return busy === undefined ? rate.value : draw(rate, seededRandom(busy * 2 ** 32));
}
