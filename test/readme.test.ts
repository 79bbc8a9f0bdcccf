import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { altmap } from "./cli/run.ts";
import { excerpt, withAnswer } from "./readme.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("README.md shows what altmap answer prints now (npm run readme)", () => {
  expect(withAnswer(readme, excerpt(altmap(["answer"]).stdout))).toBe(readme);
});

it("README.md names only commands that exist", () => {
  const help = altmap(["--help"]).stdout;
  const verbs = [...readme.matchAll(/`altmap ([a-z]+)/g)].map((match) => match[1] ?? "");
  expect(verbs.length).toBeGreaterThan(5);
  for (const verb of new Set(verbs)) expect(help).toMatch(new RegExp(`^ {2}${verb}\\b`, "m"));
});
