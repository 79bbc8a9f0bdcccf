import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_BYTES } from "../../assembly/layout/allocatorEvents.ts";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { predictTraffic } from "../../src/count/follow/predictTraffic.ts";
import { InputError } from "../../src/errors.ts";
import { decodeEventColumns } from "../../src/recording/eventColumns.ts";
import { FileInputError } from "../../src/recording/inputFile.ts";
import { listRecordings, loadRecording } from "../../src/recording/packagedRecording.ts";
import { openRecording } from "../../src/recording/recording.ts";
import { parseRecordingSummary } from "../../src/recording/recordingSummary.ts";
import { decodeTouchColumns } from "../../src/recording/touchColumns.ts";
import { packRecording } from "../recorded/recordingPack.ts";

const PACKAGED = [
  "wl_churn_3g_20k",
  "wl_fault_64m_x2",
  "wl_fork_cow_20x16m",
  "wl_redis_set_30k_1k",
  "wl_tmpfs_write_read_rm_48m",
];
const SHARED = new URL("../../../shared/kernel-6.1", import.meta.url).pathname;
const shipped = (file: string): URL => new URL(`../../src/recording/data/${file}`, import.meta.url);

describe("packaged recordings", () => {
  it("are the five of the default scenario, within 6 MB", () => {
    expect(listRecordings()).toEqual(PACKAGED);
    const folder = shipped("");
    const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(new URL(file, folder)).size, 0);
    expect(bytes).toBeLessThan(6e6);
  });

  it.each(PACKAGED)("%s decodes to the records that were recorded", (name) => {
    const { summary, touchBatches } = loadRecording(name);
    const hash = createHash("sha256");
    let records = 0;
    for (const batch of touchBatches()) {
      hash.update(batch);
      records += batch.length / TOUCH_BYTES;
    }
    expect(hash.digest("hex")).toBe(summary.touchSha256);
    expect(records).toBe(summary.pageSwitches);
    expect(summary.kernel).toBe("6.12.117+deb12-amd64");
    expect(summary.otherLlcFills.map((row) => row.llcBytes / 2 ** 20)).toEqual([8, 32, 128]);
  });

  it.each(PACKAGED)("%s decodes to the events of its kmem trace", (name) => {
    const { summary, eventBatches } = loadRecording(name);
    const hash = createHash("sha256");
    for (const batch of eventBatches(1000)) hash.update(batch);
    expect(hash.digest("hex")).toBe(summary.eventsSha256);
  });

  it.each(PACKAGED)("%s has the loads, stores and distinct pages that its summary says", (name) => {
    const { summary, touchBatches } = loadRecording(name);
    const { pfnFrom } = summary.hotAdded;
    const pages = new Set<number>();
    const sums = { loads: 0, stores: 0, hotLoads: 0, hotStores: 0, hotTouches: 0 };
    let lastHot = -1;
    for (const batch of touchBatches()) {
      const words = new Uint32Array(batch.buffer, batch.byteOffset, batch.length / 4);
      for (let i = 0; i < words.length; i += 3) {
        const [pfn, second] = [words[i]!, words[i + 1]!];
        const [loads, stores] = [second & 0xff, (second >>> 8) & 0xff];
        pages.add(pfn);
        sums.loads += loads;
        sums.stores += stores;
        if (pfn < pfnFrom) continue;
        sums.hotLoads += loads;
        sums.hotStores += stores;
        if (pfn !== lastHot) sums.hotTouches++;
        lastHot = pfn;
      }
    }
    expect(pages.size).toBe(summary.distinctPages);
    expect([...pages].filter((pfn) => pfn >= pfnFrom)).toHaveLength(summary.hotAdded.distinctPages);
    expect(sums).toEqual({
      loads: summary.loads,
      stores: summary.stores,
      hotLoads: summary.hotAdded.loads,
      hotStores: summary.hotAdded.stores,
      hotTouches: summary.hotAdded.touches,
    });
  });

  it.skipIf(!existsSync(SHARED))("are what packing gives: records and events of the originals", async () => {
    const name = "wl_tmpfs_write_read_rm_48m";
    const packed = await packRecording(SHARED, name);
    const original = gunzipSync(readFileSync(`${SHARED}/traces/${name}.touch.gz`));
    const records: Uint8Array[] = [];
    for (const batch of decodeTouchColumns(gunzipSync(packed.touchColumnsGz), name)) records.push(batch.slice());
    expect(Buffer.compare(Buffer.concat(records), original)).toBe(0);
    expect(packed.marksGz).toBeUndefined();
    const hash = createHash("sha256");
    for (const batch of decodeEventColumns(gunzipSync(packed.eventColumnsGz), name)) hash.update(batch);
    const summary = parseRecordingSummary(JSON.parse(packed.summaryJson), name);
    expect(hash.digest("hex")).toBe(summary.eventsSha256);
    expect(summary.touchSha256).toBe(createHash("sha256").update(original).digest("hex"));
  });

  it("suggests the nearest name", () => {
    expect(() => loadRecording("wl_redis_set_30k_1")).toThrow('did you mean "wl_redis_set_30k_1k"');
    expect(() => loadRecording("../recordings/wl_fault_64m_x2")).toThrow(InputError);
  });
});

describe("openRecording", () => {
  let folder: string;
  const touch = new Uint8Array(Uint32Array.of(5, 1, 10, 6, 2, 20).buffer);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "altmap-recording-"));
    for (const name of ["traffic", "traces"]) mkdirSync(join(folder, name));
    cpSync(shipped("wl_fork_cow_20x16m.json"), join(folder, "traffic", "mine.json"));
    writeFileSync(join(folder, "traces", "mine.touch.gz"), gzipSync(touch));
    writeFileSync(
      join(folder, "traces", "mine.kmem.txt.gz"),
      gzipSync("x-1 [000] .... 1.0: mm_page_free: pfn=9 order=0\n"),
    );
    writeFileSync(join(folder, "ops.json"), '[{"op":"anon_fault","pages":7}]');
    writeFileSync(join(folder, "broken.json"), '{\n  "name": }');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("gives the place where a summary stops being JSON", async () => {
    const path = join(folder, "place.json");
    const cases: readonly [string, string][] = [
      ['{\n  "name": }', ":2:11:"],
      ['{"name": "x", }', ":1:15:"],
      ["[1, 2\n\n3]", ":3:1:"],
      ['{"a": tru}', ":1:10:"],
      ['{"a": "b', ":1:9:"],
      ["", ": the file is empty"],
    ];
    for (const [text, place] of cases) {
      writeFileSync(path, text);
      await expect(openRecording(undefined, { summary: path }), text).rejects.toThrow(path + place);
    }
  });

  const touchesOf = async (recording: Awaited<ReturnType<typeof openRecording>>): Promise<number> => {
    let bytes = 0;
    for await (const batch of recording.touches!()) bytes += batch.length;
    return bytes;
  };

  const eventsOf = async (recording: Awaited<ReturnType<typeof openRecording>>): Promise<number> => {
    let bytes = 0;
    for await (const batch of recording.events!().batches) bytes += batch.length;
    return bytes / EVENT_BYTES;
  };

  it("finds the neighbours of a path without suffix, from either folder", async () => {
    for (const stem of [
      "traffic/mine",
      "traces/mine",
      "traffic/mine.json",
      "traces/mine.touch.gz",
      "traces/mine.kmem.txt.gz",
    ]) {
      const recording = await openRecording(join(folder, stem));
      expect(recording.summary?.kernel).toBe("6.12.117+deb12-amd64");
      expect(recording.kmemPath).toBe(join(folder, "traces", "mine.kmem.txt.gz"));
      expect(recording.operations).toHaveLength(3);
      expect(await touchesOf(recording)).toBe(24);
      expect(await touchesOf(recording)).toBe(24);
      expect(await eventsOf(recording)).toBe(1);
    }
  });

  it("opens a packaged one by name, with parts replaced", async () => {
    const recording = await openRecording("wl_fork_cow_20x16m", { operations: join(folder, "ops.json") });
    expect(recording).toMatchObject({ packaged: true, operations: [{ op: "anon_fault", pages: 7 }] });
    expect(await touchesOf(recording)).toBe(recording.summary!.pageSwitches * TOUCH_BYTES);
    expect(await eventsOf(recording)).toBe(83_513);
  });

  it("takes explicit files alone", async () => {
    const recording = await openRecording(undefined, { touch: join(folder, "traces", "mine.touch.gz") });
    expect(recording).toMatchObject({ name: "mine", summary: undefined, kmemPath: undefined, operations: undefined });
    expect(await touchesOf(recording)).toBe(24);
    const fromSummary = await openRecording(undefined, { operations: join(folder, "traffic", "mine.json") });
    expect(fromSummary.operations).toHaveLength(3);
  });

  it("says what it looked for", async () => {
    await expect(openRecording(join(folder, "traffic", "absent"))).rejects.toThrow("no such recording");
    await expect(openRecording(join(folder, "absent.touch.gz"))).rejects.toThrow("no such recording");
    await expect(openRecording("wl_fault_64m_x")).rejects.toThrow('did you mean "wl_fault_64m_x2"');
    await expect(openRecording(undefined, {})).rejects.toThrow("no recording is named");
    const broken = openRecording(undefined, { summary: join(folder, "broken.json") });
    await expect(broken).rejects.toThrow(/broken\.json:2:11: is not JSON/);
    await expect(broken).rejects.toBeInstanceOf(FileInputError);
    await expect(openRecording(undefined, { summary: join(folder, "none.json") })).rejects.toMatchObject({
      fault: "missing",
    });
  });
});

const STEMS = ["kernel-6.1", "kernel-6.12"]
  .map((kernel) => new URL(`../../../shared/${kernel}/traffic/`, import.meta.url).pathname)
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((file) => folder + file.replace(".json", "")));

describe.skipIf(STEMS.length === 0)("recordings beside the checkout", () => {
  it.each(STEMS)("%s opens whole", async (stem) => {
    const recording = await openRecording(stem);
    expect(recording.touches).toBeDefined();
    expect(recording.summary!.pageSwitches).toBeGreaterThan(0);
    expect(recording.kmemPath !== undefined).toBe(/\/wl_|busy/.test(stem));
    expect(recording.operations === undefined).toBe(stem.includes("redis"));
    let pages = 0;
    for await (const batch of recording.touches!()) pages += batch.length / TOUCH_BYTES;
    expect(pages).toBe(recording.summary!.pageSwitches);
  });
});

describe("a packaged recording", () => {
  it("gives the engine its events as well as its operations", async () => {
    const recording = await openRecording("wl_tmpfs_write_read_rm_48m");
    const predicted = await predictTraffic(recording);
    expect(predicted.nrEvents).toBeGreaterThan(40_000);
    const eventsOnly = await predictTraffic({ ...recording, operations: undefined });
    expect(eventsOnly.nrEvents).toBe(predicted.nrEvents);
  });
});
