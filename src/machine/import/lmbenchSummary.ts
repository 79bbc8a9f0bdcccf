import { type Measurements, pathBetween } from "./measured.ts";
import type { RunLog } from "./runs.ts";
import { atLine, MAX_BANDWIDTH_MB_PER_S, MAX_LATENCY_NS, MB_PER_S, positiveNumber, type TextSource } from "./text.ts";

const LATENCIES = /^Memory latencies in nanoseconds/;
const BANDWIDTHS = /^\*Local\* Communication bandwidths in MB\/s/;

/**
 * Reads the summary of lmbench (`make see`): of its tables, the one of memory latencies (main memory by stride, and
 * since lmbench 3 at random) and the last two columns of local bandwidths (memory read and write, one process).
 * Host and system are 9 and 13 characters wide, the rest is numbers; a dash means that nothing was measured.
 */
export function readSummary(source: TextSource, into: Measurements, runs: RunLog): void {
  let table: "latency" | "bandwidth" | undefined;
  let ruled = false;
  let columns = 0;
  for (const line of source.lines) {
    if (LATENCIES.test(line.trimmed) || BANDWIDTHS.test(line.trimmed)) {
      table = LATENCIES.test(line.trimmed) ? "latency" : "bandwidth";
      ruled = false;
      continue;
    }
    if (table === undefined) continue;
    if (/^-+\s+-+/.test(line.trimmed)) {
      ruled = true;
      columns = line.fields.length;
      continue;
    }
    if (!ruled) continue;
    if (line.trimmed === "" || line.text.length < 24) {
      if (line.trimmed === "") table = undefined;
      continue;
    }
    const at = atLine(source, line);
    // "24.6" of ns, "1099." of MB/s; a guess in words may follow.
    const numbers = line.text
      .slice(23)
      .trim()
      .split(/\s+/)
      .filter((text) => /^(-|\d+\.?\d*)$/.test(text))
      .map((text) => text.replace(/\.$/, ""));
    if (table === "latency") {
      // Mhz, L1, L2, main memory, and with seven columns in the rule random memory.
      const [main, random] = [numbers[3], columns >= 8 ? numbers[4] : undefined];
      const isRandom = random !== undefined && random !== "-";
      const text = isRandom ? random : main;
      if (text === undefined || text === "-") continue;
      const how = `lmbench summary, ${isRandom ? "random" : "strided"} main memory`;
      const value = positiveNumber(text, at, "latency", MAX_LATENCY_NS);
      runs.latency(pathBetween(into), { value, at, how, rank: isRandom ? 2 ** 40 : 0 });
    } else {
      const [read, write] = numbers.slice(-2);
      if (numbers.length < 9 || read === undefined || write === undefined) continue;
      record("read", read);
      record("write", write);
    }
    function record(mix: string, text: string): void {
      if (text === "-") return;
      const value = positiveNumber(text, at, "bandwidth", MAX_BANDWIDTH_MB_PER_S) * MB_PER_S;
      runs.bandwidth(pathBetween(into), mix, { value, at, how: `lmbench summary, memory ${mix}, one process` });
    }
  }
  if (looksLikeSummary(source)) {
    into.notes.push("lmbench's summary gives bandwidths of one process: the memory's peak may be higher");
  }
}

/** Whether the text has the table of latencies of lmbench's summary. */
export function looksLikeSummary(source: TextSource): boolean {
  return source.lines.some((line) => LATENCIES.test(line.trimmed));
}
