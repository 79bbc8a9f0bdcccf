import { InputError } from "../../errors.ts";
import { platform } from "../../platform.ts";
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

/** A text cut into numbered lines and fields, without the quote marks of mails. */
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
export function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}

/** The bytes of a file on disk of at most 16 MiB. @error InputError */
export function readBounded(file: string): Uint8Array {
  return platform().readRegular(file, MAX_FILE_BYTES);
}

/** `FILE:LINE`, as errors name it. */
export function whereOf(at: SourceLine): string {
  return at.line === undefined ? at.file : `${at.file}:${at.line}`;
}

/** The place of a line, for errors. */
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

/** Reads a NUMA node number. @error InputError naming the line */
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
