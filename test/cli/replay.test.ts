import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { loadRecording } from "../../src/recording/packagedRecording.ts";
import { altmap } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "altmap-replay-"));

function traceOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function records(...pfns: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12 * pfns.length);
  pfns.forEach((pfn, i) => {
    bytes.writeUInt32LE(pfn, 12 * i);
    bytes.writeUInt8(1, 12 * i + 4);
    bytes.writeUInt32LE(100, 12 * i + 8);
  });
  return bytes;
}

interface Replayed {
  readonly runs: readonly {
    readonly state: string;
    readonly touches: number;
    readonly hits: Readonly<Record<"l1" | "l2" | "llc", number>>;
    readonly llc_misses: number;
    readonly compulsory_misses: number;
  }[];
}

describe("altmap replay", () => {
  it("replays a packaged recording; every touch is a hit or a miss, and output is reproducible", () => {
    const run = altmap(["replay", "wl_redis_set_30k_1k", "--json"]);
    expect(run.status).toBe(0);
    for (const { touches, hits, llc_misses } of (JSON.parse(run.stdout) as Replayed).runs) {
      expect(touches).toBe(loadRecording("wl_redis_set_30k_1k").summary.pageSwitches);
      expect(hits.l1 + hits.l2 + hits.llc + llc_misses).toBe(touches);
    }
    expect(run.stdout).not.toContain('"seconds"');
    expect(altmap(["replay", "wl_redis_set_30k_1k", "--json"]).stdout).toBe(run.stdout);
  });

  it("gives host time only with --timing", () => {
    const run = altmap(["replay", "wl_redis_set_30k_1k", "--json", "--timing"]);
    expect((JSON.parse(run.stdout) as { host: { seconds: number } }).host.seconds).toBeGreaterThan(0);
  });

  it("replays a bare trace: misses of a first run are compulsory, a second run hits", () => {
    const path = traceOf("bare.touch.gz", gzipSync(records(0x100000, 0x100001, 0x100000, 0x180000)));
    const [cold, warm] = (JSON.parse(altmap(["replay", path, "--json"]).stdout) as Replayed).runs;
    expect(cold).toMatchObject({ touches: 4, llc_misses: 3, compulsory_misses: 3 });
    expect(warm).toMatchObject({ llc_misses: 0, compulsory_misses: 0 });
  });

  it.each([
    ["none.touch.gz", undefined, /none\.touch\.gz: no such/],
    ["empty.touch.gz", gzipSync(Buffer.alloc(0)), /empty/],
    ["zero.touch.gz", Buffer.alloc(0), /zero\.touch\.gz/],
    ["half.touch.gz", gzipSync(records(0x100000).subarray(0, 7)), /12/],
    ["cut.touch.gz", gzipSync(records(1, 2, 3, 4)).subarray(0, 30), /cut\.touch\.gz.*(truncated|ends|cut)/],
    ["bad.touch.gz", Buffer.from("not a gzip file at all"), /gzip/],
    [
      "far.touch.gz",
      gzipSync(records(1, 0xffff_fff0)),
      /far\.touch\.gz: record 1: pfn 0xfffffff0 is outside the machine/,
    ],
  ])("refuses %s with exit 2 and one clear message", (name, bytes, expected) => {
    const path = bytes === undefined ? join(folder, name) : traceOf(name, bytes);
    const run = altmap(["replay", path]);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(expected);
    expect(run.stderr).not.toMatch(/\n\s+at |internal error/);
  });
});
