// Idle hotplug operations against what the kernel did: loads, stores, touches, distinct pages and every count by
// function equal; and, where the recordings lie beside the project, every touch in order.
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TOUCH_BYTES } from "../../assembly/layout.ts";
import type { HotplugKernel } from "../../src/kernels/hotplugKernel.ts";
import { type IdleHotplugTraffic, idleHotplugTraffic, type OnlineBlock } from "../../src/kernels/hotplugTraffic.ts";
import recorded from "./data/hotplugTraffic.json" with { type: "json" };

const SHARED = new URL("../../../shared/", import.meta.url);

type Row = (typeof recorded)[number];

function model(row: Row, build: "release" | "debug"): IdleHotplugTraffic {
  return idleHotplugTraffic({
    kernel: row.kernel as HotplugKernel,
    operation: row.operation as "add" | "online_movable" | "offline",
    block: row.block - 32,
    selfHosted: row.selfHosted,
    onlineBefore: row.onlineBefore.map(
      ({ block, selfHosted }): OnlineBlock => ({ block: block - 32, selfHosted, zone: "movable" }),
    ),
    build,
  });
}

function touchesOf(records: Uint8Array): number[][] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const touches: number[][] = [];
  for (let at = 0; at < records.length; at += TOUCH_BYTES) {
    const pfn = view.getUint32(at, true);
    if (pfn < 0x100000) continue;
    const [loads, stores] = [view.getUint8(at + 4), view.getUint8(at + 5)];
    const last = touches.at(-1);
    if (last?.[0] === pfn) touches[touches.length - 1] = [pfn, (last[1] ?? 0) + loads, (last[2] ?? 0) + stores];
    else touches.push([pfn, loads, stores]);
  }
  return touches;
}

describe.each(recorded)("$kernel $name", (row) => {
  it.each(["release", "debug"] as const)("counts as recorded, %s kernels", (build) => {
    const traffic = model(row, build);
    const byFunction = traffic.byFunction.flatMap(([name, loads, stores]) => [
      ...(loads > 0 ? [[name, "load", loads]] : []),
      ...(stores > 0 ? [[name, "store", stores]] : []),
    ]);
    expect(Object.fromEntries(byFunction.map(([name, kind, count]) => [`${name} ${kind}`, count]))).toEqual(
      Object.fromEntries(row.byFunction.map(([name, kind, count]) => [`${name} ${kind}`, count])),
    );
    const { loads, stores, touches, distinctPages } = traffic;
    expect({ loads, stores, touches, distinctPages }).toEqual(row.totals);
  });

  const trace = new URL(`kernel-${row.kernel}/traces/${row.name}.touch.gz`, SHARED);
  it.skipIf(!existsSync(trace))("touches the same pages in the same order", () => {
    const want = touchesOf(gunzipSync(readFileSync(trace)));
    const got = touchesOf(model(row, "release").stream);
    const first = want.findIndex((touch, i) => touch.join() !== got[i]?.join());
    expect({ first, want: want[first], got: got[first] }).toEqual({ first: -1, want: undefined, got: undefined });
    expect(got.length).toBe(want.length);
  });
});
