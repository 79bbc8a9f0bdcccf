import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { InputError } from "../errors.ts";
import { concatBytes, faultCode } from "../platform.ts";

const READ_BYTES = 128 * 1024;

/** A file in pieces of 128 KiB, each valid until the next; "-" is standard input. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array, void> {
  if (path === "-") {
    for await (const chunk of process.stdin) yield chunk as Uint8Array;
    return;
  }
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    if ((await file.stat()).isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file?.close();
  }
}

/** A whole file, devices and pipes included; undefined when there is more than `maxBytes`. */
export function readWhole(path: string, maxBytes: number): Uint8Array | undefined {
  const file = path === "-" ? 0 : openSync(path, "r");
  try {
    const pieces: Uint8Array[] = [];
    for (let total = 0; total <= maxBytes; ) {
      const piece = new Uint8Array(64 * 1024);
      const read = readSync(file, piece);
      if (read === 0) return concatBytes(pieces);
      pieces.push(piece.subarray(0, read));
      total += read;
    }
    return undefined;
  } finally {
    if (file !== 0) closeSync(file);
  }
}

/** A file on disk. Devices, FIFOs and what is too large are refused before they are read. @error InputError */
export function readRegular(path: string, maxBytes: number): Uint8Array {
  let descriptor: number | undefined;
  try {
    // Before opening: opening a FIFO would wait for its writer for ever.
    const stat = statSync(path);
    if (stat.isDirectory()) throw new InputError({ what: "is a directory", where: path, expected: "a text file" });
    if (!stat.isFile()) throw new InputError({ what: "is not a regular file", where: path });
    descriptor = openSync(path, "r");
    if (stat.size > maxBytes) {
      const expected = `a text of at most ${maxBytes / 1024 ** 2} MiB`;
      throw new InputError({ what: `has ${stat.size} bytes`, where: path, expected });
    }
    // sysfs says 4096 for every attribute, and binary attributes say 0: read until the end instead.
    const buffer = new Uint8Array(Math.max(stat.size, 65536));
    let filled = 0;
    for (;;) {
      const got = readSync(descriptor, buffer, filled, buffer.length - filled, null);
      filled += got;
      if (got === 0 || filled === buffer.length) return buffer.subarray(0, filled);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ what: `cannot be read: ${reason(error)}`, where: path });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Whether there is a file of that name that is no folder. */
export function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory();
}

function reason(error: unknown): string {
  const code = faultCode(error);
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
