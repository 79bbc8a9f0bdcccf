/**
 * What the model needs of the world around it: files, gzip, and, where there is one, a second thread. Node's is in
 * src/node; a page gives its own. Faults of files carry the `code` that Node gives them: ENOENT, EISDIR, EACCES.
 */
export interface Platform {
  /** The compiled module, release or debug. @error InputError when it is not built */
  readWasm(build: "release" | "debug"): Uint8Array<ArrayBuffer>;
  /** Names of the files of packaged recordings (src/recording/data). */
  listPackaged(): readonly string[];
  readPackaged(file: string): Uint8Array;
  /** Decodes one whole gzip member, or as much as there is of one that is cut. */
  gunzip(bytes: Uint8Array): Uint8Array;
  /** Decodes all members of a gzip stream. @error GzipFault, after all that was good */
  gunzipMembers(source: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array>;
  /** A file in pieces, each valid until the next; "-" is standard input. */
  readPieces(path: string): AsyncGenerator<Uint8Array, void>;
  /** A whole file, "-" is standard input; undefined when it has more than `maxBytes`. */
  readWhole(path: string, maxBytes: number): Uint8Array | undefined;
  /** The same of a file on disk: no device, pipe or folder. @error InputError that says which */
  readRegular(path: string, maxBytes: number): Uint8Array;
  isFile(path: string): boolean;
  readonly paths: Paths;
  /** Runs counting jobs on a second thread and resolves to what it sends; absent where there is no thread to have. */
  startThread?(task: unknown): Promise<unknown> | undefined;
  /** Counts of runs before; absent where none are kept. */
  readonly keptCounts?: KeptCounts | undefined;
}

/**
 * Counts kept from one run to the next, by the content of all that they follow from. What cannot be read or written is
 * as if it were not there: no fault comes out.
 */
export interface KeptCounts {
  /** Where; a second thread keeps them there too. */
  readonly folder: string;
  /** What this very engine put there under the key; undefined: nothing, or nothing that is whole. */
  get(key: string): unknown;
  /** Whether there is an entry; whether it is whole, `get` tells. */
  has(key: string): boolean;
  /** @param counts plain data: objects, numbers, texts, maps, typed arrays */
  put(key: string, counts: unknown): void;
  /** A digest of what a file holds; undefined of what is no plain file. */
  contentOf(path: string): string | undefined;
  /** The same of all files of a packaged recording. */
  contentOfPackaged(name: string): string;
}

/** How names of files are put together and taken apart. */
export interface Paths {
  basename(path: string): string;
  dirname(path: string): string;
  join(...parts: readonly string[]): string;
  resolve(...parts: readonly string[]): string;
}

let used: Platform | undefined;

/** Sets what the model runs on; once, before anything else. */
export function usePlatform(platform: Platform): void {
  used = platform;
}

/** What the model runs on. @error Error when nobody has said */
export function platform(): Platform {
  if (used === undefined) throw new Error("no platform is set: call usePlatform() first");
  return used;
}

/** Several pieces as one. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The `code` of a fault of the file system; undefined of any other. */
export function faultCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as { readonly code?: string }).code : undefined;
}
