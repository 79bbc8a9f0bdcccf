import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { parseOperations } from "../../src/recording/operations.ts";
import { OPERATION_SCHEMAS } from "../../src/recording/operationsSchema.ts";
import { FURTHER_OPERATIONS } from "../../src/recording/ownOperations.ts";

const SHARED = new URL("../../../shared/", import.meta.url).pathname;

/** One valid operation of each op. */
const EXAMPLES: readonly Record<string, unknown>[] = [
  { op: "add", blocks: [32, 33], self_hosted: true },
  { op: "online_movable", block: 32, self_hosted: true },
  { op: "online_kernel", block: 32, self_hosted: false },
  { op: "offline", block: 32, self_hosted: true },
  { op: "offline_busy", block: 32, self_hosted: true, busy_pages_about: 16000 },
  { op: "already_mapped_anon", pages: 786432 },
  { op: "anon_fault", pages: 0 },
  { op: "zap_random_page", among: 786432 },
  { op: "anon_fault_same_page" },
  { op: "munmap_anon", pages: 1 },
  { op: "exit_anon", pages: 1 },
  { op: "fork", anon_pages: 4096 },
  { op: "cow_fault_in_child", pages: 1024 },
  { op: "child_exit", shared_anon_pages: 3072, own_anon_pages: 1024 },
  { op: "fork_exec_exit", program: "/bin/true" },
  { op: "shmem_write", pages: 12288 },
  { op: "shmem_read", pages: 12288 },
  { op: "shmem_truncate", pages: 12288 },
  { op: "file_read_cached", pages: 1 },
  { op: "thp_fault", huge_pages: 32 },
  { op: "munmap_thp", huge_pages: 32 },
  { op: "gup", pages: 1 },
  { op: "unpin", pages: 1 },
  { op: "reclaim", pages: 1 },
  { op: "compact_all_zones" },
  { op: "repeat", times: 20, of: [{ op: "gup", pages: 1 }] },
];

const VALUES = { pages: 32, boolean: true };
const OWN_EXAMPLES = Object.entries(FURTHER_OPERATIONS).map(([op, { keys }]) => ({
  op,
  ...Object.fromEntries(Object.entries(keys).map(([key, kind]) => [key, VALUES[kind]])),
}));

const failure = (input: unknown): string => {
  try {
    parseOperations(input, "ops.json");
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return "accepted";
};

describe("operations", () => {
  it("are the closed list, each accepted as it is, and our own", () => {
    const own = Object.keys(FURTHER_OPERATIONS);
    expect([...EXAMPLES.map((operation) => operation["op"]), ...own]).toEqual([...OPERATION_SCHEMAS.keys()]);
    expect(parseOperations(EXAMPLES, "ops.json")).toEqual(EXAMPLES);
    expect(parseOperations(OWN_EXAMPLES, "ops.json")).toEqual(OWN_EXAMPLES);
  });

  it("need every key, and no other", () => {
    for (const operation of [...EXAMPLES, ...OWN_EXAMPLES] as readonly Record<string, unknown>[]) {
      for (const key of Object.keys(operation).filter((name) => name !== "op")) {
        const { [key]: _, ...rest } = operation;
        expect(failure([rest])).toContain(`lacks the key "${key}"`);
      }
      expect(failure([{ ...operation, extra_key: 1 }])).toContain('has no key "extra_key"');
    }
  });

  it("say where in the list the fault is", () => {
    const nested = [
      { op: "gup", pages: 1 },
      { op: "repeat", times: 2, of: [{ op: "anon_fault", pages: -1 }] },
    ];
    expect(failure(nested)).toContain("ops.json: [1].of[0].pages: -1 is not usable");
    expect(failure([{ op: "anon_falt", pages: 1 }])).toContain(
      '[0].op: "anon_falt" is not an operation; did you mean "anon_fault"?',
    );
    expect(failure([{ op: "fork", anon_page: 1 }])).toContain('has no key "anon_page"; did you mean "anon_pages"?');
    expect(failure([{ op: "add", blocks: [], self_hosted: true }])).toContain("[0].blocks");
    expect(failure([{ op: "add", blocks: [1.5], self_hosted: true }])).toContain("[0].blocks.0");
    expect(failure([7])).toContain("[0]: 7, not an operation".replace("7,", "is 7,"));
    expect(failure({ op: "gup", pages: 1 })).toContain("not a list of operations");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, -1, "4096", null, 2 ** 33])("refuse %s pages", (pages) => {
    expect(failure([{ op: "anon_fault", pages }])).toContain("[0].pages");
  });

  it("do not ask for more work than ends", () => {
    const faults = (times: number, pages: number) => [
      { op: "repeat", times, of: [{ op: "repeat", times: 1, of: [{ op: "anon_fault", pages }] }] },
    ];
    expect(failure(faults(24, 4_000_000))).toBe("accepted");
    expect(failure(faults(26, 4_000_000))).toMatch(
      /ops\.json: asks for 104000\d+ page operations\n.*at most 100000000/,
    );
    expect(failure(faults(1e9, 0))).toMatch(/page operations/);
    expect(failure([{ op: "thp_fault", huge_pages: 200_000 }])).toMatch(/asks for 102400001 page operations/);
  });

  it("do not nest without end", () => {
    const nest = (depth: number): unknown => (depth === 0 ? [] : [{ op: "repeat", times: 1, of: nest(depth - 1) }]);
    expect(failure(nest(16))).toBe("accepted");
    expect(failure(nest(17))).toContain("repeats nest more than 16 deep");
    expect(failure(nest(3000))).toContain("repeats nest more than 16 deep");
    const lists: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(failure(lists)).toMatch(/ops\.json: \[0\]: is .*too deep to show, not an operation/);
  });

  it("survive any JSON", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void failure(value)));
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom("op", "pages", "of", "times"), fc.jsonValue())),
        (value) => void failure(value),
      ),
    );
  });

  const folders = ["kernel-6.1/traffic", "kernel-6.12/traffic"].filter((folder) => existsSync(SHARED + folder));
  it.skipIf(folders.length === 0)("of every recording are understood", () => {
    let lists = 0;
    for (const folder of folders) {
      for (const file of readdirSync(SHARED + folder)) {
        const { operations } = JSON.parse(readFileSync(`${SHARED}${folder}/${file}`, "utf8")) as {
          operations?: unknown;
        };
        if (operations === undefined) continue;
        expect(parseOperations(operations, file)).toEqual(operations);
        lists++;
      }
    }
    expect(lists).toBeGreaterThan(10);
  });
});
