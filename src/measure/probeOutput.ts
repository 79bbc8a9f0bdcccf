/** How the pages of a layout follow each other: `random` or in pfn order. */
const ORDERS = ["random", "in-order"] as const;
export type Order = (typeof ORDERS)[number];

/** One slice of pages: ns of all of them with struct pages in no cache, and at once again. */
export interface SliceTiming {
  readonly run: number;
  readonly coldNs: number;
  readonly hotNs: number;
}

/** What the probe printed. */
export interface ProbeOutput {
  readonly pageBytes: number;
  /** ns a page, by `name order`. */
  readonly timings: ReadonlyMap<string, readonly SliceTiming[]>;
  /** ns a dependent load. */
  readonly chase: readonly SliceTiming[];
  /** Percent of pages that lie beside the page before, by `backing order`, the least of all runs; null: not told. */
  readonly inOrderPercent: ReadonlyMap<string, number | null>;
  readonly nrPages: number;
  /** Operations that could not be had, with the reason of the kernel; `kernel` for a call that it does not know. */
  readonly skipped: ReadonlyMap<string, string>;
  readonly nrRuns: number;
  /** What ended it, where it did not end by itself. */
  readonly fault?: string;
}

const CHASE_STEPS = 1024;
const FORMAT = "1";

/**
 * Reads lines of the probe, in any number of pieces.
 *
 * @error Error for a line that no probe prints: it is not the probe that was compiled
 */
export class ProbeReader {
  readonly #timings = new Map<string, SliceTiming[]>();
  readonly #chase: SliceTiming[] = [];
  readonly #inOrder = new Map<string, number | null>();
  readonly #skipped = new Map<string, string>();
  #pageBytes = 0;
  #nrPages = 0;
  #nrRuns = 0;
  #fault: string | undefined;
  #ended = false;

  /** @returns how many runs are complete */
  read(line: string): number {
    const [word, ...fields] = line.split(" ");
    const number = (at: number): number => {
      const value = Number(fields[at]);
      if (fields[at] === undefined || fields[at] === "" || !Number.isFinite(value)) throw unreadable(line);
      return value;
    };
    if (word === "probe" && fields[0] === FORMAT) this.#pageBytes = number(1);
    else if (word === "time")
      this.#add(`${fields[0]} ${fields[1]}`, number(2), number(4) / number(3), number(5) / number(3));
    else if (word === "chase")
      this.#chase.push({ run: number(0), coldNs: number(1) / CHASE_STEPS, hotNs: number(2) / CHASE_STEPS });
    else if (word === "layout") this.#layout(`${fields[1]} ${fields[0]}`, number(3), number(4));
    else if (word === "skip") this.#skipped.set(fields[0] ?? "", fields.slice(1).join(" "));
    else if (word === "run") this.#nrRuns++;
    else if (word === "fault") this.#fault = fields.join(" ");
    else if (word === "end") this.#ended = true;
    else throw unreadable(line);
    return this.#nrRuns;
  }

  /** @param stopped what ended the probe before its end, if it says nothing itself */
  result(stopped?: string): ProbeOutput {
    const fault = this.#fault ?? (this.#ended ? undefined : (stopped ?? "it ended before its end"));
    return {
      pageBytes: this.#pageBytes,
      timings: this.#timings,
      chase: this.#chase,
      inOrderPercent: this.#inOrder,
      nrPages: this.#nrPages,
      skipped: this.#skipped,
      nrRuns: this.#nrRuns,
      ...(fault === undefined ? {} : { fault }),
    };
  }

  #add(key: string, run: number, coldNs: number, hotNs: number): void {
    const timings = this.#timings.get(key) ?? [];
    timings.push({ run, coldNs, hotNs });
    this.#timings.set(key, timings);
  }

  #layout(key: string, nrPages: number, percent: number): void {
    const before = this.#inOrder.get(key) ?? 100;
    this.#inOrder.set(key, percent < 0 ? null : Math.min(before, percent));
    this.#nrPages = nrPages;
  }
}

const unreadable = (line: string): Error => new Error(`the probe printed ${JSON.stringify(line.slice(0, 80))}`);
