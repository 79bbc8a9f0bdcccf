import { Hotplug } from "../../src/kernels/hotplug.ts";
import { vmemmapPages } from "../../src/kernels/hotplugBlock.ts";
import { walkHotplug } from "../../src/kernels/hotplugWalk.ts";
import type { Case, Row, Suite } from "../suite.ts";
import { checksumOf } from "./memmapTypescript.ts";

const WASM = "WASM, touches counted";
const NATIVE = "native C";
const MEMSET = "native memset";

/** Blocks of 2 GiB, as bare-metal x86_64 has: 32 MiB of struct pages, one window for all blocks. */
const BLOCK_PAGES = 524_288;
const SMOKE_BLOCK_PAGES = 32_768;
const MEMSET_PAGES = 8 * 1024 * 1024;
const SIZES = [
  { label: "16 GiB", nrBlocks: 8 },
  { label: "1 TiB", nrBlocks: 512 },
] as const;

const CACHES = {
  l1: { bytes: 32 * 1024, ways: 8 },
  l2: { bytes: 1024 * 1024, ways: 16 },
  llc: { bytes: 32 * 1024 * 1024, ways: 16 },
};

export const lifeSuite: Suite = {
  name: "life",
  question: "How long do add, online, offline and remove of a whole device take, every struct page written?",
  compares:
    "WASM initialises, frees and scans every struct page and counts every touch through L1, L2 and LLC; native C does " +
    "the same passes over the same windows and counts nothing; memset writes as many bytes through DRAM. Self-hosted, 6.12.",
  doesNotShow: "the contiguity walk in the native row (counted in the WASM row, as a series).",
  async cases(options) {
    const native = await options.native("memmap.c");
    const blockPages = options.smoke ? SMOKE_BLOCK_PAGES : BLOCK_PAGES;
    const mostBlocks = options.smoke ? 2 : Math.max(...SIZES.map(({ nrBlocks }) => nrBlocks));
    const hotplug = new Hotplug({ kernel: "6.12", blockPages, nrBlocks: mostBlocks });
    const { buffer, byteOffset, byteLength } = hotplug.window();
    const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
    return SIZES.map(({ label, nrBlocks: real }): Case => {
      const nrBlocks = options.smoke ? 2 : real;
      let wrong = 0;
      const wasm: Row = {
        name: WASM,
        run: () => {
          wrong = 0;
          const nrVmemmap = vmemmapPages(blockPages, true);
          for (let block = 0; block < nrBlocks; block++) {
            hotplug.openWindow(block);
            wrong += hotplug.run("lifePass", hotplug.blockPfn(block), blockPages, nrVmemmap);
          }
          countTouches(blockPages, nrBlocks);
        },
        checksum: () => `${checksumOf(words, blockPages)}/${wrong}`,
      };
      const rows = [wasm];
      if (native !== undefined) {
        let checksum = "";
        const run = async () => {
          const result = await native.run(`life ${blockPages} ${nrBlocks}`);
          checksum = result.checksum;
          return result;
        };
        rows.push({ name: NATIVE, run, checksum: () => checksum });
        // The same bytes in buffers of 512 MiB; the program checks them itself and ends when one is wrong.
        const [pages, times] = memsetOf(blockPages * nrBlocks);
        rows.push({ name: MEMSET, run: () => native.run(`memset ${pages} ${times}`), checksum: () => checksum });
      }
      return { name: label, work: blockPages * nrBlocks, unit: "pages", against: [NATIVE, MEMSET], rows };
    });
  },
};

function memsetOf(nrPages: number): [pages: number, times: number] {
  const pages = Math.min(nrPages, MEMSET_PAGES);
  return [pages, nrPages / pages];
}

function countTouches(blockPages: number, nrBlocks: number): void {
  const events = ["add", "online", "offline", "remove"] as const;
  const walk = { kernel: "6.12" as const, blockPages, nrBlocks, selfHosted: true, caches: CACHES, events };
  const phases = walkHotplug({ ...walk, materialise: false, sampleClasses: true });
  const touches = phases.reduce((sum, phase) => sum + phase.touches, 0);
  if (!(touches > blockPages * nrBlocks)) throw new Error(`${touches} touches of ${blockPages * nrBlocks} pages`);
}
