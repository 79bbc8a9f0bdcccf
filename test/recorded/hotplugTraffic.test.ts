// Idle hotplug operations against what the kernel did: loads, stores, touches, distinct pages and every count by
// function equal; and, where the recordings lie beside the project, every touch in order.
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import {
  type IdleHotplugTraffic,
  type IdleOperation,
  idleHotplugTraffic,
  type OnlineBlock,
} from "../../src/count/hotplug/idleTraffic.ts";
import type { RecordedKernel } from "../../src/linux/recordedKernels.ts";
import type { ZoneKind } from "../../src/wasm/memmapRegions.ts";

const SHARED = new URL("../../../shared/", import.meta.url);

interface Row {
  readonly kernel: string;
  readonly name: string;
  readonly operation: string;
  readonly block: number;
  readonly selfHosted: boolean;
  readonly blockPages?: number;
  readonly onlineBefore: readonly { readonly block: number; readonly selfHosted: boolean; readonly zone: string }[];
  readonly totals: Readonly<Record<"loads" | "stores" | "touches" | "distinctPages", number>>;
  readonly byFunction: readonly (readonly [string, string, number])[];
}

const recorded: Row[] = JSON.parse(readFileSync(new URL("data/hotplugTraffic.json", import.meta.url), "utf8"));

/** Blocks are numbered as in sysfs: by address. */
function model(row: Row, build: "release" | "debug"): IdleHotplugTraffic {
  const blockPages = row.blockPages ?? 32768;
  const startPfn = 32 * 32768 * (blockPages === 32768 ? 1 : 17);
  const first = startPfn / blockPages;
  return idleHotplugTraffic({
    kernel: row.kernel as RecordedKernel,
    operation: row.operation as IdleOperation,
    block: row.block - first,
    selfHosted: row.selfHosted,
    onlineBefore: row.onlineBefore.map(
      ({ block, selfHosted, zone }): OnlineBlock => ({ block: block - first, selfHosted, zone: zone as ZoneKind }),
    ),
    startPfn,
    blockPages,
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
  it.each(
    row.blockPages ? (["release"] as const) : (["release", "debug"] as const),
  )("counts as recorded, %s kernels", (build) => {
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
