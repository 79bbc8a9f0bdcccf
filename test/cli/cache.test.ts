// Counts that are kept between runs: the same bytes with them and without, whatever is in the folder.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { keepCounts } from "../../src/node/keptCounts.ts";
import { nodePlatform } from "../../src/node/platform.ts";
import { platform, usePlatform } from "../../src/platform.ts";
import { ALTMAP, altmap } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-cache-"));
const scenario = join(folder, "scenario.yaml");
const profiles = join(folder, "mine.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

const within = (name: string) => ({ env: { XDG_CACHE_HOME: join(folder, name) } });
const entriesOf = (name: string) => readdirSync(join(folder, name, "altmap", "counts"));
const answer = (cache: string, ...more: readonly string[]) =>
  altmap(["answer", scenario, "--json", ...more], within(cache));

let expected = "";

beforeAll(() => {
  writeFileSync(
    scenario,
    "devices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: [{recording: wl_fault_64m_x2}, {operation: fork}]\nfootprints: [1GiB]\n",
  );
  expected = answer("unused", "--no-cache").stdout;
});

describe("counts kept between runs", () => {
  it("--no-cache neither reads nor writes", () => {
    expect(expected).toContain("altmap/answer-v1");
    expect(() => entriesOf("unused")).toThrow("ENOENT");
  });

  it("gives the same bytes from kept counts, and counts nothing anew", () => {
    expect(answer("one").stdout).toBe(expected);
    const before = entriesOf("one");
    expect(before.length).toBeGreaterThan(4);
    const times = before.map((name) => statSync(join(folder, "one", "altmap", "counts", name)).mtimeMs);
    expect(answer("one").stdout).toBe(expected);
    expect(entriesOf("one")).toEqual(before);
    expect(before.map((name) => statSync(join(folder, "one", "altmap", "counts", name)).mtimeMs)).toEqual(times);
  });

  it("prices a device of another latency from the same counts", () => {
    const shown = altmap(["profiles", "show", "cxl-samsung-mxp-genoa", "--yaml"]).stdout;
    expect(shown).toContain("value: 279.4 ns");
    writeFileSync(profiles, shown.replace("value: 279.4 ns", "value: 600 ns"));
    const before = entriesOf("one");
    const slower = answer("one", "--profiles", profiles);
    expect(slower.status).toBe(0);
    expect(slower.stdout).not.toBe(expected);
    expect(slower.stdout).toBe(answer("unused", "--profiles", profiles, "--no-cache").stdout);
    expect(entriesOf("one")).toEqual(before);
  });

  it("takes no entry that is torn, empty or changed", () => {
    expect(answer("torn").stdout).toBe(expected);
    const at = (name: string) => join(folder, "torn", "altmap", "counts", name);
    for (const [i, name] of entriesOf("torn").entries()) {
      const bytes = readFileSync(at(name));
      bytes[bytes.length - 1 - i]! ^= 1;
      writeFileSync(at(name), [bytes, bytes.subarray(0, 40), new Uint8Array(0)][i % 3]!);
    }
    expect(answer("torn").stdout).toBe(expected);
  });

  it("is silent where nothing can be kept", () => {
    writeFileSync(join(folder, "file"), "");
    for (const env of [{ XDG_CACHE_HOME: join(folder, "file") }, { XDG_CACHE_HOME: "", HOME: "/dev/null" }])
      expect(altmap(["answer", scenario, "--json"], { env })).toEqual({ status: 0, stdout: expected, stderr: "" });
  });

  it("two writers of one folder give the same bytes", async () => {
    const run = () =>
      new Promise<string>((done) => {
        const child = spawn(process.execPath, [ALTMAP, "answer", scenario, "--json"], {
          env: { ...process.env, XDG_CACHE_HOME: join(folder, "two") },
        });
        let text = "";
        child.stdout.on("data", (piece) => {
          text += String(piece);
        });
        child.on("close", () => done(text));
      });
    expect(await Promise.all([run(), run()])).toEqual([expected, expected]);
    expect(entriesOf("two").sort()).toEqual(entriesOf("one").sort());
  });
});

describe("the folder of counts", () => {
  afterEach(() => usePlatform(nodePlatform));
  const open = (name: string, engine: string, maxBytes?: number) => {
    keepCounts({ folder: join(folder, name), engine, ...(maxBytes === undefined ? {} : { maxBytes }) });
    return platform().keptCounts!;
  };

  it("gives back what was put there, to the same engine only", () => {
    const counts = { demand: new Float64Array([0.1, -0, 2 ** 53]), work: undefined, by: new Map([["fork", 1]]) };
    open("own", "a").put("key", counts);
    expect(open("own", "a").get("key")).toEqual(counts);
    expect(open("own", "a").get("other key")).toBeUndefined();
    expect(open("own", "b").get("key")).toBeUndefined();
  });

  it("stays below its size: the oldest go", () => {
    const kept = open("small", "a", 100_000);
    for (let i = 0; i < 400; i++) kept.put(`key ${i}`, new Float64Array(100));
    const bytes = readdirSync(join(folder, "small")).reduce(
      (sum, name) => sum + statSync(join(folder, "small", name)).size,
      0,
    );
    // It looks at the folder once in 64 writes.
    expect(bytes).toBeLessThan(100_000 + 64 * 900);
    expect(kept.get("key 0")).toBeUndefined();
    expect(kept.get("key 399")).toEqual(new Float64Array(100));
  });

  it("tells recordings by what their files hold", () => {
    const file = join(folder, "mine.touch.gz");
    const kept = open("content", "a");
    writeFileSync(file, "one");
    const one = kept.contentOf(file);
    writeFileSync(file, "another");
    expect(kept.contentOf(file)).not.toBe(one);
    expect(kept.contentOf(folder)).toBeUndefined();
    expect(kept.contentOf(join(folder, "missing"))).toBeUndefined();
  });

  it.skipIf(process.getuid?.() === 0)("writes nothing into a folder that is read-only", () => {
    const kept = open("readonly", "a");
    kept.put("key", 1);
    chmodSync(join(folder, "readonly"), 0o500);
    kept.put("other", 2);
    expect([kept.get("key"), kept.get("other")]).toEqual([1, undefined]);
    chmodSync(join(folder, "readonly"), 0o700);
  });
});
