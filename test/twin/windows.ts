/** Kinds of misses, in the order of MissWindows. */
type Kind = "demand" | "independent" | "dependent" | "adjacent" | "prefetched";
const KINDS: readonly Kind[] = ["demand", "independent", "dependent", "adjacent", "prefetched"];
const CLASSES = ["stream", "independent", "dependent", "unclassified"] as const;

/** One 4 KiB page of struct pages that misses were seen in. */
interface Stream {
  readonly page: number;
  last: number;
  direction: "up" | "down" | undefined;
  run: number;
  readonly lines: Set<number>;
}

/** Windows of misses, one object at a time and by logarithms: every L2 miss is told in order of time. */
export class ReferenceWindows {
  readonly memory = new Array<number>(2 * 5 * 64).fill(0);
  readonly llc = new Array<number>(2 * 64).fill(0);
  readonly other = new Array<number>(64).fill(0);
  readonly #streams: (Stream | undefined)[] = new Array(32).fill(undefined);
  #lastL2Miss = Number.NEGATIVE_INFINITY;
  #lastMiss = Number.NEGATIVE_INFINITY;

  /** @param position instructions up to now */
  miss(pfn: number, attr: number, position: number, servedBy: "LLC" | "memory"): void {
    const owner = (attr >> 1) & 1;
    const sinceL2Miss = position - this.#lastL2Miss;
    this.#lastL2Miss = position;
    const isOtherOfPair = this.#of(Math.floor(pfn / 64))?.lines.has(pfn % 2 === 0 ? pfn + 1 : pfn - 1) ?? false;
    const stream = this.#follow(pfn);
    if (servedBy === "LLC") {
      count(this.llc, owner * 64 + bucket(sinceL2Miss));
      return;
    }
    if (stream.run >= 3) {
      this.#count(owner, "prefetched", stream.lines.size <= 2 ? 1 : 0);
      return;
    }
    const sinceMiss = position - this.#lastMiss;
    this.#lastMiss = position;
    const accessClass = CLASSES[attr >> 2];
    const kind = (): Kind => {
      if (accessClass === "dependent") return "dependent";
      if (isOtherOfPair) return "adjacent";
      return accessClass === "independent" ? "independent" : "demand";
    };
    this.#count(owner, kind(), bucket(sinceMiss));
  }

  fills(nrFills: number, instructions: number): void {
    for (let i = 0; i < nrFills; i++) count(this.other, bucket(instructions / nrFills));
  }

  #count(owner: number, kind: Kind, at: number): void {
    count(this.memory, (owner * 5 + KINDS.indexOf(kind)) * 64 + at);
  }

  #follow(pfn: number): Stream {
    const page = Math.floor(pfn / 64);
    const known = this.#of(page);
    const stream = known ?? this.#begin(page, pfn);
    if (known) step(known, pfn);
    stream.lines.add(pfn);
    return stream;
  }

  #of(page: number): Stream | undefined {
    const stream = this.#streams[(((page + 1) % 32) + 32) % 32];
    return stream?.page === page ? stream : undefined;
  }

  /** A page is new: it may go on where the page below ended upwards, or that above downwards. */
  #begin(page: number, pfn: number): Stream {
    const fresh: Stream = { page, last: pfn, direction: undefined, run: 1, lines: new Set() };
    for (const [neighbour, direction] of [
      [this.#of(page - 1), "up"],
      [this.#of(page + 1), "down"],
    ] as const) {
      if (fresh.run > 1 || neighbour === undefined || neighbour.run < 3 || neighbour.direction !== direction) continue;
      const gone = { ...neighbour };
      step(gone, pfn);
      if (gone.run > neighbour.run) Object.assign(fresh, { direction, run: gone.run });
    }
    this.#streams[(page + 1) % 32] = fresh;
    return fresh;
  }
}

/** Goes to another line: on in the same direction, in the other one, or too far (or nowhere) for a stream. */
function step(stream: Stream, pfn: number): void {
  const by = pfn - stream.last;
  stream.last = pfn;
  const direction = by === 0 || Math.abs(by) > 2 ? undefined : by > 0 ? "up" : "down";
  if (direction === undefined) stream.run = 1;
  else stream.run = stream.direction === undefined || stream.direction === direction ? stream.run + 1 : 2;
  stream.direction = direction;
}

function count(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

/** Quarters of an octave are as wide as each other. */
function bucket(distance: number): number {
  const whole = Math.min(65_535, Math.max(1, Math.floor(distance)));
  const octave = Math.floor(Math.log2(whole));
  return octave * 4 + Math.floor((whole / 2 ** octave - 1) * 4);
}
