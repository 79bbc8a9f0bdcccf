import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importFile, importToolOutput } from "../../src/machine/import/detect.ts";
import { textSource } from "../../src/machine/import/text.ts";

export const dataDir = new URL("data/", import.meta.url).pathname;

export const sample = (name: string) => importFile(join(dataDir, name), undefined, false);

export const text = (name: string): string => readFileSync(join(dataDir, name), "utf8");

export const importSource = (content: string, partial = false) =>
  importToolOutput(textSource("f.txt", content), undefined, partial);
