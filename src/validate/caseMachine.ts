import { InputError, nearestName } from "../errors.ts";
import { defaultDevices, deviceById, devices } from "../machine/devices.ts";
import { hosts } from "../machine/hosts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { q } from "../machine/quantity.ts";
import type { CaseRow } from "./caseFile.ts";

/** One machine that a row may have run on. */
export interface CaseMachine {
  readonly host: HostProfile;
  readonly dram: DeviceProfile;
  /** What holds the struct pages. */
  readonly memmap: DeviceProfile;
}

/** Words of a platform to the hosts they name; the first rule that matches decides. */
const HOST_RULES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/8167M/i, ["skylake-8167m"]],
  [/E7-\d+ ?v3/i, ["haswell-ex-8s"]],
  [/E5-26\d\d\w? ?v4|broadwell/i, ["broadwell"]],
  [/E5-26\d\d\w? ?v3|haswell/i, ["haswell"]],
  [/gen9/i, ["haswell", "broadwell"]],
  [/EPYC 7\d\d1|zen ?1\b|naples|\bzen\b(?! ?[2-9])/i, ["zen1"]],
  [/EPYC 7\d\d2|zen ?2|\brome\b/i, ["zen2"]],
  [/EPYC 7\d\d3|EPYC 7J13|zen ?3|milan/i, ["zen3"]],
  [/bergamo|EPYC 97\d4|zen ?4c/i, ["bergamo"]],
  [/EPYC 9\d\d4|zen ?4|genoa/i, ["zen4"]],
  [/zen ?5|turin|EPYC 9\d\d5/i, ["zen5"]],
  [/granite|\bGNR\b|xeon 69\d\d/i, ["granite-rapids"]],
  [/emerald|\bEMR\b|\b(xeon|platinum|gold) [865]5\d\d/i, ["emerald-rapids"]],
  [/sapphire|\bSPR\b|\b(xeon|platinum|gold|silver) [8654]4\d\d/i, ["sapphire-rapids"]],
  [/ice ?lake|\bICX\b|\b(xeon|platinum|gold|silver) [8654]3\d\d/i, ["ice-lake-sp"]],
  [/cascade|\bCLX\b|\b(xeon|platinum|gold|silver) [8654]2\d\d/i, ["cascade-lake"]],
  [/skylake|\bSKX\b|\b(xeon|platinum|gold|silver) [8654]1\d\d/i, ["skylake-sp"]],
];

/** Architectures whose instructions were not recorded: predicted only where a row names one of their hosts. */
const UNMODELLED =
  /power ?(pc|\d)|ppc|sparc|\barm\b|arm64|aarch64|s390|\bz1[4-7]\b|neoverse|graviton|ampere|altra|grace|kunpeng|telum|apple m\d|riscv|loongarch/i;

/** Hosts of a cloud, or of more sockets than usual, are taken only when named. */
const SPECIAL = new Set(["skylake-8167m", "haswell-ex-8s", "bergamo"]);
/** A server is bought about this many years after its processor came out, at most. */
const SERVICE_YEARS = 4;
const NDCTL_WEIGHT = 3;
/** Optane modules work beside these alone. */
const OPTANE_HOSTS = new Set(["cascade-lake", "ice-lake-sp", "sapphire-rapids"]);

/**
 * Every machine that `row` may have run on: one when host and medium are named, otherwise the plausible
 * ones of its year.
 *
 * @returns an empty list when the architecture is not modelled
 * @error InputError when `host` or `device` name nothing known
 */
export function machinesOf(row: CaseRow, where: string): CaseMachine[] {
  if (row.host === undefined && UNMODELLED.test(row.platform)) return [];
  const optane = isOptane(row);
  const memmaps = memmapsOf(row, where);
  const machines: CaseMachine[] = [];
  for (const host of hostsOf(row, optane, where)) {
    const dram = dramOf(row, host);
    for (const memmap of memmaps) machines.push({ host, dram, memmap: memmap ?? dram });
  }
  return machines;
}

function hostsOf(row: CaseRow, optane: boolean, where: string): readonly HostProfile[] {
  const words = row.host ?? row.platform;
  const exact = hosts.find((host) => host.id === words.trim().toLowerCase());
  if (exact !== undefined) return [exact];
  const named = HOST_RULES.find(([pattern]) => pattern.test(words))?.[1];
  if (named !== undefined) return hosts.filter((host) => named.includes(host.id));
  if (row.host !== undefined)
    failUnknown(
      row.host,
      "host",
      hosts.map((host) => host.id),
      where,
    );
  return plausibleHosts(Number((row.date ?? "").slice(0, 4)) || undefined, words, optane);
}

function plausibleHosts(year: number | undefined, words: string, optane: boolean): readonly HostProfile[] {
  const intel = /intel|xeon/i.test(words);
  const amd = /amd|epyc/i.test(words);
  const candidates = hosts.filter(
    (host) =>
      !SPECIAL.has(host.id) &&
      (host.architecture ?? "x86_64") === "x86_64" &&
      (!intel || !host.family.startsWith("zen")) &&
      (!amd || host.family.startsWith("zen")) &&
      (!optane || OPTANE_HOSTS.has(host.id)),
  );
  // Makers publish from systems that customers get a year later.
  const newest = optane ? (year ?? 0) + 1 : (year ?? 0);
  const ofTime = candidates.filter(
    (host) => year === undefined || (host.year <= newest && host.year >= year - SERVICE_YEARS),
  );
  return ofTime.length > 0 ? ofTime : candidates;
}

/** The study of Optane had its own DRAM, others state its latency; the rest have the DRAM of their host. */
function dramOf(row: CaseRow, host: HostProfile): DeviceProfile {
  if (/8260|OptaneStudy/i.test(`${row.platform} ${row.source}`)) return deviceById("dram-ddr4-2666-clx-nvsl");
  const dram = deviceById(host.localDram);
  const chase = /chase of random lines (\d+)(?:-(\d+))? ns/.exec(row.platform);
  if (chase === null) return dram;
  const [low, high] = [Number(chase[1]), Number(chase[2] ?? chase[1])];
  const idleReadNs = q((low + high) / 2, "M", row.source, { range: [low, high], note: "as the row states it" });
  return { ...dram, id: `${dram.id} at ${low} ns`, idleReadNs };
}

/** Media that may hold the struct pages; undefined stands for the host's DRAM. */
function memmapsOf(row: CaseRow, where: string): (DeviceProfile | undefined)[] {
  const named = namedDevice(row, where);
  // A row of a device's own figures, and one whose DRAM is named, are of that device.
  if (named !== undefined && (row.unit != null || named[0]?.medium === "local-dram")) return named;
  // A guest's "device" is host memory unless the row names what backs it.
  const onDevice = named ?? farMediaOf(row);
  if (row.placement === "device") return onDevice;
  if (row.placement === "dram" || row.medium === "dram" || row.medium === "vm") return [undefined];
  if (row.unit != null) return onDevice;
  // ndctl puts the memmap on the device unless told otherwise (recalled): taken for three rows in four.
  const usual = row.medium === "pmem" ? NDCTL_WEIGHT : 1;
  return [undefined, ...Array.from({ length: usual }, () => onDevice).flat()];
}

function namedDevice(row: CaseRow, where: string): DeviceProfile[] | undefined {
  if (row.device === undefined) return undefined;
  const found = devices.find((device) => device.id === row.device);
  if (found === undefined)
    failUnknown(
      row.device,
      "device",
      devices.map((device) => device.id),
      where,
    );
  return [found];
}

/** From 2018 on, persistent memory of this size is Optane. */
function isOptane(row: CaseRow): boolean {
  const words = `${row.platform} ${row.notes ?? ""}`;
  const persistent = row.medium === "pmem" || /optane|\d ?TB (?:of )?(?:persistent memory|pmem)/i.test(words);
  return persistent && !/nvdimm-n/i.test(words) && Number((row.date ?? "2020").slice(0, 4)) >= 2018;
}

/** Memories that the medium of a row may be; undefined stands for the host's DRAM. */
function farMediaOf(row: CaseRow): (DeviceProfile | undefined)[] {
  const words = `${row.operation} ${row.platform} ${row.notes ?? ""}`;
  if (row.medium === "cxl") return defaultDevices.filter((device) => device.medium === "cxl");
  if (row.medium === "numa") return defaultDevices.filter((device) => device.medium === "remote-numa");
  if (row.medium !== "pmem" && row.medium !== "nvdimm-n") return [undefined];
  if (row.medium === "nvdimm-n" || /nvdimm-n/i.test(words)) return [deviceById("nvdimm-n")];
  if (/pmem-1dimm|\b1dimm\b|single [\w ]*optane|one 128 GB|not interleaved/i.test(words))
    return [deviceById("optane100-1x")];
  return [deviceById("optane100-6x-interleaved")];
}

function failUnknown(given: string, kind: string, known: readonly string[], where: string): never {
  const near = nearestName(given, known);
  throw new InputError({
    what: `unknown ${kind} "${given.slice(0, 60)}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    where,
    expected: `one of ${known.join(", ")}`,
  });
}
