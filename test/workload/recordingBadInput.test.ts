import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { traffic } from "../../src/count/follow/compareTraffic.ts";
import { InputError } from "../../src/errors.ts";
import type { RecordingFiles } from "../../src/recording/recording.ts";

const PFN_FROM = 0x100000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "altmap-recording-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Record<string, unknown>;
const packaged = JSON.parse(
  readFileSync(new URL("../../src/recording/data/wl_churn_3g_20k.json", import.meta.url), "utf8"),
) as Json;
const good: Json = { ...packaged, touch_sha256: undefined, events_sha256: undefined, operations: [] };
const withHot = (hot: Json): Json => ({ ...good, hot_added: { ...(good["hot_added"] as Json), ...hot } });

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What `altmap traffic --summary FILE` says of a summary; operations are a fault or two unless it has its own. */
function trafficOf(summary: Json, more: RecordingFiles = {}) {
  const operations = (summary["operations"] as unknown[]).length > 0 ? undefined : [{ op: "anon_fault", pages: 2 }];
  const path = fileOf("run.json", JSON.stringify(operations === undefined ? summary : { ...summary, operations }));
  return traffic(undefined, { summary: path, ...more });
}

const refused = (summary: Json, key: string) => expect(trafficOf(summary)).rejects.toThrow(`run.json: ${key}`);
const operation = (row: Json): Json => ({ ...good, operations: [row] });
const block = (name: string): Json => ({
  ...good,
  hot_blocks_before: { [name]: { state: "online", valid_zones: "" } },
});

describe("the summary of a recording", () => {
  it("is refused by file and key where it says what no kernel says", async () => {
    for (const kernel of ["6.99 arm64 foo", "6.12garbage", "", "\u001b[31m6.1", `6.1-${"x".repeat(300)}`])
      await refused({ ...good, kernel }, "kernel: ");
    for (const name of ["x", "-5", "33.5", "1e99", "131072", "99999999999"])
      await refused(block(name), `hot_blocks_before.${name}: `);
    await refused(withHot({ pfn_from: 2 ** 32 }), "hot_added.pfn_from: ");
    await refused(
      withHot({ pfn_from: PFN_FROM + 1 }),
      "hot_added.pfn_from: 1048577 is not where a memory block begins",
    );
    await refused({ ...good, name: "two\nlines" }, "name: ");
    await refused({ ...good, loads: 1e300 }, "loads: ");
    await refused({ ...good, other_l2_fills: 0 }, "other_llc_fills_8MiB: is not a count of other_l2_fills");
    await refused(
      { ...good, zones_before: { "1:Movable": { buddy: new Array(33).fill(1) } } },
      "zones_before.1:Movable",
    );
    await refused({ ...good, instructions: undefined }, "instructions: is not the summary of a recording: there is no");
  });

  it("is named where its kernel has no recipes, of another architecture too", async () => {
    for (const kernel of ["5.15.0-1-generic", "2.4", "6.12.0-arm64"])
      await refused({ ...good, kernel }, `no recipes for kernel "${kernel}"`);
  });

  it("says which recorded kernel stands for one that was not", async () => {
    const note = (kernel: string, by: string) => `Linux ${kernel} was not recorded: priced as ${by}`;
    expect((await trafficOf({ ...good, kernel: "6.6.87.2-microsoft-standard-WSL2" })).undetermined).toContain(
      note("6.6", "6.1"),
    );
    expect((await trafficOf({ ...good, kernel: "7.99-rc1" })).undetermined).toContain(note("7.99", "7.3"));
    const idle = operation({ op: "add", blocks: [99], self_hosted: true });
    expect((await trafficOf({ ...idle, kernel: "6.6.1" })).by_operation).toEqual(
      (await trafficOf({ ...idle, kernel: "6.1.1" })).by_operation,
    );
    expect((await trafficOf(good)).undetermined.join()).not.toContain("priced as");
  });

  it("is named where an operation names a block that cannot be meant", async () => {
    await refused(operation({ op: "add", blocks: [0], self_hosted: true }), "operations: add of block 0");
    await refused(
      operation({ op: "add", blocks: [33], self_hosted: true }),
      "operations: add of block 33, which is on",
    );
    await refused(operation({ op: "add", blocks: [2 ** 17], self_hosted: true }), "operations: add of block 131072");
    await refused(
      operation({ op: "online_movable", block: 33, self_hosted: true }),
      "operations: online_movable of bl",
    );
    await refused(
      operation({ op: "offline", block: 999, self_hosted: true }),
      "operations: offline of block 999, whic",
    );
    const busy = { op: "offline_busy", block: 999, self_hosted: false, busy_pages_about: 1 };
    await refused(operation(busy), "operations: offline_busy of block 999, which is not online before");
    await refused(
      operation({ op: "repeat", times: 2, of: [{ op: "offline", block: 3, self_hosted: true }] }),
      "operations: offline of block 3",
    );
  });

  it("may begin with a byte order mark", async () => {
    const path = fileOf(
      "mark.json",
      `\ufeff${JSON.stringify({ ...good, operations: [{ op: "anon_fault", pages: 1 }] })}`,
    );
    await expect(traffic(undefined, { summary: path })).resolves.toMatchObject({ name: "wl_churn_3g_20k" });
  });
});

describe("touches beside a summary", () => {
  const record = (pfn: number): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(pfn);
    bytes[4] = 1;
    return bytes;
  };
  const touches = (pfns: readonly number[], rest = ""): string =>
    fileOf("run.touch.gz", gzipSync(Buffer.concat([...pfns.map(record), Buffer.from(rest)])));
  const pfns = [5, PFN_FROM, PFN_FROM + 1, 7, PFN_FROM + 1, PFN_FROM];

  it("are those that it counts, else both numbers are told", async () => {
    await expect(trafficOf(withHot({ touches: 3 }), { touch: touches(pfns) })).resolves.toBeDefined();
    await expect(trafficOf(withHot({ touches: 4 }), { touch: touches(pfns) })).rejects.toThrow(
      "run.touch.gz: has 3 touches of hot-added pages, and its summary says 4",
    );
    for (const fewer of [0, 2])
      await expect(trafficOf(withHot({ touches: fewer }), { touch: touches(pfns) })).rejects.toThrow(
        `run.touch.gz: has more than ${fewer} touches of hot-added pages`,
      );
  });

  it("name their file when they are no records, or of no machine", async () => {
    await expect(trafficOf(good, { touch: touches(pfns, "abc") })).rejects.toThrow(
      /run\.touch\.gz, byte 72: .*3 bytes/,
    );
    await expect(trafficOf(good, { touch: touches([0xffffffff]) })).rejects.toThrow(
      /run\.touch\.gz: record 0: pfn 0xff/,
    );
    await expect(trafficOf(good, { touch: join(folder, "absent") })).rejects.toThrow(/absent: no such file/);
  });
});

describe("any JSON in place of a key", () => {
  it("gives a document without NaN, or an InputError that names the file", async () => {
    const keys = [...Object.keys(good), "hot_added/pfn_from", "hot_added/touches", "hot_added/by_function"];
    const hostile = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom<unknown>(-1, 2 ** 53, 1e308, "", "__proto__", [[]], { __proto__: null }, 0, 32768, "6.12"),
      fc.dictionary(fc.constantFrom("32", "33", "1:Movable", ":", "x"), fc.constantFrom({}, null, { state: "online" })),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), hostile, async (key, value) => {
        const [outer, inner] = key.split("/") as [string, string | undefined];
        const summary = inner === undefined ? { ...good, [outer]: value } : withHot({ [inner]: value });
        const operations = fileOf("ops.json", '[{"op":"anon_fault","pages":2}]');
        const path = fileOf("any.json", JSON.stringify(summary));
        const result = await traffic(undefined, { summary: path, operations }).catch((error: unknown) => error);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(InputError);
          expect(result.message).toContain("any.json");
        } else
          JSON.stringify(result, (name, value: unknown) => {
            if (typeof value === "number") expect(value, name).toBeLessThan(Number.POSITIVE_INFINITY);
            return value;
          });
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
