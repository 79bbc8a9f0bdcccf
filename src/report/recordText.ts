import { InputError, nearestName } from "../errors.ts";
import { MISSING_ALWAYS, type RecordTool, recordTools, stateCommands } from "../recording/recordCommands.ts";

const MAX_DURATION_S = 24 * 3600;

/** JSON of `altmap record`. */
export interface RecordDocument {
  readonly schema: "altmap/record-v1";
  readonly duration_s: number;
  readonly before: readonly string[];
  readonly tools: readonly RecordTool[];
  readonly after: readonly string[];
  readonly missing: readonly string[];
}

/** @error InputError for a duration that is none or out of bounds, and for an unknown tool */
export function recordDocument(duration: string, tool: string | undefined): RecordDocument {
  const durationS = parseDuration(duration);
  const all = recordTools(durationS);
  const tools = tool === undefined ? all : all.filter((each) => each.tool === tool);
  if (tools.length === 0) {
    const names = all.map((each) => each.tool);
    const near = nearestName(tool ?? "", names);
    throw new InputError({
      what: `no recorder is named "${tool}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      where: "--tool",
      expected: `one of ${names.join(", ")}`,
    });
  }
  return {
    schema: "altmap/record-v1",
    duration_s: durationS,
    before: stateCommands("before"),
    tools,
    after: stateCommands("after"),
    missing: MISSING_ALWAYS,
  };
}

function parseDuration(text: string): number {
  const match = /^(\d{1,6})(s|m|h)?$/.exec(text.trim());
  const seconds = match === null ? Number.NaN : Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] ?? "s"]!;
  if (!(seconds >= 1 && seconds <= MAX_DURATION_S)) {
    throw new InputError({
      what: `"${text.slice(0, 40)}" is not a time to record`,
      where: "--duration",
      expected: "1s to 24h: a whole number with s, m or h",
      example: "--duration 5m",
    });
  }
  return seconds;
}

/** `altmap record` for people: commands can be pasted, all else is a comment. */
export function recordText(document: RecordDocument): string {
  const lines = [
    `# Records the page allocations of the whole host for ${document.duration_s} s. Run as root, in an empty folder.`,
    "# Nothing has been run.",
    "",
    "# What no event tells: state before",
    ...document.before,
  ];
  for (const { tool, needs, commands, missing } of document.tools) {
    lines.push("", `# ${document.tools.length > 1 ? "Either " : ""}${tool} (needs ${needs})`, ...commands);
    for (const lack of missing) lines.push(`#   lacks: ${lack}`);
  }
  lines.push("", "# State after", ...document.after, "", "# The result will not hold");
  for (const lack of document.missing) lines.push(`#   - ${lack}`);
  return `${lines.join("\n")}\n`;
}
