// `npm run readme`: writes what the built command line prints between the markers of README.md.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const START = /<!-- answer:start[^>]*-->\n/;
const END = "<!-- answer:end -->";

/** README.md with its pasted answer replaced by `output`. */
export function withAnswer(readme: string, output: string): string {
  const start = START.exec(readme);
  const end = readme.indexOf(END);
  if (start === null || end < 0) throw new Error("README.md has lost its answer markers");
  return `${readme.slice(0, start.index + start[0].length)}\n\`\`\`\n${output.trimEnd()}\n\`\`\`\n\n${readme.slice(end)}`;
}

/** The part of the answer that README.md shows: the question, the summary and one device. */
export function excerpt(answer: string): string {
  const parts = answer.split("\n\n");
  return [...parts.slice(0, 3), ...parts.filter((part) => part.startsWith("cxl-samsung-mxp-genoa ")), "..."].join(
    "\n\n",
  );
}

if (process.argv[2] === "--write") {
  const answer = execFileSync(process.execPath, ["dist/cli/altmap.js", "answer"], { encoding: "utf8" });
  writeFileSync("README.md", withAnswer(readFileSync("README.md", "utf8"), excerpt(answer)));
}
