import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { altmap } from "./cli/run.ts";
import { BLOCKS, withBlock } from "./readme.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it.each(BLOCKS)("README.md shows what altmap prints now (npm run readme): $name", (block) => {
  expect(readme).toContain(`altmap ${block.command.join(" ")}`);
  expect(withBlock(readme, block, altmap([...block.command]).stdout)).toBe(readme);
});

it("README.md names only commands that exist", () => {
  const help = altmap(["--help"]).stdout;
  const verbs = [...readme.matchAll(/`altmap ([a-z]+)/g)].map((match) => match[1] ?? "");
  expect(verbs.length).toBeGreaterThan(5);
  for (const verb of new Set(verbs)) expect(help).toMatch(new RegExp(`^ {2}${verb}\\b`, "m"));
});
