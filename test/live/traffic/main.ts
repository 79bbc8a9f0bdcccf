/** Records struct page traffic of live kernels, in the format that `altmap traffic` reads. */
import "../../../src/node/install.ts";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureKernel, ensureTools, type KernelLine } from "../packages.ts";
import { ensureQemu } from "../qemu.ts";
import { type Recorded, recordWorkload } from "./record.ts";
import type { Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads.ts";

const USAGE = `npm run record:kernel -- [options] WORKLOAD...
  --kernel 6.1|6.12   one kernel only (default: both)
  --output DIR        recordings go to DIR/kernel-LINE/{traffic,traces} (default: dist/recordings)
${WORKLOADS.map(({ name, about }) => `  ${name.padEnd(18)}  ${about}`).join("\n")}`;

function tell({ name, seconds, heard }: Recorded): void {
  process.stdout.write(`${name}: ${seconds} s\n${heard.map((line) => `  ${line}\n`).join("")}`);
}

interface Plan {
  readonly lines: readonly KernelLine[];
  readonly workloads: readonly Workload[];
  readonly output: string;
}

/** @error Error that says what was expected */
function parsePlan(args: readonly string[]): Plan {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { kernel: { type: "string" }, output: { type: "string", default: "dist/recordings" } },
    allowPositionals: true,
  });
  const { kernel, output } = values;
  if (kernel !== undefined && kernel !== "6.1" && kernel !== "6.12") {
    throw new Error(`--kernel ${kernel}: expected 6.1 or 6.12`);
  }
  if (positionals.length === 0) throw new Error("no workload is named");
  const workloads = positionals.map((name) => {
    const workload = WORKLOADS.find((candidate) => candidate.name === name);
    if (workload === undefined) throw new Error(`no workload ${name}`);
    return workload;
  });
  return { lines: kernel === undefined ? ["6.1", "6.12"] : [kernel], workloads, output };
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
  for (const workload of plan.workloads)
    for (const line of plan.lines)
      await recordWorkload(ensureKernel(line), workload, join(plan.output, `kernel-${line}`), tell);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
await main();
