import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { InputError } from "../errors.ts";
import { kernelVersion, parseKernelVersion } from "../linux/version.ts";
import { parseBytes } from "../units.ts";

/** Size of the folios that operations work on: a page, or as mm/huge_memory.c THP_ORDERS_ALL_ANON allows. */
export interface Folio {
  readonly order: number;
  /** 4 KiB pages. */
  readonly nrPages: number;
}

export const BASE_FOLIO: Folio = { order: 0, nrPages: 1 };

/** Anonymous memory has no order 1 (its deferred list lies in tail page 2) and no more than a PMD. */
const SMALLEST_LARGE_ORDER = 2;

export const PMD_ORDER = 9;

/** 19eaf44954df: anonymous folios of 16 KiB to 1 MiB (mTHP). */
const MTHP = kernelVersion(6, 8);

/**
 * @param text a size, `64KiB`
 * @param where option or key, for errors
 * @param kernel release, `6.12`
 * @error InputError for a size that no folio has, or not in this kernel
 */
export function parseFolio(text: string, where: string, kernel: string): Folio {
  const nrPages = parseBytes(text, where) / PAGE_BYTES;
  const order = Math.log2(nrPages);
  if (!(order === 0 || (Number.isInteger(order) && order >= SMALLEST_LARGE_ORDER && order <= PMD_ORDER))) {
    throw new InputError({
      where,
      what: `no folio of anonymous memory is ${text.slice(0, 40)}`,
      expected: "4KiB, a power of two from 16KiB to 1MiB (mTHP), or 2MiB",
      example: "--folio 64KiB",
    });
  }
  if (order > 0 && order < PMD_ORDER && parseKernelVersion(kernel, where) < MTHP) {
    throw new InputError({
      where,
      what: `Linux ${kernel} has no folios of ${text.slice(0, 40)}`,
      expected: "4KiB or 2MiB before 6.8, where mTHP came",
      example: "--folio 2MiB",
    });
  }
  return { order, nrPages };
}
