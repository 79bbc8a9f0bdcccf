import { liveWholeDevice } from "../../src/count/hotplug/wholeDevice.ts";
import { GIB, MIB, TIB } from "../../src/units.ts";
import type { NativeProgram } from "../native/build.ts";
import type { Case, Row, Suite, SuiteOptions } from "../suite.ts";

const PAGE_BYTES = 4096;
const WASM = "WASM";
const NATIVE = "native C, same passes";
const MEMSET = "memset";

const CACHES = {
  l1: { bytes: 32 * 1024, ways: 8 },
  l2: { bytes: MIB, ways: 16 },
  llc: { bytes: 32 * MIB, ways: 16 },
};

export const streamSuite: Suite = {
  name: "stream",
  question: "How long does it take to add, online, offline and remove a whole device?",
  compares:
    "WASM: every struct page initialised, freed, isolated and scanned in memory, in windows of one block and chunk by " +
    "chunk, every touch counted through the caches, contiguity walks included (blocks whose counts form a series are " +
    "counted as one, which tests compare with walking all); native C: the same passes over as many pages in the same " +
    "windows and chunks, no counting; memset: 64 bytes a page over 1 GiB again and again.",
  doesNotShow: "lists and state of each block as the full walk keeps them. Checksum: pages.",
  async cases(options) {
    const native = await options.native("memmap.c");
    const sizes: [string, number, number, number][] = options.smoke
      ? [["256 MiB in 128 MiB blocks", 256 * MIB, 128 * MIB, 1]]
      : [
          ["1 GiB in 128 MiB blocks", GIB, 128 * MIB, 21],
          ["16 GiB in 2 GiB blocks", 16 * GIB, 2 * GIB, 11],
          ["16 GiB in 128 MiB blocks", 16 * GIB, 128 * MIB, 11],
          ["1 TiB in 2 GiB blocks", TIB, 2 * GIB, 4],
          ["1 TiB in 128 MiB blocks", TIB, 128 * MIB, 1],
          ["16 TiB in 2 GiB blocks", 16 * TIB, 2 * GIB, 1],
        ];
    return sizes.map(([name, bytes, blockBytes, rounds]) =>
      deviceCase(name, bytes, blockBytes, rounds, native, options),
    );
  },
};

function deviceCase(
  name: string,
  bytes: number,
  blockBytes: number,
  rounds: number,
  native: NativeProgram | undefined,
  { smoke }: SuiteOptions,
): Case {
  const nrPages = bytes / PAGE_BYTES;
  const blockPages = blockBytes / PAGE_BYTES;
  const nrBlocks = bytes / blockBytes;
  let walked = 0;
  const wasm: Row = {
    name: WASM,
    run: () => {
      const phases = liveWholeDevice({
        kernel: "6.12",
        blockPages,
        nrBlocks,
        caches: CACHES,
        selfHosted: true,
        events: ["add", "online", "offline", "remove"],
      });
      walked = phases.find((phase) => phase.event === "online")?.nrPages ?? 0;
    },
    checksum: () => `${walked} pages`,
  };
  const rows = [wasm];
  if (native) {
    const passes = [`life ${blockPages} ${nrBlocks}`];
    rows.push(nativeRow(NATIVE, native, passes, nrPages));
    const memsetPages = Math.min(nrPages, (smoke ? 64 * MIB : GIB) / 64);
    rows.push(nativeRow(MEMSET, native, [`memset ${memsetPages} ${nrPages / memsetPages}`], nrPages));
  }
  return { name, work: nrPages, unit: "pages", against: [NATIVE, MEMSET], rows, rounds };
}

function nativeRow(name: string, program: NativeProgram, commands: readonly string[], nrPages: number): Row {
  const run = async () => {
    let elapsedMs = 0;
    for (const command of commands) elapsedMs += (await program.run(command)).elapsedMs;
    return { elapsedMs };
  };
  return { name, run, checksum: () => `${nrPages} pages` };
}
