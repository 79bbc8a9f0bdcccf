/** Records a short workload and lets the engine predict its struct page traffic. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { traffic } from "../../../src/count/follow/compareTraffic.ts";
import { openRecording } from "../../../src/recording/recording.ts";
import type { Difference } from "../compare.ts";
import type { KernelPackage } from "../kernels.ts";
import type { SequenceResult } from "../sequence.ts";
import { recordWorkload } from "./record.ts";
import { FAULT_8M, STRINGS } from "./smallPageWorkloads.ts";

/** What operations do not describe, a starting process above all, follows events: far less than this is left. */
const TOLERANCE = 0.02;
const TOTALS = ["touches", "loads", "stores", "distinct_pages"] as const;

async function differences(target: string): Promise<Difference[]> {
  const { recorded, predicted } = await traffic(target, {});
  return TOTALS.filter((key) => Math.abs(predicted[key] / recorded[key] - 1) > TOLERANCE).map((key) => ({
    step: 0,
    path: `struct page ${key}`,
    expected: predicted[key],
    actual: recorded[key],
  }));
}

/**
 * Between the marks of `work strings` lie 11 instructions a time and 3 more, of which two a time are string instructions
 * (guest/strings.c): a recorder that counted bytes, interrupts or other tasks would find others.
 */
async function countingDifferences(target: string): Promise<Difference[]> {
  const workload = (await openRecording(target)).summary?.counted?.workload;
  const { times, bytes } = STRINGS;
  const expected = { userInstructions: 11 * times + 3, sets: times, copies: times };
  const actual = {
    userInstructions: workload?.userInstructions,
    sets: workload?.setSizes[Math.log2(bytes)],
    copies: workload?.copySizes[Math.log2(bytes)],
  };
  return (["userInstructions", "sets", "copies"] as const)
    .filter((key) => actual[key] !== expected[key])
    .map((key) => ({ step: 1, path: `counted ${key}`, expected: expected[key], actual: actual[key] }));
}

/** As a step of the live kernel suite. */
export async function checkTraffic(kernel: KernelPackage): Promise<SequenceResult> {
  const directory = mkdtempSync(join(tmpdir(), "altmap-check-"));
  const found: Difference[] = [];
  let failure: string | undefined;
  try {
    await recordWorkload(kernel, FAULT_8M, directory);
    found.push(...(await differences(join(directory, "traffic/wl_fault_8m"))));
    found.push(...(await countingDifferences(join(directory, "traffic/wl_strings"))));
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    name: `traffic-${kernel.line}`,
    kernel: `Linux ${kernel.release}`,
    machine: FAULT_8M.about,
    steps: FAULT_8M.parts.length,
    conditioned: 0,
    differences: found,
    ...(failure !== undefined && { failure }),
    fixture: undefined,
  };
}
