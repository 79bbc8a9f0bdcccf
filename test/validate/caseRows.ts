import { parseCases } from "../../src/validate/caseFile.ts";
import { validate } from "../../src/validate/validate.ts";

export const parse = (changes: object) =>
  parseCases(
    JSON.stringify([
      {
        id: "x",
        source: "a mail",
        date: "2024-05",
        platform: "AMD EPYC 9354P",
        medium: "dram",
        placement: "dram",
        operation: "something",
        pages: 1 << 20,
        threads: 1,
        time_ms: 100,
        use: "check",
        ...changes,
      },
    ]),
    "mine.json",
  );

export const model = (operation: string, more: object = {}) => ({
  operation,
  quantity: "whole-ns",
  bound: "none",
  ...more,
});

export const of = (changes: object) => validate(parse(changes), "mine.json");
