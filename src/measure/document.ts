import * as v from "valibot";

export const MEASURED_SCHEMA = "altmap/measured-v1";

const ns = v.nullable(v.pipe(v.number(), v.minValue(-1e9), v.maxValue(1e9)));
const range = v.nullable(v.tuple([v.number(), v.number()]));
const text = v.pipe(v.string(), v.maxLength(400));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53));

/** ns a page. */
const order = v.object({
  cold_less_hot_ns: v.number(),
  quartiles_ns: v.tuple([v.number(), v.number()]),
  runs_ns: v.tuple([v.number(), v.number()]),
  exposed_ratio: v.number(),
  predicted_cold_less_hot_ns: ns,
  predicted_interval_ns: range,
  refused: v.nullable(text),
});

const operation = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "must be the name of an operation")),
  does: text,
  struct_page: v.picklist(["none", "one read", "one locked", "several"]),
  page_data: v.nullable(text),
  hot_ns: ns,
  cold_random_ns: ns,
  cold_in_order_ns: ns,
  exposed_ratio: v.nullable(v.number()),
  predicted_hot_ns: ns,
  predicted_cold_random_ns: ns,
  predicted_cold_in_order_ns: ns,
  random: v.nullable(order),
  in_order: v.nullable(order),
  refused: v.nullable(text),
});

/** What `altmap measure --json` prints, and what validate, calibrate and src/machine/measured read. */
export const measuredSchema = v.object({
  schema: v.literal(MEASURED_SCHEMA),
  date: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/, "must be a date, as 2026-11-30")),
  machine: v.object({
    cpu: text,
    vendor: text,
    family: v.nullable(v.number()),
    model: v.nullable(v.number()),
    architecture: text,
    kernel: text,
    virtualisation: v.nullable(text),
    cpus: count,
    l2_bytes: count,
    llc_bytes: count,
    page_bytes: count,
  }),
  circumstances: v.object({
    cpu: count,
    cpu_busy_ratio: v.number(),
    load: v.number(),
    quick: v.boolean(),
    runs: count,
    footprint_bytes: count,
    slice_pages: count,
    sweep_bytes: count,
    pfns: v.picklist(["read", "withheld"]),
    in_order_percent: v.nullable(v.number()),
    in_order_percent_tmpfs: v.nullable(v.number()),
  }),
  node: v.nullable(
    v.object({
      id: count,
      cpus: v.array(count),
      total_bytes: count,
      struct_pages: text,
      struct_pages_how: v.pipe(v.string(), v.maxLength(1000)),
    }),
  ),
  latency_ns: v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6)),
  latency_quartiles_ns: v.tuple([v.number(), v.number()]),
  latency_hot_ns: v.number(),
  control: v.nullable(text),
  /** Profile that the predictions are of; null: none is known to have this core. */
  predicted_for: v.nullable(text),
  operations: v.pipe(v.array(operation), v.minLength(1), v.maxLength(200)),
});

export type MeasuredDocument = v.InferOutput<typeof measuredSchema>;
export type MeasuredRow = MeasuredDocument["operations"][number];
export type MeasuredOrder = v.InferOutput<typeof order>;
