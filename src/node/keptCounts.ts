import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { threadId } from "node:worker_threads";
import { type KeptCounts, platform, usePlatform } from "../platform.ts";
import { packagedFolder, wasmFile } from "./platform.ts";

/** A digest of all code that counts, put there by the build; sources that run unbuilt keep nothing. */
declare const ALTMAP_ENGINE: string | undefined;
const ENGINE = typeof ALTMAP_ENGINE === "undefined" ? undefined : ALTMAP_ENGINE;

/** Some thousand answers' worth. */
const MAX_FOLDER_BYTES = 256 * 1024 ** 2;
/** What is left when the oldest are removed. */
const LEFT_SHARE = 0.8;
/** Entries written between two looks at how large the folder is. */
const WRITES_PER_LOOK = 64;
const DIGEST_BYTES = 32;
/** An entry that is read is as good as new: but its time is written no more often than this. */
const REFRESH_MS = 3600_000;
/** A temporary file of a writer that is gone. */
const LEFT_BEHIND_MS = 3600_000;

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash;
};

/** `altmap/counts` in the user's cache folder (XDG Base Directory Specification); undefined without a home. */
export function defaultCountsFolder(): string | undefined {
  const { XDG_CACHE_HOME: cache } = process.env;
  if (cache !== undefined && isAbsolute(cache)) return join(cache, "altmap", "counts");
  try {
    return join(homedir(), ".cache", "altmap", "counts");
  } catch {
    return undefined;
  }
}

export interface KeepOptions {
  /** @default `defaultCountsFolder()` */
  readonly folder?: string | undefined;
  /** Above it the entries that were used longest ago are removed. @default 256 MiB */
  readonly maxBytes?: number;
  /** What counted: entries of another are not seen. @default a digest of the built code and kernels */
  readonly engine?: string | undefined;
}

/**
 * From now on counts are kept in files, one for each content of kernel, recording, caches, engine and layout, and those
 * of other runs are used. Many processes may share a folder. A folder that cannot be written or read keeps nothing.
 */
export function keepCounts({ folder = defaultCountsFolder(), maxBytes, engine }: KeepOptions = {}): void {
  const digest = engine ?? engineDigest();
  if (folder === undefined || digest === undefined) return;
  usePlatform({ ...platform(), keptCounts: new CountsFolder(folder, digest, maxBytes ?? MAX_FOLDER_BYTES) });
}

/** Of the code that counts, the compiled kernels (which hold the layout) and the form of entries; undefined unbuilt. */
export function engineDigest(): string | undefined {
  if (ENGINE === undefined) return undefined;
  try {
    return sha256(ENGINE, readFileSync(wasmFile("release")), process.versions.v8.split(".")[0]!).digest("hex");
  } catch {
    return undefined;
  }
}

/** Entries are files, named by the digest of their key: the digest of what follows, then the counts. */
class CountsFolder implements KeptCounts {
  readonly folder: string;
  readonly #engine: string;
  readonly #maxBytes: number;
  readonly #contents = new Map<string, string>();
  #writes = 0;

  constructor(folder: string, engine: string, maxBytes: number) {
    this.folder = folder;
    this.#engine = engine;
    this.#maxBytes = maxBytes;
  }

  get(key: string): unknown {
    try {
      const path = this.#pathOf(key);
      const bytes = readFileSync(path);
      const counts = bytes.subarray(DIGEST_BYTES);
      if (!sha256(counts).digest().equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
      this.#refresh(path);
      return deserialize(counts);
    } catch {
      return undefined;
    }
  }

  has(key: string): boolean {
    return existsSync(this.#pathOf(key));
  }

  put(key: string, counts: unknown): void {
    const path = this.#pathOf(key);
    const temporary = `${path}.${process.pid}.${threadId}.tmp`;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const bytes = serialize(counts);
      writeFileSync(temporary, Buffer.concat([sha256(bytes).digest(), bytes]));
      renameSync(temporary, path);
      if (this.#writes++ % WRITES_PER_LOOK === 0) this.#removeOldest();
    } catch {
      removeIfThere(temporary);
    }
  }

  contentOf(path: string): string | undefined {
    try {
      const { size, mtimeMs, ino } = statSync(path);
      const state = `${path} ${size} ${mtimeMs} ${ino}`;
      const known = this.#contents.get(state) ?? digestOfFile(path);
      if (known !== undefined) this.#contents.set(state, known);
      return known;
    } catch {
      return undefined;
    }
  }

  contentOfPackaged(name: string): string {
    const known = this.#contents.get(name);
    if (known !== undefined) return known;
    const files = readdirSync(packagedFolder()).filter((file) => file.startsWith(`${name}.`));
    const content = sha256(...files.sort().map((file) => readFileSync(new URL(file, packagedFolder())))).digest("hex");
    this.#contents.set(name, content);
    return content;
  }

  #pathOf(key: string): string {
    return join(this.folder, sha256(this.#engine, "\n", key).digest("hex"));
  }

  #refresh(path: string): void {
    const now = Date.now();
    if (now - statSync(path).mtimeMs > REFRESH_MS) utimesSync(path, now / 1000, now / 1000);
  }

  /** Others may write and remove at the same time: what is gone already is no fault. */
  #removeOldest(): void {
    const entries = readdirSync(this.folder).flatMap((name) => {
      const path = join(this.folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() ? [{ path, bytes: stat.size, mtimeMs: stat.mtimeMs }] : [];
    });
    const isLeftBehind = ({ path, mtimeMs }: (typeof entries)[number]) =>
      path.endsWith(".tmp") && Date.now() - mtimeMs > LEFT_BEHIND_MS;
    for (const { path } of entries.filter(isLeftBehind)) removeIfThere(path);
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (bytes <= this.#maxBytes) return;
    for (const entry of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= LEFT_SHARE * this.#maxBytes) return;
      removeIfThere(entry.path);
      bytes -= entry.bytes;
    }
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is none, or not ours: then it was never written.
  }
}

function digestOfFile(path: string): string | undefined {
  const file = openSync(path, "r");
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const hash = createHash("sha256");
    const piece = new Uint8Array(1024 ** 2);
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read));
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}
