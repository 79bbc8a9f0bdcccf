import { InputError, nearestName } from "../../errors.ts";
import { looksLikeLatMemRd, parseLatMemRd } from "./lmbench.ts";
import { type FormatId, formatIds, type Measurements } from "./measured.ts";
import { looksLikeMlc, parseMlc } from "./mlc.ts";
import { looksLikeMultichase, looksLikeMultiload, parseMultichase, parseMultiload } from "./multichase.ts";
import { looksLikeCxlList, looksLikeDaxctlList, looksLikeJson, parseCxlList, parseDaxctlList } from "./ndctl.ts";
import { looksLikeNumactl, parseNumactl } from "./numactl.ts";
import { quote, readTextSource, type TextSource } from "./text.ts";

interface TextFormat {
  readonly id: FormatId;
  readonly looksLike: (source: TextSource) => boolean;
  readonly parse: (source: TextSource, partial: boolean) => Measurements;
}

/** In order of how sure the mark of a format is: one bare number (multichase) comes last. */
const textFormats: readonly TextFormat[] = [
  { id: "mlc", looksLike: looksLikeMlc, parse: parseMlc },
  { id: "multiload", looksLike: looksLikeMultiload, parse: parseMultiload },
  { id: "lat-mem-rd", looksLike: looksLikeLatMemRd, parse: parseLatMemRd },
  { id: "numactl", looksLike: looksLikeNumactl, parse: parseNumactl },
  { id: "daxctl-list", looksLike: looksLikeDaxctlList, parse: parseDaxctlList },
  { id: "cxl-list", looksLike: looksLikeCxlList, parse: parseCxlList },
  { id: "multichase", looksLike: looksLikeMultichase, parse: parseMultichase },
];

/**
 * Reads one measurement file, in the format it shows by itself or in the one the user names.
 *
 * @error InputError for a file that cannot be read, is empty, or is of no known format
 */
export function importFile(file: string, format: string | undefined, partial: boolean): Measurements {
  return importToolOutput(readTextSource(file), format, partial);
}

export function importToolOutput(source: TextSource, format: string | undefined, partial: boolean): Measurements {
  if (source.text.trim() === "") throw new InputError({ what: "is empty", where: source.file, expected: EXPECTED });
  if (format !== undefined) return formatNamed(format).parse(source, partial);
  const found = textFormats.find((candidate) => candidate.looksLike(source));
  if (found) return found.parse(source, partial);
  // Broken JSON shows no key: let the JSON reader say where it breaks.
  if (looksLikeJson(source)) return parseCxlList(source);
  const first = source.lines.find((line) => line.trimmed !== "");
  throw new InputError({
    what: `is of no known format: it begins ${quote(first?.trimmed ?? "")}`,
    where: `${source.file}:${first?.number ?? 1}`,
    expected: EXPECTED,
    example: "altmap profiles import mlc.txt --format mlc",
  });
}

const EXPECTED =
  "the unchanged output of Intel MLC, multichase, multiload, lat_mem_rd, cxl list, daxctl list or numactl -H";

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
