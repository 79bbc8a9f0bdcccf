import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

// Two levels deep, so that the same path is right in bench/native/ and in the bundle in dist/bench/.
const SOURCES = new URL("../../bench/native/", import.meta.url);
const PROGRAMS = new URL("../../dist/bench-native/", import.meta.url);

/** A running native program: one line of command in, one line "<nanoseconds of processor time> <checksum>" out. */
export interface NativeProgram {
  /** @error when the program ends or answers "error ..." */
  run(command: string): Promise<NativeResult>;
  stop(): void;
}

export interface NativeResult {
  readonly elapsedMs: number;
  readonly checksum: string;
}

/** Compiles `bench/native/<source>` with the flags of the published comparison; `undefined` without a compiler. */
export function buildNative(source: string): string | undefined {
  const from = fileURLToPath(new URL(source, SOURCES));
  const to = fileURLToPath(new URL(source.replace(/\.c$/, ""), PROGRAMS));
  if (existsSync(to) && statSync(to).mtimeMs > statSync(from).mtimeMs) return to;
  mkdirSync(PROGRAMS, { recursive: true });
  for (const compiler of [process.env["CC"], "gcc", "clang", "cc"]) {
    if (!compiler) continue;
    try {
      execFileSync(compiler, ["-O3", "-march=native", "-std=c11", "-Wall", "-o", to, from, "-lm"], { stdio: "pipe" });
      return to;
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }
  return undefined;
}

export function startNative(program: string, args: readonly string[] = []): NativeProgram {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(command) {
      child.stdin.write(`${command}\n`);
      const { value, done } = await lines.next();
      const [ns, ...checksum] = String(value ?? "").split(" ");
      if (done || !(Number(ns) >= 0)) throw new Error(`${program}: "${command}" gave "${value}"`);
      return { elapsedMs: Number(ns) / 1e6, checksum: checksum.join(" ") };
    },
    stop: () => child.stdin.end(),
  };
}
