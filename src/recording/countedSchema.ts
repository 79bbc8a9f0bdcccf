import * as v from "valibot";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** One entry for each logarithm of a 64-bit count. */
const histogram = v.pipe(v.array(count), v.maxLength(64));
const fills = v.object({ l2: count, llc_8MiB: count, llc_32MiB: count, llc_128MiB: count });
const gaps = v.object({ l2: histogram, llc_8MiB: histogram, llc_32MiB: histogram, llc_128MiB: histogram });

/** One group of tasks. */
export const groupSchema = v.object({
  kernel_instructions: count,
  user_instructions: count,
  rep_instructions: count,
  nr_sets: count,
  nr_copies: count,
  bytes_set: count,
  bytes_copied: count,
  set_sizes: histogram,
  copy_sizes: histogram,
  other_loads: count,
  other_stores: count,
  touches: count,
  loads: count,
  stores: count,
  hot_touches: count,
  hot_loads: count,
  hot_stores: count,
  set_fills: fills,
  copy_fills: fills,
  other_kernel_fills: fills,
  other_user_fills: fills,
  stream_gaps: gaps,
  other_gaps: gaps,
});

/** Functions and their instructions. */
export const functionInstructions = v.array(
  v.tuple([v.pipe(v.string(), v.maxLength(200), v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/)), count]),
);

/** The key `counted` of a traffic/NAME.json; names as in `CountedRecording`. */
export const countedSchema = v.object({
  workload: groupSchema,
  kernel_threads: groupSchema,
  other_programs: groupSchema,
  timer_interrupts: groupSchema,
  tracing: groupSchema,
  kernel_instructions_by_function: functionInstructions,
});

export type CountedJson = v.InferOutput<typeof countedSchema>;
export type GroupJson = v.InferOutput<typeof groupSchema>;
