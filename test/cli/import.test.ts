import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { altmap } from "./run.ts";

const DATA = new URL("../recorded/data/", import.meta.url).pathname;
const PERF = `${DATA}host-6.18-perf-script-gcc.txt.gz`;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "altmap-import-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("altmap import", () => {
  it("says what is in a trace and how complete it is", () => {
    const run = altmap(["import", PERF]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("perf script, 2.1 MiB of text in 12,791 lines\n12,791 events over 102 ms");
    expect(run.stdout).toMatch(/mm_page_alloc +7,258\n/);
    expect(run.stdout).toContain("No notice of lost events.");
  });

  it("prints the same JSON from a file and from stdin but for the name", () => {
    const fromFile = altmap(["import", PERF, "--json"]).stdout;
    const text = gunzipSync(readFileSync(PERF)).toString("latin1");
    const fromStdin = altmap(["import", "-", "--json"], { input: text }).stdout;
    expect(JSON.parse(fromFile)).toMatchObject({
      schema: "altmap/import-v1",
      events: 12_791,
      lost_events: 0,
      truncated: null,
    });
    expect({ ...JSON.parse(fromStdin), trace: PERF }).toEqual(JSON.parse(fromFile));
  });

  it("refuses a trace without a byte", () => {
    const file = join(folder, "empty.gz");
    writeFileSync(file, gzipSync(Buffer.alloc(0)));
    const run = altmap(["import", file]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/empty\.gz: the trace is empty\n {2}expected: text of perf script/);
  });

  it("writes to a file", () => {
    const file = join(folder, "summary.json");
    expect(altmap(["import", PERF, "--json", "-o", file])).toMatchObject({ status: 0, stdout: "" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ events: 12_791 });
  });

  it("exits 2 with one message and no output for what is no trace", () => {
    for (const path of ["absent.txt", new URL("../../package.json", import.meta.url).pathname, DATA]) {
      const run = altmap(["import", path]);
      expect(run).toMatchObject({ status: 2, stdout: "" });
      expect(run.stderr).toMatch(/^altmap: /);
      expect(run.stderr).not.toMatch(/\n\s+at |internal/);
    }
  });
});

describe("altmap traffic", () => {
  it("prints every kernel function, recorded and predicted, and totals that are their sums", () => {
    const args = ["traffic", "wl_redis_set_30k_1k"];
    expect(altmap([...args, "--by-function"]).stdout).toMatch(/folio_batch_move_lru +loads +[\d,]+ +[\d,]+ +[01]\.\d+/);
    const { by_function, predicted } = JSON.parse(altmap([...args, "--json"]).stdout);
    const sum = by_function
      .filter(({ kind }: { kind: string }) => kind === "load")
      .reduce((total: number, row: { predicted: number }) => total + row.predicted, 0);
    expect(sum).toBe(predicted.loads);
  });

  it("says in what the trace of events is not whole, and goes on", () => {
    const trace = join(folder, "broken.txt.gz");
    const events = [
      "x-1 [000] .... 1.0: mm_page_alloc: pfn=0x100400 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE",
      "x-1 [000] .... 1.1: mm_page_alloc: pfn=0x100400 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE",
      "what is this?",
      "CPU:0 [LOST 33 EVENTS]",
      "x-1 [000] .... 1.2: mm_page_free: pfn=0x100777 order=0",
      "x-1 [000] .... 1.3: mm_page_free: pfn=0xfffffff order=0",
    ];
    const whole = gzipSync(`${events.join("\n")}\n${"# padding\n".repeat(5000)}`);
    writeFileSync(trace, whole.subarray(0, whole.length - 4));
    const run = altmap(["traffic", "wl_tmpfs_write_read_rm_48m", "--kmem", trace]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const note of [
      'events: 1 garbage lines; the first is line 3: "what is this?"',
      "events: 33 events lost by the recorder",
      "events: 1 frees of pages whose allocation is not in the trace",
      "events: 1 allocations of pages whose free is not in the trace",
      "events: 1 events name pages that the machine does not have",
      "events: the file breaks off: the gzip stream is truncated",
    ]) {
      expect(run.stdout).toContain(note);
    }
    expect(run.stdout).not.toMatch(/NaN|undefined/);
  });

  it("refuses a trace of nothing but garbage", () => {
    const trace = join(folder, "garbage.txt");
    writeFileSync(trace, "a\nb\n");
    const run = altmap(["traffic", "wl_tmpfs_write_read_rm_48m", "--kmem", trace]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain("none of 2 lines is an event of a trace");
  });
});

describe("altmap record", () => {
  it("prints commands with the duration, and what the result will lack", () => {
    const run = altmap(["record", "--duration", "5m"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    for (const command of ["perf record -a", "trace-cmd record", "set_event", "bpftrace -e"])
      expect(run.stdout).toContain(command);
    expect(run.stdout.match(/\bsleep 300\b|interval:s:300\b/g)).toHaveLength(4);
    expect(run.stdout).toContain("# The result will not hold");
    // Whatever is not a comment can be pasted into a shell.
    expect(run.stdout).not.toMatch(/undefined|NaN/);
  });

  it("prints one tool, as JSON too", () => {
    const document = JSON.parse(altmap(["record", "--tool", "perf", "--duration", "90", "--json"]).stdout);
    expect(document).toMatchObject({ schema: "altmap/record-v1", duration_s: 90, tools: [{ tool: "perf" }] });
    expect(document.tools).toHaveLength(1);
  });

  it.each([
    [["--tool", "prf"], 'did you mean "perf"'],
    [["--duration", "0"], "is not a time to record"],
    [["--duration", "25h"], "1s to 24h"],
    [["--duration", "-5"], "is not a time to record"],
    [["--duration", "5 parsecs"], "is not a time to record"],
  ])("refuses %s", (args, message) => {
    const run = altmap(["record", ...args]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(message);
  });

  it("accepts a day and no second more", () => {
    expect(altmap(["record", "--duration", "24h"]).status).toBe(0);
    expect(altmap(["record", "--duration", "86401s"]).status).toBe(2);
  });
});
