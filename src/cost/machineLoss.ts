import { BYTES_PER_MEMMAP_BYTE } from "../../assembly/layout/structPage.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { MachineRate, MachineRates } from "../machine/rates/machineRates.ts";
import { BASE_FOLIO, type Folio, PMD_ORDER } from "../scenario/folio.ts";
import type { RateName } from "../scenario/machineUse.ts";
import { extraOfOperation, type OperationRows } from "./operationPrice.ts";
import type { OperationCounts } from "./operationUnit.ts";
import { type KernelWork, type OperationWork, type WorkName, workOfOperation } from "./operationWork.ts";
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

const RATE_SEED = 0x7a7e;
const NS_A_SECOND = 1e9;

/** Extra time of each kind of operation, cold, with its draws: the same for every rate. */
interface LossPrices {
  readonly extra: readonly { readonly stated: number; readonly draws: Float64Array }[];
}

/** Prices an operation of these counts, draw by draw. */
export type RowsOf = (counts: OperationCounts, work: OperationWork, folio: Folio) => OperationRows;

/** Prices one unit of each kind of operation on one device. */
export function lossPrices(operations: readonly OperationCounts[], kernel: KernelWork, rowsOf: RowsOf): LossPrices {
  const priced = new Map<string, ReturnType<typeof extraOfOperation>>();
  const priceOf = (name: WorkName, folio: Folio) => {
    const key = `${name} ${folio.order}`;
    const known = priced.get(key);
    if (known !== undefined) return known;
    const counts = operations.find((one) => one.key === name);
    if (counts === undefined) throw new RangeError(`${name} was not counted`);
    const price = extraOfOperation(rowsOf(counts, workOfOperation(name, kernel), folio));
    priced.set(key, price);
    return price;
  };
  const extra = KINDS.map(({ operations: names, folio = BASE_FOLIO }) => {
    const parts = names.map((name) => priceOf(name, folio));
    const sum = (pick: (part: (typeof parts)[number]) => number) => parts.reduce((all, part) => all + pick(part), 0);
    const stated = sum(({ stated }) => stated);
    const draws = parts[0]!.draws.map((_, i) => sum(({ draws }) => draws[i]!));
    return { stated, draws };
  });
  return { extra };
}

/** Extra ns of an operation x operations a second, of all kinds; rates and prices drawn together. */
export function machineLoss(prices: LossPrices, input: LossInput): MachineLoss {
  const { rates, inUseBytes, hotAddedShare } = input;
  const { parts, ...lost } = lossOf(prices, input);
  const units = drawnUnits(rates, prices.extra[0]!.draws.length);
  const all = KINDS.map(({ does }, k) => ({
    does,
    perSecond: estimate(units.stated[k]!, units.draws[k]!),
    extraNs: estimate(prices.extra[k]!.stated, prices.extra[k]!.draws),
    cpusLost: estimate(parts[k]!.stated, parts[k]!.draws),
  }));
  return {
    rates,
    ...lost,
    missShare: missShareOf(input),
    inUseBytes,
    hotAddedShare,
    parts: all.filter(({ perSecond }) => perSecond.interval[1] > 0).sort((a, b) => b.cpusLost.value - a.cpusLost.value),
  };
}

/** Share of touched struct pages that no cache holds. */
function missShareOf({ inUseBytes, llcBytes }: LossInput): number {
  const memmapBytes = inUseBytes / BYTES_PER_MEMMAP_BYTE;
  return memmapBytes > 0 ? Math.max(0, 1 - llcBytes / memmapBytes) : 0;
}

/** What `machineLoss` sums to, and the CPUs that each kind loses. */
export function lossOf({ extra }: LossPrices, input: LossInput) {
  const { rates, hotAddedShare } = input;
  const missed = hotAddedShare * missShareOf(input);
  const nrDraws = extra[0]!.draws.length;
  const units = drawnUnits(rates, nrDraws);
  const draws = new Float64Array(nrDraws);
  let lost = 0;
  const parts = extra.map((price, k) => {
    const stated = (missed * units.stated[k]! * price.stated) / NS_A_SECOND;
    lost += stated;
    const own = new Float64Array(nrDraws);
    for (let i = 0; i < nrDraws; i++) {
      own[i] = (missed * units.draws[k]![i]! * price.draws[i]!) / NS_A_SECOND;
      draws[i]! += own[i]!;
    }
    return { stated, draws: own };
  });
  return {
    parts,
    cpusLost: estimate(lost, draws),
    share: estimate(
      lost / rates.nrCpus,
      draws.map((cpus) => cpus / rates.nrCpus),
    ),
  };
}

/** Units of each kind a second: as stated, and draw by draw. */
interface DrawnUnits {
  readonly stated: readonly number[];
  readonly draws: readonly Float64Array[];
}

/** Rates know nothing of devices: drawn once for all of them. */
const knownUnits = new WeakMap<MachineRates, DrawnUnits>();

function drawnUnits(rates: MachineRates, nrDraws: number): DrawnUnits {
  const known = knownUnits.get(rates);
  if (known !== undefined && known.draws[0]!.length === nrDraws) return known;
  const draws = KINDS.map(() => new Float64Array(nrDraws));
  for (let i = 0; i < nrDraws; i++)
    for (const [k, units] of unitsOf(rates, seededRandom(RATE_SEED + i)).entries()) draws[k]![i] = units;
  const units = { stated: unitsOf(rates, null), draws };
  knownUnits.set(rates, units);
  return units;
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
