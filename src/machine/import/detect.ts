import { InputError, nearestName } from "../../errors.ts";
import { looksLikeJson } from "./json.ts";
import { looksLikeLatMemRd, parseLatMemRd } from "./lmbench.ts";
import { looksLikeLsmem, parseLsmem } from "./lsmem.ts";
import { looksLikeLstopo, parseLstopo } from "./lstopo.ts";
import { type FormatId, formatIds, type Measurements } from "./measured.ts";
import { looksLikeMlc, parseMlc } from "./mlc.ts";
import { looksLikeMultichase, looksLikeMultiload, parseMultichase, parseMultiload } from "./multichase.ts";
import { parseToolJson } from "./ndctl.ts";
import { looksLikeNumactl, parseNumactl } from "./numactl.ts";
import { refuseKnownOther } from "./otherFiles.ts";
import { quote, readTextSource, type TextSource } from "./text.ts";

interface TextFormat {
  readonly id: FormatId;
  readonly looksLike: (source: TextSource) => boolean;
  readonly parse: (source: TextSource, partial: boolean) => Measurements;
}

/** In order of how sure the mark of a format is: one bare number (multichase) comes last. */
const textFormats: readonly TextFormat[] = [
  { id: "mlc", looksLike: looksLikeMlc, parse: parseMlc },
  { id: "lstopo", looksLike: looksLikeLstopo, parse: parseLstopo },
  { id: "multiload", looksLike: looksLikeMultiload, parse: parseMultiload },
  { id: "lat-mem-rd", looksLike: looksLikeLatMemRd, parse: parseLatMemRd },
  { id: "numactl", looksLike: looksLikeNumactl, parse: parseNumactl },
  { id: "lsmem", looksLike: looksLikeLsmem, parse: parseLsmem },
  { id: "multichase", looksLike: looksLikeMultichase, parse: parseMultichase },
  // The objects of JSON say which tool printed them, whichever of these is named.
  { id: "daxctl-list", looksLike: looksLikeJson, parse: parseToolJson },
  { id: "cxl-list", looksLike: looksLikeJson, parse: parseToolJson },
  { id: "ndctl-list", looksLike: looksLikeJson, parse: parseToolJson },
];

/**
 * Reads one measurement file, in the format it shows by itself or in the one the user names.
 *
 * @error InputError for a file that cannot be read, is empty, or is of no known format
 */
export function importFile(file: string, format: string | undefined, partial: boolean): Measurements {
  return importToolOutput(readTextSource(file), format, partial);
}

/**
 * Reads the output of a measuring or listing tool.
 *
 * @param format undefined: as the text shows
 * @param partial whole rows of a file that was cut short
 * @error InputError naming file and line
 */
export function importToolOutput(source: TextSource, format: string | undefined, partial: boolean): Measurements {
  if (source.text.trim() === "") {
    throw new InputError({
      what: "is empty (cxl list, daxctl list and ndctl list print nothing where there is no such device)",
      where: source.file,
      expected: EXPECTED,
    });
  }
  if (format !== undefined) return formatNamed(format).parse(source, partial);
  const found = textFormats.find((candidate) => candidate.looksLike(source));
  // The kernel's log begins with a bracket too.
  if (found === undefined || found.parse === parseToolJson) refuseKnownOther(source);
  if (found) return found.parse(source, partial);
  const first = source.lines.find((line) => line.trimmed !== "");
  throw new InputError({
    what: `is of no known format: it begins ${quote(first?.trimmed ?? "")}`,
    where: `${source.file}:${first?.number ?? 1}`,
    expected: EXPECTED,
    example: "altmap profiles import mlc.txt --format mlc",
  });
}

const EXPECTED =
  "the unchanged output of Intel MLC, multichase, multiload, lmbench, cxl list, daxctl list, ndctl list, numactl -H, lsmem or lstopo --of xml";

function formatNamed(name: string): TextFormat {
  const found = textFormats.find((candidate) => candidate.id === name);
  if (found) return found;
  const names = formatIds.filter((id) => id !== "sysfs");
  const near = nearestName(name, names);
  throw new InputError({
    what: `there is no format ${quote(name)}${near === undefined ? "" : `; did you mean ${near}?`}`,
    expected: names.join(", "),
  });
}
