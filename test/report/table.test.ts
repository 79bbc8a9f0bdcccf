import { describe, expect, it } from "vitest";
import { roundNs, roundRatio } from "../../src/report/numbers.ts";
import { csvTable, markdownTable, type Table, textTable } from "../../src/report/table.ts";
import { grouped } from "../../src/units.ts";

const table: Table = {
  columns: [
    { title: "device", align: "left" },
    { title: "ns", align: "right" },
  ],
  rows: [
    ["cxl", "279"],
    ['a "quoted", one|', "7"],
  ],
};

describe("one table", () => {
  it("as text: aligned, no trailing spaces", () => {
    expect(textTable(table)).toBe('device             ns\ncxl               279\na "quoted", one|    7');
  });

  it("as Markdown: pipes escaped", () => {
    expect(markdownTable(table)).toBe('| device | ns |\n| --- | ---: |\n| cxl | 279 |\n| a "quoted", one\\| | 7 |');
  });

  it("as CSV: quoted where it must be", () => {
    expect(csvTable(table)).toBe('device,ns\ncxl,279\n"a ""quoted"", one|",7\n');
  });
});

describe("numbers", () => {
  it("carry no false digits", () => {
    expect([roundNs(1234.56), roundNs(0.12345), roundRatio(1.00000049)]).toEqual([1235, 0.123, 1]);
    expect(grouped(1234567)).toBe("1,234,567");
  });
});
