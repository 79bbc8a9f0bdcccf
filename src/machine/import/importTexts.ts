import { importToolOutput } from "./detect.ts";
import type { FormatId } from "./measured.ts";
import { textSource } from "./text.ts";
import { type Imported, type ImportOptions, importedProfiles } from "./toProfiles.ts";

/** The output of one tool, as it was printed. */
export interface ToolOutput {
  /** What errors and notes call it: the file's name, where it had one. */
  readonly where: string;
  readonly text: string;
  /** @default what the text shows by itself */
  readonly format?: FormatId;
  /** Take the whole rows of a text that was cut short. @default false */
  readonly partial?: boolean;
}

/**
 * Device profiles of what tools printed: Intel MLC, multichase, multiload, lat_mem_rd, cxl list, daxctl list, ndctl
 * list, numactl -H, lsmem. All texts are of one machine: what one lacks another may say.
 *
 * ```ts
 * const { devices, notes } = importProfiles([{ where: "mlc.txt", text }], { node: 2, medium: "cxl" });
 * ```
 *
 * @returns latencies in ns, bandwidths in GB/s (1e9 bytes), each with range, level and the line it comes from
 * @error InputError naming text and line, or the value that no text gives and the tool that measures it
 */
export function importProfiles(outputs: readonly ToolOutput[], options: ImportOptions = {}): Imported {
  const read = outputs.map(({ where, text, format, partial }) =>
    importToolOutput(textSource(where, text), format, partial === true),
  );
  return importedProfiles(read, options);
}
