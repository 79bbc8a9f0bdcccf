import { type KernelVersion, kernelOfDate, kernelVersion, parseKernelVersion } from "../linux/version.ts";
import type { CaseRow } from "./caseFile.ts";
import type { CaseModel } from "./caseModel.ts";
import { PUBLISHED_OPERATIONS, type PublishedOperation } from "./passes.ts";
import { TRANSFER_OPERATIONS } from "./predictors/transfers.ts";
import type { TransferKind } from "./transfer.ts";

/** What a row timed, or why it is not known. */
export type RowModel = CaseModel | { readonly reason: string };

const none = (reason: string): RowModel => ({ reason });

/**
 * The model that a row states; else what its words say: operation, unit, and what its notes say about them.
 *
 * @returns a reason for a row of another kind than what is modelled: it is left out, never taken for its nearest kin
 */
export function modelOf(row: CaseRow): RowModel {
  if (row.model !== undefined) return row.model;
  const words = `${row.operation} ${row.notes ?? ""}`.toLowerCase();
  if (/lower bound|upper bound/.test(words)) return none("the figure is a bound, not a time");
  if (row.unit != null && row.value != null) return deviceModel(row, words);
  const other = OTHER_KINDS.find(([pattern]) => pattern.test(`${words} ${row.source.toLowerCase()}`))?.[1];
  if (other !== undefined) return none(other);
  if (row.time_ms == null) return none("no time published");
  const nrPages = row.pages ?? row.struct_pages_touched;
  if (nrPages == null) return none("no page count published");
  const operation = operationOf(row.operation.toLowerCase());
  if (operation === undefined) {
    return none(`operation not modelled (modelled: ${PUBLISHED_OPERATIONS.join(", ")})`);
  }
  const variant = variantOf(row, operation, nrPages);
  return typeof variant === "string" ? { operation: variant, quantity: "whole-ns", bound: "none" } : variant;
}

/** Kinds of run that hold more, or other work, than the operation their words name. */
const OTHER_KINDS: readonly (readonly [RegExp, string])[] = [
  [/whole boot/, "a whole boot, of which struct pages are a part"],
  [
    /virtio-?mem/,
    "plug of virtio-mem: the device's protocol and the host's backing are part of the time, and are not modelled",
  ],
  [
    /first (?:bind|touch|time)|not (?:yet )?(?:backed|populated|there yet)/,
    "a guest's first touch of memory that its host backs meanwhile: the host's faults are part of the time",
  ],
];

/** The first rule whose words appear decides. */
const OPERATION_RULES: readonly (readonly [RegExp, PublishedOperation])[] = [
  [/unpin/, "gup-unpin"],
  [/pin_user_pages|\bpin\b/, "gup-pin"],
  [/put_user_pages|put_page|\bput\b/, "gup-put"],
  [/get_user_pages|\bgup\b/, "gup-get"],
  [/memset|page_init_poison|poison/, "bulk-store"],
  [/deferred/, "deferred-init"],
  [/zone_device|zone-device|devm_memremap|nd_pmem|dax_pmem|namespace|devdax|fsdax/, "zone-device-init"],
  [/zone_sizes_init|memmap_init_zone\b|__init_single_page/, "boot-memmap-init"],
  [/memmap_init_range|hot-?add/, "hotplug-init"],
  [/offline/, "offline-scan"],
  [/online/, "online-free"],
  [/persistent memory|\bpmem\b|memmap init|page init/, "zone-device-init"],
];

function operationOf(words: string): PublishedOperation | undefined {
  const named = PUBLISHED_OPERATIONS.find((name) => name === words.trim());
  return named ?? OPERATION_RULES.find(([pattern]) => pattern.test(words))?.[1];
}

/** What a patch series made of an operation, where the row is of after it; a reason where that is not modelled. */
function variantOf(
  row: CaseRow,
  operation: PublishedOperation,
  nrPages: number,
): PublishedOperation | { reason: string } {
  const words = `${row.operation} ${row.notes ?? ""}`.toLowerCase();
  const patched = isAfter(row);
  if (operation === "zone-device-init") {
    if (/template|struct page copy/.test(words) || (patched && /zone_device memmap init/i.test(row.source))) {
      return { reason: "a patched kernel that copies a prepared struct page: not modelled" };
    }
    if (/dedup|\breuse/.test(words)) return "zone-device-init-compound";
    const compound = /compound/.test(row.operation.toLowerCase());
    return compound || (patched && /compound devmap|joao martins/i.test(row.source))
      ? { reason: "compound pages before their vmemmap was deduplicated (late 2021): that loop is not modelled" }
      : operation;
  }
  if (!operation.startsWith("gup-") || operation.endsWith("-compound")) return operation;
  // Device-dax with compound pages: one head for each 2 MiB is touched.
  const heads = row.struct_pages_touched ?? nrPages;
  const compound = heads * 512 === nrPages || /compound|one head|per 2 ?mi?b/.test(row.operation.toLowerCase());
  return compound ? (`${operation}-compound` as PublishedOperation) : operation;
}

/** Whether the row times what a patch series changed: its own words decide, else those of its source. */
function isAfter(row: CaseRow): boolean {
  const own = `${row.id.replaceAll("-", " ")} ${row.operation} ${row.notes ?? ""}`;
  for (const words of [own, row.source]) {
    if (/\bbefore\b|\bbase(line)?\b|\bunpatched\b/i.test(words)) return false;
    if (/\bafter\b|\bpatched\b|\bfix(ed)?\b/i.test(words)) return true;
  }
  return false;
}

/** Rows with a value and a unit describe a device. */
function deviceModel(row: CaseRow, words: string): RowModel {
  if (row.unit !== "GB/s" && row.unit !== "ns") return none(`unit "${row.unit}" not stated well enough to compare`);
  const transfer = transferOf(row.operation.toLowerCase(), words);
  if (transfer === undefined) return none("kind of access not named");
  if (row.unit === "GB/s") return { operation: TRANSFER_OPERATIONS[transfer], quantity: "GBps", bound: "none" };
  const loads = /random/.test(words) ? "load-random" : "load-sequential";
  const operation = { read: loads, "non-temporal store": "store-non-temporal", "store and flush": "store-flush" };
  return { operation: operation[transfer], quantity: "whole-ns", bound: "none" };
}

/** In one published table the titles of the two write columns are swapped; its rows say so. */
function transferOf(operation: string, words: string): TransferKind | undefined {
  const swapped = /swapped/.test(words) && /hdr:/.test(operation);
  if (/clwb/.test(operation)) return swapped ? "non-temporal store" : "store and flush";
  if (/ntstore|non-temporal/.test(operation)) return swapped ? "store and flush" : "non-temporal store";
  return /read/.test(operation) ? "read" : undefined;
}

/** Patch series that rows time before and after, and the kernel that has them (recalled). */
const SERIES: readonly (readonly [RegExp, KernelVersion])[] = [
  [/page init refactor|duyck/i, kernelVersion(5, 2)],
  [/stop zeroing|tatashin/i, kernelVersion(4, 15)],
  [/parallelize deferred|daniel jordan/i, kernelVersion(5, 8)],
];

/** Kernel of the row: as stated, as its words name it, or the newest of its date; with its series when "after". */
export function kernelOf(row: CaseRow, where: string): KernelVersion {
  if (row.kernel !== undefined) return parseKernelVersion(row.kernel, where);
  const words = `${row.platform} ${row.source} ${row.notes ?? ""} ${row.operation}`;
  const named = /\bv?([2-9])\.(\d{1,2})(?:\.\d+)?(?:-rc\d+|(?= *(?:kernel|patches|vanilla|\+|$)))/.exec(words);
  const linux = named ?? /\bLinux v?(\d)\.(\d{1,2})/i.exec(words);
  const base =
    linux === null
      ? (kernelOfDate(row.date ?? "") ?? kernelVersion(5, 10))
      : kernelVersion(Number(linux[1]), Number(linux[2]));
  const series = SERIES.find(([pattern]) => pattern.test(row.source))?.[1];
  return isAfter(row) && series !== undefined ? Math.max(base, series) : base;
}
