/** Records struct page traffic of live kernels, in the format that `altmap traffic` reads. */
import "../../../src/node/install.ts";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { recordImages } from "../images.ts";
import { ensureKernel, type KernelLine, parseKernelLines } from "../kernels.ts";
import { ensureTools } from "../packages.ts";
import { ensureQemu } from "../qemu.ts";
import { type Recorded, recordWorkload } from "./record.ts";
import type { Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads.ts";

/** Beside the workloads. */
const IMAGES = "images";

const USAGE = `npm run record:kernel -- [options] WORKLOAD...
  --kernel LINE,...   of Debian, 6.1 to the newest (default: 6.12)
  --output DIR        recordings go to DIR/kernel-LINE/{traffic,traces} (default: dist/recordings)
  images              memmap-images instead of traffic: struct pages as add and online left them
${WORKLOADS.map(({ name, about }) => `  ${name.padEnd(18)}  ${about}`).join("\n")}`;

function tell({ name, seconds, heard }: Recorded): void {
  process.stdout.write(`${name}: ${seconds} s\n${heard.map((line) => `  ${line}\n`).join("")}`);
}

interface Plan {
  readonly lines: readonly KernelLine[];
  readonly workloads: readonly Workload[];
  readonly images: boolean;
  readonly output: string;
}

/** @error Error that says what was expected */
function parsePlan(args: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { kernel: { type: "string", default: "6.12" }, output: { type: "string", default: "dist/recordings" } },
    allowPositionals: true,
  });
  const { output } = values;
  const lines = parseKernelLines(values.kernel);
  if (positionals.length === 0) throw new Error("no workload is named");
  const workloads = positionals
    .filter((name) => name !== IMAGES)
    .map((name) => {
      const workload = WORKLOADS.find((candidate) => candidate.name === name);
      if (workload === undefined) throw new Error(`no workload ${name}`);
      return workload;
    });
  return { lines, workloads, images: positionals.includes(IMAGES), output };
}

async function main(): Promise<void> {
  let plan: Plan;
  try {
    plan = parsePlan(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  ensureTools();
  ensureQemu();
  for (const line of plan.images ? plan.lines : [])
    for (const { name } of await recordImages(ensureKernel(line), join(plan.output, `kernel-${line}`)))
      process.stdout.write(`${name}\n`);
  for (const workload of plan.workloads)
    for (const line of plan.lines)
      await recordWorkload(ensureKernel(line), workload, join(plan.output, `kernel-${line}`), tell);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
await main();
