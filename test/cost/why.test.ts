import { describe, expect, test } from "vitest";
import {
  CLASS_STREAM,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_OWNERS,
  OWNER_HOT_ADDED,
  RW_READ,
} from "../../assembly/layout/touch.ts";
import {
  MISS_ADJACENT,
  MISS_DEMAND,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  PREFETCHED_RESTART,
} from "../../assembly/layout/windows.ts";
import { memmapInDram, sampleMachine } from "../../src/cost/machineDraw.ts";
import { operationRows, priceOperation } from "../../src/cost/operationPrice.ts";
import { workOfOperation } from "../../src/cost/operationWork.ts";
import { priceOn } from "../../src/cost/price.ts";
import { priceWorkloadOn } from "../../src/cost/priceWorkload.ts";
import { INPUTS } from "../../src/cost/why.ts";
import { bucketOf, demandIndex, emptyTouchCounts, windowIndex } from "../../src/counts.ts";
import { devices } from "../../src/machine/devices.ts";
import { findDevice } from "../../src/machine/find.ts";
import { hosts } from "../../src/machine/hosts.ts";

const counts = emptyTouchCounts();
for (const kind of [MISS_DEMAND, MISS_INDEPENDENT, MISS_ADJACENT])
  counts.windows.memory[windowIndex(OWNER_HOT_ADDED, kind, bucketOf(100))] = 100;
counts.windows.memory[windowIndex(OWNER_HOT_ADDED, MISS_PREFETCHED, PREFETCHED_RESTART)] = 100;
counts.demand[demandIndex(CLASS_STREAM, OWNER_HOT_ADDED, RW_READ, LEVEL_MEMORY)] = 100;
counts.writeBacks[LEVEL_LLC * NR_OWNERS + OWNER_HOT_ADDED] = 100;

function widthsWith(held: ReadonlySet<string>, host = hosts[0]!, device = devices[0]!): number[] {
  const onMemory = sampleMachine(host, { boot: findDevice(host.localDram), hotAdded: device }, { samples: 30, held });
  const inDram = memmapInDram(onMemory);
  const fault = { key: "fault" as const, hot: counts, cold: counts, coldInOrder: counts };
  const work = {
    instructions: 1e6,
    nrSets: 10,
    bytesSet: 4e5,
    nrCopies: 10,
    bytesCopied: 4e5,
    syscalls: 10,
    faults: 10,
    pagesClearedOnAlloc: 0,
    setFills: { memory: 4000, llc: 2000 },
    copyFills: { memory: 8000, llc: 4000 },
    servedByMemory: { apart: { buckets: Uint8Array.of(20), counts: Float64Array.of(100), total: 100 }, streamed: 50 },
    servedByLlc: { apart: { buckets: Uint8Array.of(20), counts: Float64Array.of(100), total: 100 }, streamed: 50 },
  };
  const options = { pfnOrder: 0.3, dataShare: 0.5, held, memmapBytes: 2 ** 40 };
  const intervals = [
    priceOn(counts, onMemory, { instructions: 1e5, memmapBytes: 2 ** 40 }).interval,
    ...Object.values(
      priceOperation(
        operationRows(
          fault,
          workOfOperation("fault", { kernel: "6.12", initOnAlloc: true }),
          onMemory,
          inDram,
          options,
        ),
      ),
    ).map(({ interval }) => interval),
    priceWorkloadOn({ counts, work }, onMemory, inDram, { dataShareOnHotAdded: 0.5 }).slowdownRatio!.interval,
  ];
  return intervals.map(([low, high]) => high - low);
}

describe("inputs of --why", () => {
  test("are all that is drawn: with every one as stated no interval has a width", () => {
    const held = new Set(INPUTS);
    for (const host of hosts) for (const width of widthsWith(held, host)) expect(width).toBeCloseTo(0, 9);
    for (const device of devices)
      for (const width of widthsWith(held, hosts[0], device)) expect(width).toBeCloseTo(0, 9);
  });

  test("held by itself one moves no draw of another", () => {
    const media = { boot: findDevice(hosts[0]!.localDram), hotAdded: devices[0]! };
    const [all, without] = [undefined, new Set(["host.cpi"])].map((held) =>
      sampleMachine(hosts[0]!, media, { samples: 3, ...(held === undefined ? {} : { held }) }),
    );
    const { cpi: _, windowNs: __, ...rest } = all!.draws[2]!.host;
    expect(without!.draws[2]!.host).toMatchObject(rest);
    expect(without!.draws[2]!.host.cpi).toBe(hosts[0]!.cpi.value);
    expect(without!.draws[2]!.hotAdded).toEqual(all!.draws[2]!.hotAdded);
  });
});
