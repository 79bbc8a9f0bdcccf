/** What a file is that is no text of one byte a character, and a command that makes something readable of it. */
export interface BinaryKind {
  /** After "is". */
  readonly what: string;
  readonly expected?: string;
  /** Undefined where nothing of it is of use here. */
  readonly example?: (path: string) => string;
}

type Row = readonly [string, string, ((path: string) => string)?];

const unpacked = (command: string) => (path: string) => `${command} ${path} | altmap import -`;
const perfScript = (path: string): string => `perf script -i ${path} --ns > trace.txt`;
const babeltrace = (): string => "babeltrace2 FOLDER > trace.txt (the folder of the trace, where its metadata lies)";

/** First bytes -> what it is, and how to make text of it. */
const MAGICS: readonly Row[] = [
  ["PERFILE2", "a binary perf.data, not text", perfScript],
  ["2ELIFREP", "a binary perf.data, not text", perfScript],
  ["\x17\x08Dtracing", "a binary trace.dat, not text", (path) => `trace-cmd report -t -i ${path} > trace.txt`],
  ["\xc1\x1f\xfc\xc1", "a stream of a CTF trace (LTTng), not text", babeltrace],
  ["\xc1\xfc\x1f\xc1", "a stream of a CTF trace (LTTng), not text", babeltrace],
  ["\x75\xd1\x1d\x57", "the metadata of a CTF trace (LTTng)", babeltrace],
  ["\xd1\x1d\x57\x75", "the metadata of a CTF trace (LTTng)", babeltrace],
  ["\x57\x1d\xd1\x75", "the metadata of a CTF trace (LTTng)", babeltrace],
  ["/* CTF 1.", "the metadata of a CTF trace (LTTng)", babeltrace],
  ["\x28\xb5\x2f\xfd", "compressed with zstd, not text", unpacked("zstd -dc")],
  ["\xfd7zXZ", "compressed with xz, not text", unpacked("xz -dc")],
  ["\x1f\x8b", "compressed twice, not text", unpacked("zcat")],
  ["\x04\x22\x4d\x18", "compressed with lz4, not text", unpacked("lz4 -dc")],
  ["\x02\x21\x4c\x18", "compressed with lz4, not text", unpacked("lz4 -dc")],
  ["PK\x03\x04", "a zip archive, not text", unpacked("unzip -p")],
  ["BZh", "compressed with bzip2, not text", unpacked("bzip2 -dc")],
  ["\x1f\x9d", "compressed with compress, not text", unpacked("zcat")],
  ["LZIP", "compressed with lzip, not text", unpacked("lzip -dc")],
  ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive, not text", unpacked("7z x -so")],
  ["\xd4\xc3\xb2\xa1", "a capture of network packets (pcap)"],
  ["\xa1\xb2\xc3\xd4", "a capture of network packets (pcap)"],
  ["\x4d\x3c\xb2\xa1", "a capture of network packets (pcap)"],
  ["\xa1\xb2\x3c\x4d", "a capture of network packets (pcap)"],
  ["\x0a\x0d\x0d\x0a", "a capture of network packets (pcapng)"],
  ["\x7fELF", "a program or a core file (ELF)"],
  ["KDUMP   ", "a dump of a kernel's memory (makedumpfile)"],
  ["SQLite format 3\0", "a database (SQLite)"],
  ["PAR1", "a table in Parquet"],
  ["%PDF-", "a PDF"],
  ["\x89PNG", "a picture (PNG)"],
];

/** A byte order mark, or Latin letters with zeros between. */
const WIDE_TEXT: readonly (readonly [RegExp, string])[] = [
  [/^(\xff\xfe\0\0|\0\0\xfe\xff|[^\0]\0\0\0[^\0]\0\0\0)/, "UTF-32"],
  [/^\xff\xfe|^([^\0]\0){6}/, "UTF-16LE"],
  [/^\xfe\xff|^(\0[^\0]){6}/, "UTF-16BE"],
];

/** TracePacket after TracePacket, each with tag 1 and its length, and in the first a tag of one of its fields. */
const PERFETTO = /^\x0a(?:[\x01-\x7f]|[\x80-\xff][\x01-\x7f]|[\x80-\xff]{2}[\x01-\x7f])[\x08-\xff]/;
/** Where a tar archive says what it is. */
const TAR_MAGIC_AT = 257;

/**
 * What the first bytes of a file, one a character, show by their magic; undefined for what has none.
 *
 * @param leastBytes a magic of fewer bytes does not count
 */
export function magicKind(head: string, leastBytes = 1): BinaryKind | undefined {
  const found = MAGICS.find(([magic]) => magic.length >= leastBytes && head.startsWith(magic));
  if (found !== undefined) return { what: found[1], ...(found[2] === undefined ? {} : { example: found[2] }) };
  if (leastBytes > 1) return undefined;
  const wide = WIDE_TEXT.find(([pattern]) => pattern.test(head));
  if (wide !== undefined)
    return {
      what: `is ${wide[1]} text`.slice(3),
      expected: "one byte a character, as the tools print it",
      example: (path) => `iconv -f ${wide[1]} -t UTF-8 ${path} | altmap import -`,
    };
  if (head.startsWith("ustar", TAR_MAGIC_AT)) return { what: "a tar archive, not text", example: unpacked("tar -xOf") };
  if (PERFETTO.test(head) && head.includes("\0"))
    return {
      what: "binary, perhaps a Perfetto trace, not text",
      example: (path) => `traceconv systrace ${path} trace.txt`,
    };
  return undefined;
}
