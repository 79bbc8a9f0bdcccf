import { TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout/touch.ts";
import { InputError } from "../errors.ts";

// Touch records rearranged so that gzip finds the repetition in them: lossless, and a tenth of the gzipped records.
// A kernel path touches struct pages in the same way each time, so the other four fields of a record, its shape,
// are nearly always one of a few hundred, and its pfn is nearly always one of the last few. All little-endian:
//
//  header   u32 magic, records, shapes, rareShapes, farPfns
//  shapes   8 bytes each: a record without its pfn, most frequent first
//  shapeOf  u8 per record: index of its shape, or RARE_SHAPE
//  rare     8 planes of one byte per record with a rare shape: the shape itself
//  back     u8 per record: the pfn is that of so many records ago, or FAR_PFN
//  far      4 planes of one byte per far pfn: zigzag of its difference, mod 2^32, from the far pfn before

const MAGIC = 0x31434d41; // "AMC1"
const HEADER_BYTES = 20;
const SHAPE_BYTES = TOUCH_BYTES - 4;
const RARE_SHAPE = 255;
const FAR_PFN = 0;

interface Sections {
  readonly records: number;
  readonly shapes: number;
  readonly rare: number;
  readonly far: number;
  readonly shapeTable: number;
  readonly shapeOf: number;
  readonly rarePlanes: number;
  readonly back: number;
  readonly farPlanes: number;
  readonly end: number;
}

function sectionsOf(records: number, shapes: number, rare: number, far: number): Sections {
  const shapeTable = HEADER_BYTES;
  const shapeOf = shapeTable + shapes * SHAPE_BYTES;
  const rarePlanes = shapeOf + records;
  const back = rarePlanes + rare * SHAPE_BYTES;
  const farPlanes = back + records;
  return { records, shapes, rare, far, shapeTable, shapeOf, rarePlanes, back, farPlanes, end: farPlanes + far * 4 };
}

/** Rearranges whole 12-byte touch records into columns, to be gzipped. */
export function encodeTouchColumns(touches: Uint8Array): Uint8Array {
  if (touches.length % TOUCH_BYTES !== 0) throw new RangeError(`${touches.length} bytes are not whole records`);
  const records = touches.length / TOUCH_BYTES;
  const shapes = frequentShapes(touches);
  const indexOf = new Map(shapes.map((shape, index) => [shape, index]));
  const shapeOf = new Uint8Array(records);
  const back = new Uint8Array(records);
  const rare: number[] = [];
  const far: number[] = [];
  const lastAt = new Map<number, number>();
  const view = new DataView(touches.buffer, touches.byteOffset, touches.length);
  let farPfn = 0;
  for (let i = 0; i < records; i++) {
    shapeOf[i] = indexOf.get(shapeKey(view, i)) ?? RARE_SHAPE;
    if (shapeOf[i] === RARE_SHAPE) rare.push(i);
    const pfn = view.getUint32(i * TOUCH_BYTES + TOUCH_PFN, true);
    const distance = i - (lastAt.get(pfn) ?? -256);
    if (distance <= 255) {
      back[i] = distance;
    } else {
      const difference = (pfn - farPfn) | 0;
      far.push(((difference << 1) ^ (difference >> 31)) >>> 0);
      farPfn = pfn;
    }
    lastAt.set(pfn, i);
  }
  const at = sectionsOf(records, shapes.length, rare.length, far.length);
  const out = new Uint8Array(at.end);
  new Uint32Array(out.buffer, 0, 5).set([MAGIC, records, shapes.length, rare.length, far.length]);
  shapes.forEach((shape, index) => {
    new DataView(out.buffer).setBigUint64(at.shapeTable + index * SHAPE_BYTES, shape, true);
  });
  out.set(shapeOf, at.shapeOf);
  rare.forEach((record, n) => {
    for (let plane = 0; plane < SHAPE_BYTES; plane++) {
      out[at.rarePlanes + plane * rare.length + n] = touches[record * TOUCH_BYTES + 4 + plane]!;
    }
  });
  out.set(back, at.back);
  far.forEach((zigzag, n) => {
    for (let plane = 0; plane < 4; plane++) out[at.farPlanes + plane * far.length + n] = zigzag >>> (plane * 8);
  });
  return out;
}

const shapeKey = (view: DataView, record: number): bigint => view.getBigUint64(record * TOUCH_BYTES + 4, true);

/** The 255 most frequent shapes; ties by value, so that the same records always give the same bytes. */
function frequentShapes(touches: Uint8Array): bigint[] {
  const view = new DataView(touches.buffer, touches.byteOffset, touches.length);
  const counts = new Map<bigint, number>();
  for (let i = 0; i < touches.length / TOUCH_BYTES; i++) {
    const shape = shapeKey(view, i);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return order.slice(0, RARE_SHAPE).map(([shape]) => shape);
}

function readSections(columns: Uint8Array, name: string): Sections {
  const fail = (): never => {
    throw new InputError({ what: "the packaged recording is damaged", where: name, example: "npm ci" });
  };
  if (columns.length < HEADER_BYTES) return fail();
  const view = new DataView(columns.buffer, columns.byteOffset, columns.length);
  const [magic, records, shapes, rare, far] = [0, 4, 8, 12, 16].map((offset) => view.getUint32(offset, true));
  const at = sectionsOf(records!, shapes!, rare!, far!);
  if (magic !== MAGIC || at.end !== columns.length || at.shapes > RARE_SHAPE) return fail();
  return at;
}

/**
 * Puts the records together again, in batches of at most `batchRecords`; a batch is valid until the next is asked
 * for. Synchronous and free of Node, so that a browser can run it after its own inflate.
 *
 * @error InputError when the columns are damaged
 */
export function* decodeTouchColumns(columns: Uint8Array, name: string, batchRecords = 65_536): Generator<Uint8Array> {
  const state = startDecoding(columns, name);
  const total = state.at.records;
  const batch = new Uint8Array(Math.min(batchRecords, total) * TOUCH_BYTES);
  while (state.record < total) {
    const records = Math.min(batchRecords, total - state.record);
    decodeBatch(state, new Uint32Array(batch.buffer), records);
    yield batch.subarray(0, records * TOUCH_BYTES);
  }
}

/** The largest pfn: every pfn is far the first time. @error InputError when the columns are damaged */
export function lastPfnOfColumns(columns: Uint8Array, name: string): number {
  const { farPlanes, far } = readSections(columns, name);
  let pfn = 0;
  let last = 0;
  for (let i = 0; i < far; i++) {
    const zigzag = planes(columns, farPlanes + i, far);
    pfn = (pfn + ((zigzag >>> 1) ^ -(zigzag & 1))) | 0;
    if (pfn >>> 0 > last) last = pfn >>> 0;
  }
  return last;
}

interface DecodeState {
  readonly columns: Uint8Array;
  readonly at: Sections;
  /** The two words of each frequent shape. */
  readonly shapeLow: Int32Array;
  readonly shapeHigh: Int32Array;
  /** The pfns of the last 256 records, at record % 256. */
  readonly recent: Int32Array;
  record: number;
  rare: number;
  far: number;
  farPfn: number;
}

function startDecoding(columns: Uint8Array, name: string): DecodeState {
  const at = readSections(columns, name);
  const table = new DataView(columns.buffer, columns.byteOffset + at.shapeTable, at.shapes * SHAPE_BYTES);
  const words = (offset: number): Int32Array =>
    Int32Array.from({ length: at.shapes }, (_, shape) => table.getInt32(shape * SHAPE_BYTES + offset, true));
  const recent = new Int32Array(256);
  return { columns, at, shapeLow: words(0), shapeHigh: words(4), recent, record: 0, rare: 0, far: 0, farPfn: 0 };
}

function decodeBatch(state: DecodeState, batch: Uint32Array, records: number): void {
  const { columns, shapeLow, shapeHigh, recent } = state;
  const { shapeOf, back, farPlanes, far: farStride, rarePlanes, rare: rareStride } = state.at;
  const start = state.record;
  let { rare, far, farPfn } = state;
  for (let i = 0, word = 0; i < records; i++, word += 3) {
    const record = start + i;
    const distance = columns[back + record]!;
    let pfn: number;
    if (distance === FAR_PFN) {
      const zigzag = planes(columns, farPlanes + far, farStride);
      farPfn = (farPfn + ((zigzag >>> 1) ^ -(zigzag & 1))) | 0;
      far++;
      pfn = farPfn;
    } else {
      pfn = recent[(record - distance) & 255]!;
    }
    recent[record & 255] = pfn;
    batch[word] = pfn;
    const shape = columns[shapeOf + record]!;
    if (shape === RARE_SHAPE) {
      batch[word + 1] = planes(columns, rarePlanes + rare, rareStride);
      batch[word + 2] = planes(columns, rarePlanes + rareStride * 4 + rare, rareStride);
      rare++;
    } else {
      batch[word + 1] = shapeLow[shape]!;
      batch[word + 2] = shapeHigh[shape]!;
    }
  }
  Object.assign(state, { record: start + records, rare, far, farPfn });
}

/** A u32 whose four bytes lie `stride` apart. */
function planes(columns: Uint8Array, at: number, stride: number): number {
  return (
    columns[at]! | (columns[at + stride]! << 8) | (columns[at + 2 * stride]! << 16) | (columns[at + 3 * stride]! << 24)
  );
}
