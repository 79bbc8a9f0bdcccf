import * as v from "valibot";

const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const Scalar = v.union([v.string(), v.number(), v.boolean()]);
/** Values by steps or draws; ends may carry a unit: `150 ns`, `64GiB`. */
const Ends = v.strictTuple([v.union([v.string(), v.number()]), v.union([v.string(), v.number()])]);
const Count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000));
const Seed = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1)), 1);

const Values = v.union([
  described(v.array(v.union([Scalar, v.array(v.unknown()), v.record(v.string(), v.unknown())])), "the values"),
  v.strictObject({ linear: described(Ends, "from, to, in equal steps"), points: Count }),
  v.strictObject({ log: described(Ends, "from, to, in equal ratios"), points: Count }),
  v.strictObject({ uniform: described(Ends, "drawn between two ends"), draws: Count, seed: Seed }),
  v.strictObject({ loguniform: described(Ends, "drawn between two ends, in ratios"), draws: Count, seed: Seed }),
  v.strictObject({ normal: described(Ends, "mean and standard deviation"), draws: Count, seed: Seed }),
  v.strictObject({ lognormal: described(Ends, "median and standard deviation of ln"), draws: Count, seed: Seed }),
]);

/** What a sweep file may say. */
export const SweepSchema = v.strictObject({
  schema: v.optional(described(v.literal("altmap/sweep-v1"), "version of this format"), "altmap/sweep-v1"),
  scenario: v.optional(
    described(v.record(v.string(), v.unknown()), "what every point has: the keys of a scenario (altmap schema)"),
    {},
  ),
  axes: v.optional(
    described(
      v.array(
        v.union([
          described(v.strictObject({ csv: v.string() }), "a file of columns with a key each: its rows are the values"),
          described(v.record(v.string(), Values), "keys whose values go in step"),
        ]),
      ),
      "every combination of these; keys: those of a scenario (kernel.version, devices.0.capacity, footprints.0), device.FIELD and host.FIELD of the profiles",
    ),
    [],
  ),
  filters: v.optional(
    described(v.array(v.string()), 'what a point must fulfil: "footprints.0 <= devices.0.capacity"'),
    [],
  ),
});

export type SweepFile = v.InferOutput<typeof SweepSchema>;
export type AxisValues = v.InferOutput<typeof Values>;
