import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { InputError } from "../errors.ts";
import { type ProbeOutput, ProbeReader } from "./probeOutput.ts";

/** What the probe is told. */
export interface ProbePlan {
  readonly operations: readonly string[];
  readonly footprintBytes: number;
  readonly sliceBytes: number;
  readonly sweepBytes: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly node?: number;
  readonly runs?: number;
}

const CHASE_BYTES = 64 * 1024 ** 2;
/** The probe ends by itself: this is for one that hangs. */
const GRACE_SECONDS = 120;

/**
 * Runs the probe to its end. When this process is told to end, the probe ends before it.
 *
 * @param onRun told how many runs are complete
 * @error InputError when the kernel forbids what the probe needs
 */
export async function runProbe(path: string, plan: ProbePlan, onRun: (runs: number) => void): Promise<ProbeOutput> {
  const child = spawn(path, wordsOf(plan), { stdio: ["ignore", "pipe", "pipe"] });
  const reader = new ProbeReader();
  let failure: Error | undefined;
  let runs = 0;
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, 400);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    try {
      const now = reader.read(line);
      if (now > runs) onRun(now);
      runs = now;
    } catch (error) {
      failure ??= error as Error;
      child.kill("SIGKILL");
    }
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), (plan.seconds * 3 + GRACE_SECONDS) * 1000);
  const stopped = await new Promise<string | undefined>((done) => {
    child.once("error", (error) => done(`it does not start: ${error.message}`));
    child.once("close", (code, signal) => {
      if (signal !== null) done(killedWords(signal));
      else done(code === 0 ? undefined : `it ended with code ${code} ${complaint}`.trim());
    });
  });
  clearTimeout(limit);
  if (failure !== undefined) throw failure;
  const output = reader.result(stopped);
  if (output.fault !== undefined) throw faultOf(output.fault, plan);
  return output;
}

function wordsOf(plan: ProbePlan): string[] {
  const { footprintBytes, sliceBytes, sweepBytes, seconds, cpu, node, runs } = plan;
  const words = [`footprint=${footprintBytes}`, `slice=${sliceBytes}`, `sweep=${sweepBytes}`, `chase=${CHASE_BYTES}`];
  words.push(`seconds=${seconds}`, `cpu=${cpu}`);
  if (node !== undefined) words.push(`node=${node}`);
  if (runs !== undefined) words.push(`runs=${runs}`);
  return [...words, ...plan.operations];
}

const killedWords = (signal: string): string =>
  signal === "SIGKILL"
    ? "the kernel killed it, probably for want of memory (a cgroup's limit, or the node's)"
    : `it was ended by ${signal}`;

function faultOf(fault: string, { node }: ProbePlan): InputError {
  if (fault.startsWith("mbind:")) {
    return new InputError({
      what: `memory cannot be bound to node ${node}: ${fault}`,
      where: "--node",
      expected:
        "a node of the process's cpuset (Mems_allowed in /proc/self/status), and mbind() permitted: a container's seccomp may forbid it",
      example: "docker run --security-opt seccomp=unconfined ... (or --cap-add SYS_NICE), or outside of the container",
    });
  }
  return new InputError({
    what: `the probe failed: ${fault}`,
    expected: "memory for the footprint, and the calls of a common kernel",
    example: "altmap measure --footprint 64MiB --operations pagemap-read,mincore",
  });
}
