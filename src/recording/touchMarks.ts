import { InputError } from "../errors.ts";
import { concatBytes } from "../platform.ts";
import { readInput } from "./inputFile.ts";

/** Who was current at a touch: the index of its group in `COUNTED_GROUPS`. */
export const TOUCH_BY = { workload: 0, kernelThread: 1, otherProgram: 2, timerInterrupt: 3 } as const;

/** What a recording knows of each touch beside its record: one entry for each, in the same order. */
export interface TouchMarks {
  /** Of the record's other L2 fills, those of sets and copies. */
  readonly stringFills: Uint16Array;
  /** One of `TOUCH_BY`. */
  readonly by: Uint8Array;
}

// A *.marks.gz holds, for each touch record, u16 stringFills, u8 by and a zero byte.
export const MARK_BYTES = 4;
/** As many as touches that are kept (countWorkload.ts); larger traces are read in constant memory, without marks. */
const MAX_MARKS = 5_000_000;

/** @error InputError when the bytes are not whole marks, or one names a group that there is not */
export function decodeTouchMarks(bytes: Uint8Array, where: string): TouchMarks {
  const records = bytes.length / MARK_BYTES;
  const expected = "4 bytes a touch: u16 L2 fills of sets and copies, u8 group of tasks (0 to 3), 0";
  if (!Number.isInteger(records)) throw new InputError({ where, what: "the marks are not whole", expected });
  const stringFills = new Uint16Array(records);
  const by = new Uint8Array(records);
  for (let i = 0, at = 0; i < records; i++, at += MARK_BYTES) {
    stringFills[i] = bytes[at]! | (bytes[at + 1]! << 8);
    by[i] = bytes[at + 2]!;
    if (by[i]! > TOUCH_BY.timerInterrupt)
      throw new InputError({ where: `${where}, byte ${at + 2}`, what: `there is no group ${by[i]}`, expected });
  }
  return { stringFills, by };
}

/**
 * Reads a `*.marks.gz`.
 *
 * @returns undefined when there are more marks than are kept
 * @error FileInputError when it cannot be read; InputError as `decodeTouchMarks`
 */
export async function readTouchMarks(path: string): Promise<TouchMarks | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of readInput(path, { gzip: "required" })) {
    bytes += piece.length;
    if (bytes > MAX_MARKS * MARK_BYTES) return undefined;
    pieces.push(piece.slice());
  }
  return decodeTouchMarks(concatBytes(pieces), path);
}
