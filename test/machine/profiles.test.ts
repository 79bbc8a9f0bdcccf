import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { defaultDevices, devices } from "../../src/machine/devices.ts";
import { formatProfiles, risingCurve } from "../../src/machine/emit.ts";
import { findDevice, findHost } from "../../src/machine/find.ts";
import { hosts } from "../../src/machine/hosts.ts";
import { mayBeDefault, quantitiesOf } from "../../src/machine/profiles.ts";
import { rangeOf, SOURCES } from "../../src/machine/provenance.ts";
import { parseProfiles } from "../../src/machine/schema.ts";

describe("built-in profiles", () => {
  test("every value has a known source and lies in its range", () => {
    for (const profile of [...devices, ...hosts]) {
      for (const [key, quantity] of quantitiesOf(profile)) {
        const [low, high] = rangeOf(quantity);
        expect(SOURCES, `${profile.id}.${key}`).toHaveProperty([quantity.source]);
        expect(low, `${profile.id}.${key}`).toBeGreaterThan(0);
        expect(low <= quantity.value && quantity.value <= high, `${profile.id}.${key}`).toBe(true);
      }
    }
  });

  test("at least five defaults, none with a recalled idle latency", () => {
    expect(defaultDevices.length).toBeGreaterThanOrEqual(5);
    for (const device of defaultDevices) expect(mayBeDefault(device), device.id).toBe(true);
    expect(mayBeDefault(findDevice("nvdimm-n"))).toBe(false);
  });

  test("ids are unique, and each host's DRAM exists", () => {
    const ids = [...devices, ...hosts].map((profile) => profile.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const host of hosts) expect(findDevice(host.localDram).medium).toBe("local-dram");
  });

  test("the CXL expander reached from the other socket is the measured 364 ns", () => {
    const remote = findDevice("cxl-samsung-mxp-genoa-remote").idleReadNs;
    expect(Math.round(remote.value)).toBe(364);
    expect(remote.level).toBe("V");
  });

  test("the beginning of an id will do where only one begins so", () => {
    expect(findDevice("optane100-6x-interleave").id).toBe("optane100-6x-interleaved");
  });

  test("an unknown id is answered with the nearest", () => {
    expect(() => findDevice("optane100-6x-interleavd")).toThrow(/did you mean "optane100-6x-interleaved"/);
    expect(() => findHost("saphire-rapids")).toThrow(/did you mean "sapphire-rapids"/);
  });
});

describe("profile files", () => {
  const device = (lines: Readonly<Record<string, string>>) => {
    const fields: Record<string, string> = {
      id: "mine",
      description: "my expander",
      medium: "cxl",
      level: "M",
      source: "MLC v3.11",
      idleReadLatency: "250 ns",
      readBandwidth: "17.8 GB/s",
      mediaLine: "64 B",
      ...lines,
    };
    const body = Object.entries(fields).map(([key, value]) => `    ${key}: ${value}`);
    return `schema: altmap/profiles-v1\ndevices:\n  -\n${body.join("\n")}\n`;
  };
  const refusal = (yaml: string): string => {
    try {
      parseProfiles(yaml, "mine.yaml");
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return (error as Error).message;
    }
    return "accepted";
  };

  test("a size that a standard fixes has no range unless one is stated; a latency has that of its level", () => {
    const [plain] = parseProfiles(device({}), "mine.yaml").devices;
    expect(rangeOf(plain!.mediaLineBytes)).toEqual([64, 64]);
    expect(rangeOf(plain!.idleReadNs)).toEqual([225, 275]);
    const [stated] = parseProfiles(device({ mediaLine: "{value: 64 B, range: [64 B, 256 B]}" }), "mine.yaml").devices;
    expect(rangeOf(stated!.mediaLineBytes)).toEqual([64, 256]);
  });

  test("what is written is read back the same", () => {
    expect(parseProfiles(formatProfiles({ devices, hosts }), "all.yaml")).toEqual({ devices, hosts });
  });

  test("a valid file keeps units, level and source", () => {
    const [read] = parseProfiles(device({ idleReadLatency: "0.25 us", readBandwidth: "17800 MB/s" }), "x").devices;
    expect(read?.idleReadNs).toEqual({ value: 250, level: "M", source: "MLC v3.11" });
    expect(read?.readGBps.value).toBeCloseTo(17.8, 10);
  });

  test.each([
    [
      "a latency without a unit",
      { idleReadLatency: "250" },
      /mine\.yaml:9: .*idleReadLatency: the bare number 250 has no unit/,
    ],
    ["zero", { idleReadLatency: "0 ns" }, /is not positive/],
    ["negative", { readBandwidth: "-3 GB/s" }, /is not positive/],
    ["NaN", { idleReadLatency: ".nan" }, /has no unit|not a finite/],
    ["NaN with unit", { idleReadLatency: "NaN ns" }, /not a finite number/],
    ["infinity", { readBandwidth: ".inf" }, /has no unit|not a finite/],
    ["bandwidth in bits", { readBandwidth: "17.8 Gb/s" }, /"Gb\/s" is no unit of bandwidth/],
    ["bandwidth in ns", { readBandwidth: "17.8 ns" }, /"ns" is no unit of bandwidth/],
    ["latency in GB/s", { idleReadLatency: "17.8 GB/s" }, /is no unit of latency/],
    ["absurd latency", { idleReadLatency: "4000 s" }, /is no unit of latency/],
    ["an unknown key", { readBandwith: "1 GB/s" }, /readBandwith: unknown key; did you mean "readBandwidth"/],
    ["a value outside its range", { idleReadLatency: "{value: 250 ns, range: [260 ns, 300 ns]}" }, /outside its range/],
    ["a mix that cannot be", { mixedBandwidth: "40 GB/s" }, /needs more than/],
    ["a pmem without writes", { medium: "pmem" }, /writeBandwidth/],
    ["an unknown medium", { medium: "tape" }, /medium/],
  ] as const)("%s is refused", (_name, lines, message) => {
    expect(refusal(device(lines))).toMatch(message);
  });

  test("a missing value is named, not defaulted", () => {
    expect(refusal(device({}).replace(/ {4}readBandwidth.*\n/, ""))).toMatch(/"readBandwidth" is missing/);
    expect(refusal(device({}).replace(/ {4}level.*\n/, ""))).toMatch(/how the value is known is not stated/);
  });

  test("a curve that turns back is refused, naming the point", () => {
    const curve =
      "{scope: socket, level: M, source: MLC, points: [{bandwidth: 1 GB/s, latency: 90 ns}, {bandwidth: 9 GB/s, latency: 99 ns}, {bandwidth: 8 GB/s, latency: 140 ns}]}";
    expect(refusal(device({ loadedCurve: curve }))).toMatch(/points\.2: the curve turns back: 9 GB\/s at 99 ns/);
    expect(
      risingCurve([
        { GBps: 1, ns: 90 },
        { GBps: 9, ns: 89 },
        { GBps: 8, ns: 140 },
      ]),
    ).toEqual([
      { GBps: 1, ns: 90 },
      { GBps: 9, ns: 90 },
    ]);
  });

  test.each([
    ["not YAML", "a: [", /not valid YAML/],
    ["empty", "", /no profiles/],
    ["deep nesting", `devices: ${"[".repeat(100_000)}`, /mine\.yaml:1:74: nested deeper than 64 levels/],
    ["aliases that multiply", `a: &a [x]\nb: [${"*a, ".repeat(200)}]\n`, /not usable YAML: Excessive alias count/],
    [
      "a slip of a key",
      "schema: altmap/profiles-v1\ndevices: [{id: a, description: b, medium: cxl, idleReadLatncy: 1 us}]\n",
      /devices\.0\.idleReadLatncy: unknown key; did you mean "idleReadLatency"/,
    ],
    ["another schema", "schema: other\n", /schema/],
    ["duplicate keys", "schema: altmap/profiles-v1\nschema: altmap/profiles-v1\n", /not valid YAML/],
  ])("%s is refused", (_name, yaml, message) => {
    expect(refusal(yaml)).toMatch(message);
  });
});
