import { Hotplug } from "../../src/wasm/memmap.ts";
import type { NativeProgram, NativeResult } from "../native/build.ts";
import type { Case, Row, Suite } from "../suite.ts";
import { checksumOf, free, init, isolation, pageblock, poison, scan } from "./memmapTypescript.ts";

const WASM = "WASM";
const TYPESCRIPT = "TypeScript";
const NATIVE = "native C";
const MEMSET = "native memset";

const START_PFN = 0x100000;
const SECTION_PAGES = 32768;
const WORDS = 16;

/** 256 KiB of struct pages: in L2. 256 MiB: beyond every cache of the hosts that we know. */
const SIZES = [
  { label: "in cache", nrPages: 4096, smokePages: 1024 },
  { label: "beyond the caches", nrPages: 4 * 1024 * 1024, smokePages: 2048 },
] as const;

const PASSES = ["init", "poison", "free", "isolation", "scan"] as const;
type Pass = (typeof PASSES)[number] | "pageblock";

const RANGE_PASSES = { init, poison, free, isolation, scan } as const;

const TITLES: Readonly<Record<Pass, string>> = {
  init: "memmap init",
  poison: "poison",
  free: "free pass",
  isolation: "isolation scan",
  scan: "scan_movable",
  pageblock: "pageblock flags",
};

export const memmapSuite: Suite = {
  name: "memmap",
  question: "How many struct pages a second do the per-pfn passes of hotplug handle?",
  compares:
    "WASM (v128 stores in init), plain TypeScript on a Uint32Array, native C (-O3 -march=native, plain stores), and " +
    "memset of the same bytes beside init. 64-byte struct pages of 6.12; scans find nothing, as in an idle block.",
  doesNotShow: "lists, accounting, the cache hierarchy, or crossings into WASM: one call does a whole range.",
  async cases(options) {
    const native = await options.native("memmap.c");
    const largest = options.smoke ? SECTION_PAGES : 4 * 1024 * 1024;
    const bench = new MemmapBench(largest, native);
    const cases = SIZES.flatMap(({ label, nrPages, smokePages }) =>
      PASSES.map((pass) => bench.case(pass, label, options.smoke ? smokePages : nrPages)),
    );
    // 16 bytes for 512 pages: 16 GiB of pages in 128 KiB of pageblocks.
    return [...cases, bench.case("pageblock", "in cache", largest)];
  },
};

class MemmapBench {
  readonly #hotplug: Hotplug;
  readonly #window: Uint32Array;
  readonly #words: Uint32Array;
  readonly #pageblocks: Uint8Array;
  readonly #native: NativeProgram | undefined;

  constructor(nrPages: number, native: NativeProgram | undefined) {
    this.#hotplug = new Hotplug({ kernel: "6.12", blockPages: nrPages, nrBlocks: 1 });
    this.#hotplug.openWindow(0);
    const window = this.#hotplug.window();
    this.#window = new Uint32Array(window.buffer, window.byteOffset, nrPages * WORDS);
    this.#words = new Uint32Array(nrPages * WORDS);
    this.#pageblocks = new Uint8Array((nrPages / 512) * 16);
    this.#native = native;
  }

  case(pass: Pass, label: string, nrPages: number): Case {
    // One sample is at least a few hundred microseconds; a pageblock stands for 512 pages.
    const times = Math.max(1, Math.round((pass === "pageblock" ? 2 ** 27 : 2 ** 19) / nrPages)) & ~1 || 1;
    const rows = [this.#wasmRow(pass, nrPages, times), this.#typescriptRow(pass, nrPages, times)];
    rows.push(...this.#nativeRow(NATIVE, pass, nrPages, times));
    if (pass === "init") rows.push(...this.#nativeRow(MEMSET, "memset", nrPages, times));
    const against = pass === "init" ? [NATIVE, MEMSET, TYPESCRIPT] : [NATIVE, TYPESCRIPT];
    return { name: `${TITLES[pass]}, ${label}`, work: nrPages * times, unit: "pages", against, rows };
  }

  #wasmRow(pass: Pass, nrPages: number, times: number): Row {
    const { kernels } = this.#hotplug;
    let result = 0;
    return {
      name: WASM,
      prepare: () => {
        this.#hotplug.run("initPass", START_PFN, nrPages);
        if (pass === "isolation" || pass === "scan") this.#hotplug.run("freePass", START_PFN, nrPages);
        if (pass === "pageblock") this.#hotplug.run("pageblockPass", START_PFN, nrPages, 0);
        if (pass === "poison") this.#hotplug.run("poisonPass", START_PFN, nrPages);
        result = 0;
      },
      run: () => {
        for (let i = 0; i < times; i++) {
          const { context } = this.#hotplug;
          const done =
            pass === "pageblock"
              ? kernels.callU32("pageblockPass", context, START_PFN, nrPages, i & 1 ? 1 : 5)
              : kernels.callU32(`${pass}Pass`, context, START_PFN, nrPages);
          result = (result + (done ?? 0)) >>> 0;
        }
      },
      checksum: () => `${checksumOf(this.#window, nrPages)}/${result}`,
    };
  }

  #typescriptRow(pass: Pass, nrPages: number, times: number): Row {
    const words = this.#words;
    const run = (i: number): number => {
      if (pass === "pageblock") return pageblock(this.#pageblocks, nrPages, i & 1 ? 1 : 5);
      return RANGE_PASSES[pass](words, nrPages) ?? 0;
    };
    let result = 0;
    return {
      name: TYPESCRIPT,
      prepare: () => {
        init(words, nrPages);
        if (pass === "isolation" || pass === "scan") free(words, nrPages);
        this.#pageblocks.fill(0);
        result = 0;
      },
      run: () => {
        for (let i = 0; i < times; i++) result = (result + run(i)) >>> 0;
      },
      checksum: () => `${checksumOf(words, nrPages)}/${result}`,
    };
  }

  #nativeRow(name: string, command: string, nrPages: number, times: number): Row[] {
    const program = this.#native;
    if (program === undefined) return [];
    let checksum = "";
    const run = async (): Promise<NativeResult> => {
      const result = await program.run(`${command} ${nrPages} ${times}`);
      checksum = result.checksum;
      return result;
    };
    return [{ name, run, checksum: () => checksum }];
  }
}
