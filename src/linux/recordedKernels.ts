// The kernels whose accesses to struct pages were recorded, and which releases each of them stands for.
import { isKernelBefore, readKernelVersion } from "./version.ts";

interface RecordedRow {
  readonly kernel: string;
  /** The first release that is priced with it; later ones too, until the next row. */
  readonly since: string;
  /** Why releases before the recorded one are priced with it. */
  readonly why: string;
}

/** Oldest first. Releases between two rows go with the nearer one, of two as near with the older, but for a reason. */
const RECORDED_KERNELS = [
  { kernel: "6.1", since: "0.0", why: "nothing older is recorded" },
  { kernel: "6.12", since: "6.10", why: "from 6.10 on free pages are split and counted by pageblock" },
  { kernel: "6.16", since: "6.15", why: "nearest" },
  { kernel: "6.17", since: "6.17", why: "itself" },
  { kernel: "6.18", since: "6.18", why: "itself" },
  { kernel: "7.2", since: "7.1", why: "nearest" },
  { kernel: "7.3", since: "7.3", why: "itself" },
] as const satisfies readonly RecordedRow[];

export type RecordedKernel = (typeof RECORDED_KERNELS)[number]["kernel"];

/** The recorded kernel that a release is priced with. Text that is no release goes with the oldest. */
export function recordedKernelOf(release: string): RecordedKernel {
  const version = readKernelVersion(release) ?? 0;
  return RECORDED_KERNELS.findLast(({ since }) => !isKernelBefore(version, since))?.kernel ?? "6.1";
}

/** "priced as 7.2", of a release that is not recorded itself; "" of one that is. */
export function pricedAs(release: string): string {
  const recorded = recordedKernelOf(release);
  return readKernelVersion(release) === readKernelVersion(recorded) ? "" : `priced as ${recorded}`;
}

/** What a table of some recorded kernels says of one: its own entry, else that of the newest before it; 6.1 is in all. */
export function entryOf<T>(table: KernelTable<T>, kernel: RecordedKernel): T {
  const index = RECORDED_KERNELS.findIndex((row) => row.kernel === kernel);
  const found = RECORDED_KERNELS.slice(0, index + 1).findLast((row) => table[row.kernel] !== undefined);
  return table[found?.kernel ?? "6.1"] ?? table["6.1"];
}

/** Entries of those recorded kernels that differ from the one before. */
export type KernelTable<T> = Readonly<Partial<Record<RecordedKernel, T>> & Record<"6.1", T>>;
