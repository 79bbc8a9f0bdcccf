import { InputError, type InputProblem } from "../errors.ts";
import { concatBytes, faultCode, platform } from "../platform.ts";
import { HEAD_BYTES, tellFileKind } from "./fileKind.ts";
import { GzipFault } from "./gzipFault.ts";
import type { FileKindName } from "./kinds.ts";

export type FileFault = "missing" | "unreadable" | "not-gzip" | "truncated" | "corrupt" | "empty" | "content";

/** A file that cannot be used: which, why, and how many decoded bytes were good before. */
export class FileInputError extends InputError {
  readonly fault: FileFault;
  readonly path: string;
  readonly offset: number;
  constructor(fault: FileFault, path: string, offset: number, problem: InputProblem) {
    super({ where: offset > 0 ? `${path}, byte ${offset}` : path, ...problem });
    this.fault = fault;
    this.path = path;
    this.offset = offset;
  }
}

export interface ReadInputOptions {
  /** `required`: anything but gzip is an error. `detect`: gzip is recognised by its first two bytes. */
  readonly gzip: "required" | "detect";
  /** What the file may be: one that is plainly of another kind is refused. @default anything */
  readonly takes?: readonly FileKindName[];
}

const TELLING_BYTES = 16;

/**
 * The decoded bytes of a file ("-" is standard input), in constant memory. A piece is valid until the next is asked
 * for. What precedes a truncation or corruption is handed out before the error is thrown.
 *
 * @error FileInputError, its offset counted in decoded bytes
 */
export async function* readInput(path: string, options: ReadInputOptions): AsyncGenerator<Uint8Array> {
  const source = rawChunks(path);
  try {
    const first = await firstBytes(source);
    if (first.length === 0) throw new FileInputError("empty", path, 0, { what: "the file is empty" });
    const isGzip = first[0] === 0x1f && first[1] === 0x8b;
    const all = withFirst(first, source);
    const decoded = isGzip ? gunzip(path, all) : all;
    yield* options.takes === undefined ? checked(isGzip, path, options, decoded) : told(isGzip, path, options, decoded);
  } finally {
    await source.return();
  }
}

async function* checked(
  isGzip: boolean,
  path: string,
  options: ReadInputOptions,
  decoded: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  if (!isGzip && options.gzip === "required")
    throw new FileInputError("not-gzip", path, 0, {
      what: "is not gzip: it does not start with the bytes 1f 8b",
      example: `gzip ${path}`,
    });
  yield* decoded;
}

/** The same, after a look at what the file is: so much as the telling takes comes as one piece. */
async function* told(
  isGzip: boolean,
  path: string,
  options: ReadInputOptions,
  decoded: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let fault: unknown;
  try {
    while (bytes < HEAD_BYTES) {
      const next = await decoded.next();
      if (next.done) break;
      pieces.push(next.value.slice());
      bytes += next.value.length;
    }
  } catch (error) {
    fault = error;
  }
  const head = pieces.length === 1 ? pieces[0]! : concatBytes(pieces);
  refuseOther(path, head.subarray(0, HEAD_BYTES), options.takes ?? []);
  yield* checked(isGzip, path, options, headThenRest(head, fault, decoded));
}

async function* headThenRest(
  head: Uint8Array,
  fault: unknown,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  if (head.length > 0) yield head;
  if (fault !== undefined) throw fault;
  yield* rest;
}

/** @error FileInputError when the file is plainly of another kind than `takes`, with the command that takes it */
export function refuseOther(path: string, head: Uint8Array, takes: readonly FileKindName[]): void {
  if (head.length === 0) return;
  const kind = tellFileKind(head, takes);
  if (kind === undefined || takes.includes(kind.name)) return;
  throw new FileInputError("content", path, 0, {
    what: `is ${kind.what}`,
    ...(kind.expected === undefined ? {} : { expected: kind.expected }),
    ...(kind.example === undefined ? {} : { example: kind.example(path) }),
  });
}

/**
 * The whole text of a small file, plain or gzip ("-" is standard input).
 *
 * @error FileInputError as for `readInput`; InputError when there is more than `maxBytes`
 */
export async function readWholeText(
  path: string,
  maxBytes: number,
  expected: string,
  takes?: readonly FileKindName[],
): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of readInput(path, { gzip: "detect", ...(takes === undefined ? {} : { takes }) })) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new InputError({ where: path, what: `is larger than ${maxBytes} bytes`, expected });
    pieces.push(piece.slice());
  }
  return new TextDecoder().decode(concatBytes(pieces)); // without a byte order mark, as some editors write it
}

async function* rawChunks(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* platform().readPieces(path);
  } catch (error) {
    throw asFileError(error, path);
  }
}

async function* gunzip(path: string, source: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array> {
  let offset = 0;
  try {
    for await (const piece of platform().gunzipMembers(source)) {
      yield piece;
      offset += piece.length;
    }
  } catch (error) {
    if (error instanceof GzipFault) throw new FileInputError(error.fault, path, offset, { what: error.message });
    throw error;
  }
}

/** Enough to tell what a file is, although a pipe may give it byte by byte; less only when there is no more. */
async function firstBytes(source: AsyncGenerator<Uint8Array, void>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array(0);
  while (first.length < TELLING_BYTES) {
    const next = await source.next();
    if (next.done) break;
    first = first.length === 0 ? next.value.slice() : concatBytes([first, next.value]);
  }
  return first;
}

/** A stream of which the first piece was looked at. */
async function* withFirst(first: Uint8Array, rest: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

function asFileError(error: unknown, path: string): unknown {
  if (error instanceof FileInputError || !(error instanceof Error)) return error;
  const code = faultCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new FileInputError("missing", path, 0, { what: "no such file", expected: "a file, plain or gzip" });
  }
  if (code === "EISDIR") return new FileInputError("unreadable", path, 0, { what: "is a folder", expected: "a file" });
  if (error.name === "InputError") return error;
  return new FileInputError("unreadable", path, 0, { what: `cannot be read: ${error.message}` });
}
