import { InputError } from "../errors.ts";

/** A kernel release as major * 1000 + minor: 6.12 is 6012, so versions compare as numbers. */
export type KernelVersion = number;

/** The version of a release: `kernelVersion(6, 12)`. */
export function kernelVersion(major: number, minor: number): KernelVersion {
  return major * 1000 + minor;
}

/**
 * The release that a text begins with, as `uname -r` or a distribution prints it: `6.12`, `v5.10.0-rc3`,
 * `6.12.117-1~deb12u1`, `Linux 6.1.192`. Nothing else reads versions.
 *
 * @returns undefined for a text that begins otherwise
 */
export function readKernelVersion(text: string): KernelVersion | undefined {
  const match = /^\s*(?:linux[- ]?|v)?(\d{1,3})\.(\d{1,3})(?:[.\-+~ ]|$)/i.exec(text);
  return match === null ? undefined : kernelVersion(Number(match[1]), Number(match[2]));
}

/** Whether a kernel is older than `release`, `"6.12"`. */
export function isKernelBefore(version: KernelVersion, release: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return version < kernelVersion(major, minor);
}

/** Releases whose struct page passes the recipes tell apart: nothing before is dated, nothing after can be. */
const OLDEST = kernelVersion(3, 12);
const NEWEST_MAJOR = 7;
/** 3.19, 4.20, 5.19 and 6.19 were the last of their series. */
const LAST_MINOR = 20;

/** Reads a release whose passes over struct pages are known. @error InputError naming `where` */
export function parseKernelVersion(text: string, where: string): KernelVersion {
  // What follows a blank is no part of a release: `6.12 arm64` says more than passes are known for.
  const isOneWord = /^\S+$/.test(text.trim().replace(/^linux\s+/i, ""));
  const version = isOneWord ? readKernelVersion(text) : undefined;
  if (version !== undefined && version >= OLDEST && version < kernelVersion(NEWEST_MAJOR + 1, 0)) {
    if (version % 1000 <= LAST_MINOR) return version;
  }
  throw new InputError({
    what: `"${text.slice(0, 40)}" is no kernel version ${version === undefined ? "" : "that is modelled"}`.trimEnd(),
    where,
    expected: `a release from ${formatKernelVersion(OLDEST)} to ${NEWEST_MAJOR}.x, major.minor`,
    example: "6.12",
  });
}

/** `6.12`. */
export function formatKernelVersion(version: KernelVersion): string {
  return `${Math.floor(version / 1000)}.${version % 1000}`;
}

/** Month of release of some kernels, to date a row that names none. Recalled. */
const RELEASES: readonly (readonly [month: string, version: KernelVersion])[] = [
  ["2013-11", 3012],
  ["2014-12", 3018],
  ["2015-11", 4003],
  ["2016-05", 4006],
  ["2016-12", 4009],
  ["2017-09", 4013],
  ["2017-11", 4014],
  ["2018-04", 4016],
  ["2018-08", 4018],
  ["2018-12", 4020],
  ["2019-05", 5001],
  ["2019-11", 5004],
  ["2020-03", 5006],
  ["2020-08", 5008],
  ["2020-12", 5010],
  ["2021-06", 5013],
  ["2021-11", 5015],
  ["2022-12", 6001],
  ["2023-06", 6004],
  ["2023-10", 6006],
  ["2024-03", 6008],
  ["2024-11", 6012],
  ["2025-07", 6016],
  ["2026-02", 6019],
  ["2026-04", 7000],
];

/** The newest release older than `date` (YYYY, YYYY-MM or YYYY-MM-DD); undefined before 2014. */
export function kernelOfDate(date: string): KernelVersion | undefined {
  const month = date.length === 4 ? `${date}-06` : date.slice(0, 7);
  let found: KernelVersion | undefined;
  for (const [released, version] of RELEASES) if (released <= month) found = version;
  return found;
}
