// kill -9 at random moments, of one process and of two that share a folder and a cache.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ALTMAP, altmap, check, ENV, FOLDER, same } from "./tools.ts";

/** Kills of one folder; then another, with one writer or with two. */
const KILLS_A_ROUND = 10;

const linesOf = (folder: string): string[] => {
  try {
    return readdirSync(join(folder, "parts")).flatMap((name) =>
      readFileSync(join(folder, "parts", name), "utf8")
        .split("\n")
        .slice(0, -1),
    );
  } catch {
    return [];
  }
};

/** One process in a group of its own, so that a kill takes its threads and nothing else. */
function start(sweep: string, folder: string, cache: string) {
  const child = spawn(process.execPath, [ALTMAP, "sweep", sweep, "-o", folder, "--workers", "1"], {
    env: { ...ENV, XDG_CACHE_HOME: cache },
    stdio: "ignore",
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.on("close", (_status, signal) => done(signal)));
  return { child, ended };
}

export async function killCheck(sweep: string, expected: string, nrKills: number): Promise<string> {
  // Moments that any run may have: drawn, but the same in each run of this suite.
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  // How long an undisturbed run takes here: kills come at any moment of it.
  const begin = performance.now();
  await start(sweep, join(FOLDER, "undisturbed"), join(FOLDER, "cache-undisturbed")).ended;
  const wholeMs = performance.now() - begin;
  let killed = 0;
  let torn = 0;
  let rounds = 0;
  for (let round = 0; killed < nrKills; round++) {
    const folder = join(FOLDER, `killed-${round}`);
    const cache = join(FOLDER, `cache-${round}`);
    rounds++;
    const enough = Math.min(nrKills, killed + KILLS_A_ROUND);
    for (let isDone = false; !isDone && killed < enough; ) {
      // Every other round has two writers of one folder and one cache.
      const writers = Array.from({ length: 1 + (round % 2) }, () => start(sweep, folder, cache));
      const timers = writers.map(({ child }) => setTimeout(() => child.kill("SIGKILL"), wholeMs * random()));
      const signals = await Promise.all(writers.map(({ ended }) => ended));
      timers.forEach(clearTimeout);
      killed += signals.filter((signal) => signal === "SIGKILL").length;
      isDone = signals.includes(null);
      for (const line of linesOf(folder)) JSON.parse(line);
      torn += readParts(folder).filter((text) => text !== "" && !text.endsWith("\n")).length;
    }
    altmap("sweep", sweep, "-o", folder);
    same(folder, expected);
    const points = linesOf(folder).map((line) => (JSON.parse(line) as { readonly point: number }).point);
    if (round % 2 === 0) check(new Set(points).size === points.length, "a point was done twice");
    rmSync(folder, { recursive: true });
    rmSync(cache, { recursive: true, force: true });
  }
  return `${killed} processes killed in ${rounds} sweeps (every other with two writers of one folder and one cache), ${torn} torn last lines; the same bytes in the end, no point of one writer twice`;
}

function readParts(folder: string): string[] {
  try {
    return readdirSync(join(folder, "parts")).map((name) => readFileSync(join(folder, "parts", name), "utf8"));
  } catch {
    return [];
  }
}
