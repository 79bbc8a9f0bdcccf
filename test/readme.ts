// `npm run readme`: writes what the built command line prints between the markers of README.md.
import "../src/node/install.ts";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** What README.md shows of the command line: between which markers, of which command, and which part of its output. */
export interface ReadmeBlock {
  readonly name: string;
  readonly command: readonly string[];
  readonly excerpt: (output: string) => string;
}

export const BLOCKS: readonly ReadmeBlock[] = [
  {
    name: "answer",
    command: ["answer"],
    /** The question, the summary and one device. */
    excerpt: (output) => {
      const parts = output.split("\n\n");
      return [...parts.slice(0, 3), ...parts.filter((part) => part.startsWith("cxl-samsung-mxp-genoa ")), "..."].join(
        "\n\n",
      );
    },
  },
  {
    name: "footprint",
    command:
      "answer --device cxl-samsung-mxp-genoa --footprint 1GiB 64GiB --workload wl_redis_set_30k_1k fork exit reclaim offline churn".split(
        " ",
      ),
    excerpt: (output) => output.split("\n\n").find((part) => part.startsWith("By footprint")) ?? "",
  },
];

/** README.md with the pasted output of a block replaced. */
export function withBlock(readme: string, { name, excerpt }: ReadmeBlock, output: string): string {
  const start = new RegExp(`<!-- ${name}:start[^>]*-->\\n`).exec(readme);
  const end = readme.indexOf(`<!-- ${name}:end -->`);
  if (start === null || end < 0) throw new Error(`README.md has lost its markers of ${name}`);
  const shown = `\n\`\`\`\n${excerpt(output).trimEnd()}\n\`\`\`\n\n`;
  return readme.slice(0, start.index + start[0].length) + shown + readme.slice(end);
}

if (process.argv[2] === "--write") {
  for (const block of BLOCKS) {
    const output = execFileSync(process.execPath, ["dist/cli/altmap.js", ...block.command], { encoding: "utf8" });
    writeFileSync("README.md", withBlock(readFileSync("README.md", "utf8"), block, output));
  }
}
