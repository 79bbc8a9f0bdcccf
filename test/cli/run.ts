import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const ALTMAP = fileURLToPath(new URL("../../dist/cli/altmap.js", import.meta.url));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line, as a user would. */
export function altmap(args: readonly string[], options: { cwd?: string; input?: string } = {}): Run {
  const result = spawnSync(process.execPath, [ALTMAP, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: "1" },
    ...options,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}
