import { describe, expect, test } from "vitest";
import {
  CLASS_DEPENDENT,
  CLASS_UNCLASSIFIED,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_OWNERS,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
  RW_WRITE,
} from "../../assembly/layout/touch.ts";
import { slowdownByCpus } from "../../src/cost/manyCpus.ts";
import { seededRandom } from "../../src/cost/sample.ts";
import { bucketCounts } from "../../src/counts/windows.ts";
import { bucketOf, demandIndex, emptyTouchCounts } from "../../src/counts.ts";
import { devices } from "../../src/machine/devices.ts";
import { findDevice } from "../../src/machine/find.ts";
import { hosts } from "../../src/machine/hosts.ts";

/** Machines and workloads of any size that may meet: light ones, and such as no memory keeps up with. */
function machineOf(seed: number) {
  const random = seededRandom(seed);
  const upTo = (decades: number, from = 1): number => from * 10 ** (decades * random());
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const counts = emptyTouchCounts();
  for (const owner of [OWNER_BOOT, OWNER_HOT_ADDED])
    for (const accessClass of [CLASS_DEPENDENT, CLASS_UNCLASSIFIED])
      counts.demand[demandIndex(accessClass, owner, RW_WRITE, LEVEL_MEMORY)] = Math.round(upTo(6));
  counts.writeBacks[LEVEL_LLC * NR_OWNERS + OWNER_HOT_ADDED] = Math.round(upTo(6));
  const apart = new Float64Array(64);
  apart[bucketOf(upTo(4))] = upTo(6);
  const misses = { apart: bucketCounts(apart), streamed: upTo(6) };
  const work = {
    instructions: upTo(5, 1e4),
    nrSets: upTo(4),
    bytesSet: upTo(4, 4096),
    nrCopies: upTo(4),
    bytesCopied: upTo(4, 4096),
    syscalls: upTo(4),
    faults: upTo(4),
    pagesClearedOnAlloc: 0,
    setFills: { memory: upTo(5), llc: upTo(5) },
    copyFills: { memory: upTo(5), llc: upTo(5) },
    servedByMemory: misses,
    servedByLlc: misses,
  };
  const byFunction = ["__free_one_page", "lru_add_fn", "page_add_new_anon_rmap"].map((name) => ({
    name,
    count: Math.round(upTo(6)),
  }));
  const host = one(hosts);
  const media = { dram: findDevice(host.localDram), device: one(devices) };
  return {
    counts,
    work,
    byFunction,
    host,
    media,
    dataShareOnHotAdded: random(),
    nrCpus: 1 + Math.floor(256 * random()),
  };
}

describe("many CPUs", () => {
  test("twice as many rounds move no slowdown of 500 machines by more than a thousandth", () => {
    const off: string[] = [];
    for (let seed = 1; seed <= 500; seed++) {
      const { counts, work, byFunction, host, media, dataShareOnHotAdded, nrCpus } = machineOf(seed);
      const at = (rounds?: number) =>
        slowdownByCpus(
          { counts, work },
          byFunction,
          host,
          media,
          { samples: 1, dataShareOnHotAdded, ...(rounds === undefined ? {} : { rounds }) },
          [nrCpus],
        )[0]!;
      const [once, twice] = [at(), at(120)];
      const moved = Math.abs(twice.slowdownRatio.value / once.slowdownRatio.value - 1);
      if (!once.converged || !(moved <= 1e-3)) off.push(`seed ${seed}: ${once.converged} ${moved}`);
    }
    expect(off).toEqual([]);
  }, 120_000);

  test("what does not settle says so", () => {
    const { counts, work, byFunction, host, media } = machineOf(7);
    const [found] = slowdownByCpus({ counts, work }, byFunction, host, media, { samples: 1, rounds: 0 }, [200]);
    expect(found?.converged).toBe(false);
  });

  test("a workload whose own work is not known has no slowdown", () => {
    const { counts, byFunction, host, media } = machineOf(1);
    expect(slowdownByCpus({ counts, work: undefined }, byFunction, host, media)).toEqual([]);
  });
});
