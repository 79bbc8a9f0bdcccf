import { describe, expect, it } from "vitest";
import { TraceText } from "../../src/recording/import/traceText.ts";
import { text } from "./eventLines.ts";
import { importText } from "./importTrace.ts";

describe("memory", () => {
  it("does not grow with the text", () => {
    const piece = Buffer.from(text(5_000), "latin1");
    const trace = new TraceText("long", {});
    const feed = (times: number): void => {
      for (let i = 0; i < times; i++) {
        for (let at = 0; at < piece.length; ) {
          at = trace.read(piece, at);
          if (trace.isFull) trace.take();
        }
      }
    };
    feed(20);
    const before = process.memoryUsage();
    feed(60);
    const after = process.memoryUsage();
    expect(trace.report.lines).toBe(400_000);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1e6);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(60e6);
  });

  it("is bounded where a trace names pages everywhere", () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => `x-1 [000] 1.0: mm_page_free: pfn=${i * 32_768} order=0\n`);
    const { report } = importText(lines.join(""));
    expect(report).toMatchObject({ events: 40_000, audit: { freesWithoutAllocation: 40_000 } });
    expect(report.audit.untracked).toBeGreaterThan(0);
    const wide = importText("x-1 [000] 1.0: mm_page_free: pfn=0xfffffff00000 order=20\n");
    expect(wide.report.events).toBe(1);
  });
});
