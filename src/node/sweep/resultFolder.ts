// The folder of a sweep's results: sweep.json says which sweep; parts/ holds one file for each process that worked on
// it, a line for each point. A line is written whole or, when its process was killed, is the last and has no end.
import { createHash } from "node:crypto";
import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { faultCode } from "../../platform.ts";
import type { SweepPlan } from "../../sweep/plan.ts";

/** A digest of all code that results follow from, put there by the build. */
declare const ALTMAP_MODEL: string | undefined;
const MODEL = typeof ALTMAP_MODEL === "undefined" ? "unbuilt" : ALTMAP_MODEL;

/** What sweep.json holds. */
export interface SweepIdentity {
  readonly schema: "altmap/sweep-results-v1";
  /** Of the axes, constants, filters and profile files. */
  readonly sweep: string;
  /** Of the code. */
  readonly model: string;
  readonly plan: SweepPlan;
}

/** Which points a process works on: those whose number leaves `index` when divided by `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** The identity of a sweep, wherever its file lies. */
export function identityOf(plan: SweepPlan, profiles: readonly string[]): SweepIdentity {
  const { constants, groups, filters } = plan;
  const texts = profiles.map((path) => readFileSync(path, "utf8"));
  const sweep = createHash("sha256")
    .update(JSON.stringify([constants, groups, filters, texts]))
    .digest("hex");
  return { schema: "altmap/sweep-results-v1", sweep, model: MODEL, plan };
}

/** Makes the folder this sweep's, or finds that it is. @error InputError when it is another's */
export function openFolder(folder: string, identity: SweepIdentity): void {
  const file = join(folder, "sweep.json");
  try {
    mkdirSync(join(folder, "parts"), { recursive: true });
    const temporary = join(folder, `.sweep.${process.pid}.tmp`);
    writeFileSync(temporary, JSON.stringify(identity));
    try {
      // Unlike a rename it fails where another process was first.
      linkSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    if (faultCode(error) !== "EEXIST") throw unwritable(folder, error);
  }
  const there = readIdentity(folder);
  if (there.sweep === identity.sweep && there.model === identity.model) return;
  throw new InputError({
    what:
      there.sweep === identity.sweep
        ? "holds results of another build of altmap"
        : "holds the results of another sweep",
    where: folder,
    expected: "a new folder, or the one of this sweep",
    example: "altmap sweep sweep.yaml -o results-2",
  });
}

/** @error InputError when the folder holds no sweep */
export function readIdentity(folder: string): SweepIdentity {
  try {
    const identity = JSON.parse(readFileSync(join(folder, "sweep.json"), "utf8")) as SweepIdentity;
    if (identity.schema === "altmap/sweep-results-v1") return identity;
  } catch {
    // Said below.
  }
  throw new InputError({
    what: "is no folder of a sweep's results: it has no sweep.json",
    where: folder,
    example: "altmap sweep sweep.yaml -o results",
  });
}

const unwritable = (where: string, error: unknown) =>
  new InputError({
    what: `cannot write: ${error instanceof Error ? error.message : String(error)}`,
    where,
    expected: "a folder that can be written",
    example: "-o results",
  });

/** Where the line of a point lies. */
export interface PointLine {
  readonly point: number;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

const READ_BYTES = 4 * 1024 ** 2;

/** The whole lines of all parts, in no order; a line without an end is none. */
export function* linesOf(folder: string): Generator<PointLine> {
  for (const name of partNames(folder)) {
    const file = join(folder, "parts", name);
    const descriptor = openSync(file, "r");
    try {
      let offset = 0;
      let rest = Buffer.alloc(0);
      const piece = Buffer.alloc(READ_BYTES);
      for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece)) {
        const bytes = Buffer.concat([rest, piece.subarray(0, read)]);
        let start = 0;
        for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
          const point = Number(
            /^\{"point":(\d+),/.exec(bytes.toString("latin1", start, Math.min(end, start + 40)))?.[1],
          );
          if (Number.isInteger(point)) yield { point, file, offset: offset + start, length: end - start };
          start = end + 1;
        }
        rest = Buffer.from(bytes.subarray(start));
        offset += start;
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Names of the part files, sorted. */
function partNames(folder: string): readonly string[] {
  try {
    return readdirSync(join(folder, "parts"))
      .filter((name) => name.endsWith(".ndjson"))
      .sort();
  } catch {
    return [];
  }
}

/** Shards that processes said they were, `2of7-HOST-PID.ndjson`. */
export function shardsSeen(folder: string): readonly Shard[] {
  return partNames(folder).flatMap((name) => {
    const [, index, of] = /^(\d+)of(\d+)-/.exec(name) ?? [];
    return index === undefined ? [] : [{ index: Number(index) - 1, of: Number(of) }];
  });
}

const SYNC_MS = 1000;

/** A part file of this process alone. */
export class PartWriter {
  readonly #path: string;
  readonly #file: number;
  #bytes = 0;
  #synced = Date.now();

  constructor(folder: string, { index, of }: Shard) {
    const host = hostname().replace(/\W+/g, "-").slice(0, 40);
    this.#path = join(folder, "parts", `${index + 1}of${of}-${host}-${process.pid}-${Date.now().toString(36)}.ndjson`);
    this.#file = openSync(this.#path, "wx");
  }

  /** Appends whole lines. What was written of one when the disk was full is taken back. @error InputError */
  append(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#bytes + done);
      this.#bytes += bytes.length;
      if (Date.now() - this.#synced < SYNC_MS) return;
      fdatasyncSync(this.#file);
      this.#synced = Date.now();
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      const { message } = error as Error;
      throw new InputError({
        what: `cannot write: ${message}; what was done before is kept`,
        where: this.#path,
        expected: "room on the disk; the same command then goes on",
      });
    }
  }

  close(): void {
    try {
      fdatasyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
    if (this.#bytes === 0) rmSync(this.#path, { force: true });
  }
}
