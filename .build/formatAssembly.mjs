// Formats and sorts imports over assembly/ as Biome does over the rest. AssemblyScript's decorators on functions are no
// TypeScript, so Biome sees them as comments. `--check` changes nothing, names what is not formatted and fails.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const SOURCE = "assembly";
const hide = (text) => text.replace(/^( *)@(inline|unmanaged|final)$/gm, "$1//@$2");
const show = (text) => text.replace(/^( *)\/\/@(inline|unmanaged|final)$/gm, "$1@$2");

const work = mkdtempSync(join(tmpdir(), "altmap-format-"));
try {
  cpSync(SOURCE, work, { recursive: true });
  const names = readdirSync(work, { recursive: true }).filter((name) => name.endsWith(".ts"));
  for (const name of names) writeFileSync(join(work, name), hide(readFileSync(join(work, name), "utf8")));
  const { formatter, javascript } = JSON.parse(readFileSync(".biome.json", "utf8"));
  writeFileSync(join(work, "biome.json"), JSON.stringify({ formatter, javascript, linter: { enabled: false } }));
  const biome = resolve("node_modules/.bin/biome");
  const { status, stdout, stderr } = spawnSync(biome, ["check", "--write", "."], { cwd: work, encoding: "utf8" });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  const changed = names.filter((name) => {
    const formatted = show(readFileSync(join(work, name), "utf8"));
    if (formatted === readFileSync(join(SOURCE, name), "utf8")) return false;
    if (!process.argv.includes("--check")) writeFileSync(join(SOURCE, name), formatted);
    return true;
  });
  for (const name of changed) console.error(`${SOURCE}/${name}`);
  if (changed.length > 0 && process.argv.includes("--check")) {
    console.error("not formatted: npm run format");
    process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true });
}
