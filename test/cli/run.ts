import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ALTMAP = fileURLToPath(new URL("../../dist/cli/altmap.js", import.meta.url));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line, as a user would, but for counts of runs before; `stdout` names a file to write to. */
export function altmap(
  args: readonly string[],
  { stdout, env, ...options }: { cwd?: string; input?: string; stdout?: string; env?: NodeJS.ProcessEnv } = {},
): Run {
  const file = stdout === undefined ? undefined : openSync(stdout, "w");
  const result = spawnSync(process.execPath, [ALTMAP, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: "/dev/null", ...env },
    stdio: ["pipe", file ?? "pipe", "pipe"],
    ...options,
  });
  if (file !== undefined) closeSync(file);
  return { status: result.status, stdout: result.stdout ?? "", stderr: result.stderr };
}
