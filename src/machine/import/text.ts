import { closeSync, openSync, readSync, statSync } from "node:fs";
import { InputError } from "../../errors.ts";
import type { SourceLine } from "./measured.ts";

/** 16 MiB: a thousand times the longest file these tools write. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** Without leading and trailing blanks. */
  readonly trimmed: string;
  /** Split on white space: raw files use tabs, pastes blanks. */
  readonly fields: readonly string[];
}

/** A text file with numbered lines, and the only way importers complain about it. */
export interface TextSource {
  readonly file: string;
  readonly text: string;
  readonly lines: readonly TextLine[];
}

export function textSource(file: string, text: string): TextSource {
  const lines = text.split(/\r\n|\r|\n/).map((line, index) => {
    // A mail quotes each line; no tool begins one so.
    const trimmed = line.replace(/^(?:> ?)+/, "").trim();
    return { number: index + 1, text: line, trimmed, fields: trimmed === "" ? [] : trimmed.split(/\s+/) };
  });
  return { file, text, lines };
}

/**
 * Reads a measurement file. Devices, FIFOs and files above 16 MiB are refused before their content is read.
 *
 * @error InputError naming the file
 */
export function readTextSource(file: string): TextSource {
  return textSource(file, decode(readBounded(file)));
}

/** UTF-8, or UTF-16 as a Windows shell redirects it; a byte order mark is no text. */
export function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? "utf16le" : "utf8").replace(/^\ufeff/, "");
}

export function readBounded(file: string): Buffer {
  let descriptor: number | undefined;
  try {
    // Before opening: opening a FIFO would wait for its writer for ever.
    const stat = statSync(file);
    if (stat.isDirectory()) throw new InputError({ what: "is a directory", where: file, expected: "a text file" });
    if (!stat.isFile()) throw new InputError({ what: "is not a regular file", where: file });
    descriptor = openSync(file, "r");
    if (stat.size > MAX_FILE_BYTES) {
      throw new InputError({ what: `has ${stat.size} bytes`, where: file, expected: "a text of at most 16 MiB" });
    }
    // sysfs says 4096 for every attribute, and binary attributes say 0: read until the end instead.
    const buffer = Buffer.alloc(Math.max(stat.size, 65536));
    let filled = 0;
    for (;;) {
      const got = readSync(descriptor, buffer, filled, buffer.length - filled, null);
      filled += got;
      if (got === 0 || filled === buffer.length) return buffer.subarray(0, filled);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ what: `cannot be read: ${reason(error)}`, where: file });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

export function whereOf(at: SourceLine): string {
  return at.line === undefined ? at.file : `${at.file}:${at.line}`;
}

export function atLine(source: TextSource, line: TextLine): SourceLine {
  return { file: source.file, line: line.number };
}

/** A line quoted for a message: printable, and not longer than a message should be. */
export function quote(text: string): string {
  const printable = text.trim().replace(/[^\x20-\x7e]/g, "?");
  return JSON.stringify(printable.length > 70 ? `${printable.slice(0, 67)}...` : printable);
}

/**
 * A plain positive decimal (`84.5`, `215712.8`), as all these tools print them.
 *
 * @error InputError at the line for signs, exponents, NaN, zero, and anything outside (0, limit]
 */
export function positiveNumber(text: string, at: SourceLine, what: string, limit: number): number {
  const value = /^\d{1,18}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) {
    throw new InputError({
      what: `${what} ${quote(text)} is not a positive number`,
      where: whereOf(at),
      expected: "a plain decimal above 0",
      example: "84.5",
    });
  }
  if (value > limit) {
    throw new InputError({
      what: `${what} ${quote(text)} cannot be right`,
      where: whereOf(at),
      expected: `at most ${limit}`,
    });
  }
  return value;
}

/** 10 us: no memory is slower, so a value above it is in another unit (picoseconds). */
export const MAX_LATENCY_NS = 10_000;
/** 100 TB/s in MB/s. */
export const MAX_BANDWIDTH_MB_PER_S = 1e8;
export const MB_PER_S = 1e6;
export const MIB_PER_S = 1048576;
export const MAX_NODE = 1023;

export function nodeNumber(text: string, at: SourceLine): number {
  const node = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(node <= MAX_NODE)) {
    throw new InputError({
      what: `${quote(text)} is not a NUMA node number`,
      where: whereOf(at),
      expected: "0 to 1023",
    });
  }
  return node;
}
