import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draw, seededRandom } from "../../src/cost/sample.ts";
import { ASSUMED_HOST, assumedOf, completeHost } from "../../src/machine/assumed.ts";
import { devices } from "../../src/machine/devices.ts";
import { formatProfiles } from "../../src/machine/emit.ts";
import { findDevice, findHost } from "../../src/machine/find.ts";
import { hosts } from "../../src/machine/hosts.ts";
import { quantitiesOf } from "../../src/machine/profiles.ts";
import { rangeOf, SOURCES } from "../../src/machine/provenance.ts";
import { parseProfiles } from "../../src/machine/schema.ts";
import { streamedRates } from "../../src/machine/streams.ts";
import { windowInstructions } from "../../src/machine/window.ts";
import { showProfile } from "../../src/report/profiles.ts";

describe("what a host does not state", () => {
  test("is assumed, named so, and inside its range; what it states stays", () => {
    for (const host of hosts) {
      const complete = completeHost(host);
      for (const [key, quantity] of quantitiesOf(complete)) {
        const [low, high] = rangeOf(quantity);
        expect(low > 0 && low <= quantity.value && quantity.value <= high, `${host.id}.${key}`).toBe(true);
        expect(SOURCES, `${host.id}.${key}`).toHaveProperty([quantity.source]);
      }
      for (const key of Object.keys(ASSUMED_HOST)) expect(complete, host.id).toHaveProperty(key);
      for (const [key, quantity] of quantitiesOf(host)) expect(complete).toHaveProperty(key, quantity);
      for (const [key] of assumedOf(host)) expect(host).not.toHaveProperty(key);
    }
  });

  test("shares draw within 0 and 1 for any seed, or nearly", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        for (const { value } of hosts.map((host) => ({ value: completeHost(host).reorderBufferSiblingShare }))) {
          expect(draw(value, random)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("profiles show lists it apart from what is stated", () => {
    const host = findHost("zen2");
    const text = showProfile(host, findDevice(host.localDram));
    expect(text).toMatch(/assumed where the profile says nothing:\n {2}windowInstructions +\d+/);
    expect(text).toMatch(/copyGBps +[\d.]+ .*0\.42, 0\.53, 0\.67 of the rate of clears/);
  });
});

describe("the window", () => {
  test.each([
    ["zen4", 320],
    ["sapphire-rapids", 512],
    ["neoverse-n1", 124],
  ])("%s: from half of its %i micro-ops, or all where there is no sibling, to the whole buffer", (id, entries) => {
    const host = findHost(id);
    const [low, high] = rangeOf(windowInstructions(host));
    const alone = host.nrThreadsPerCore.value === 1;
    expect(low).toBeCloseTo((entries * (alone ? 1 : 0.5)) / 1.3, 6);
    expect(high).toBeGreaterThanOrEqual(entries / 0.95);
  });

  test("grows with the buffer and shrinks with the micro-ops of an instruction", () => {
    const host = findHost("zen4");
    const micro = (value: number) =>
      windowInstructions({ ...host, microOpsPerInstruction: { value, level: "M", source: "x" } }).value;
    expect(micro(1) / micro(2)).toBeCloseTo(2, 10);
  });
});

describe("streamed rates", () => {
  const host = findHost("zen4");
  const dram = findDevice(host.localDram);

  test("on local DRAM they are the host's, on a slower memory slower by its latency, at most what it moves", () => {
    expect(streamedRates(host, dram, dram).clearGBps).toBe(host.clearGBps);
    const cxl = findDevice("cxl-samsung-mxp-genoa");
    const there = streamedRates(host, dram, cxl).clearGBps;
    expect(there.value).toBeCloseTo((13.6 * 107.5) / 279.4, 6);
    const crawling = { ...cxl, id: "slow", mixedGBps: { ...cxl.readGBps, value: 2 } };
    expect(streamedRates(host, dram, crawling).clearGBps.value).toBe(1);
  });

  test("a device that states its clears is believed", () => {
    expect(streamedRates(host, dram, findDevice("optane100-1x")).clearGBps.source).toBe("nvsl");
  });
});

describe("new fields in a profile file", () => {
  const yaml = formatProfiles({ devices: [], hosts: [findHost("neoverse-v1")] });

  test("survive being written and read, architecture too", () => {
    expect(parseProfiles(yaml, "mine.yaml").hosts).toEqual([findHost("neoverse-v1")]);
    expect(yaml).toMatch(/architecture: arm64/);
    expect(yaml).toMatch(/reorderBuffer:\n {6}value: 256/);
  });

  test.each([
    [
      "a share above one",
      /reorderBufferSiblingShare:\n {6}value: 1\n/,
      "reorderBufferSiblingShare:\n      value: 1.5\n",
      /1\.5 is no plausible share[\s\S]*0\.001 to 1/,
    ],
    ["no architecture", /architecture: arm64/, "architecture: mips", /architecture/],
    [
      "a buffer in bytes",
      /reorderBuffer:\n {6}value: 256\n/,
      "reorderBuffer:\n      value: 256 KiB\n",
      /no unit of count/,
    ],
  ])("%s is refused", (_, from, to, message) => {
    const broken = yaml.replace(from, to);
    expect(broken).not.toBe(yaml);
    expect(() => parseProfiles(broken, "mine.yaml")).toThrow(message);
  });
});

test("the 20 hosts and the measured memories of the collected parameters are there", () => {
  const ids =
    "skylake-sp cascade-lake ice-lake-sp sapphire-rapids emerald-rapids granite-rapids zen1 zen2 zen3 zen4 zen5 neoverse-n1 neoverse-v1 neoverse-v2-graviton4 neoverse-v2-grace ampereone power9 power10 z15 z16";
  for (const id of ids.split(" ")) expect(hosts.map((host) => host.id)).toContain(id);
  expect(devices.filter(({ id }) => /vistara|xconn|mi300a|gh200|max-9480|mlc-311b|amd-401/.test(id))).toHaveLength(8);
});
