import type { ZoneContiguous } from "../linux/hotplugKernel.ts";
import type { ScenarioDevice } from "../scenario/devices.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ArchitectureName } from "../scenario/words.ts";
import { formatBytes } from "../units.ts";
import { architecture } from "./architectures.ts";
import { type BlockRule, blockRuleOf } from "./blockRule.ts";
import { binaryTwin, checkCapacitySlips, fineBytes } from "./capacity.ts";
import type { Place, PlacedDevice } from "./cxlWindows.ts";
import { driver, isOfflineInaccessible } from "./drivers.ts";
import { kernelRules } from "./kernels.ts";
import { decidePlacement, type Placement } from "./placement.ts";
import type { PlacementInput } from "./placementInput.ts";
import { type AddedRange, trimToBlocks, untrimmed } from "./range.ts";
import type { DeviceZone } from "./zones.ts";

/** What policy decides for one device: its blocks, and where their memmap may lie. */
export interface HotplugPlan {
  readonly device: ScenarioDevice;
  readonly blockBytes: number;
  readonly blockRule: BlockRule;
  readonly architecture: ArchitectureName;
  readonly pageBytes: number;
  readonly structPageBytes: number;
  /** What of the device is added. */
  readonly range: AddedRange;
  readonly nrBlocks: number;
  /** Pages of one block. */
  readonly blockPages: number;
  /** What the scenario's own switches lead to. */
  readonly placement: Placement;
  /**
   * What stands in the way when only the default of the device's attribute does: who writes 1 to it in time has the
   * memmap on the memory. Both placements are priced then, too.
   */
  readonly offByDefault: string | undefined;
  /** The memmap may lie on the memory: it does as things stand, or would with the attribute switched on. */
  readonly canSelfHost: boolean;
  /**
   * MHP_OFFLINE_INACCESSIBLE: the memory is out of reach, and with it a memmap on it, until a block is prepared for
   * onlining (s390, 6.8 to 6.18).
   */
  readonly offlineInaccessible: boolean;
  /** Pages of each block that a self-hosted memmap takes; 0 when it cannot be. */
  readonly altmapPages: number;
  readonly memmapBytes: number;
  /** The scenario's, or what the kernel version does. */
  readonly zoneContiguous: ZoneContiguous;
  /** What a user has to know of this device's range, one clause each. */
  readonly notes: readonly string[];
  readonly zone: DeviceZone;
  /** What the devices plugged before take of DRAM when all their memmaps lie there. */
  readonly dramBeforeBytes: number;
}

/** What is decided of one device whatever else is plugged. */
export type DevicePlan = Omit<HotplugPlan, "zone" | "dramBeforeBytes">;

/**
 * Cuts one device into memory blocks and decides where its memmap goes.
 *
 * @error InputError for a capacity that is a slip: no unit, or decimal
 */
export function planOf(scenario: Scenario, plugged: PlacedDevice, place: Place, blockRule: BlockRule): DevicePlan {
  const { machine, kernel } = scenario;
  const { device } = plugged;
  const blockBytes = blockRule.value;
  const { pageBytes } = architecture(machine.arch, kernel.version);
  checkCapacitySlips(device.id, device.capacityBytes, blockBytes);
  const rules = kernelRules(kernel.version);
  const { unaligned } = driver(device.driver, rules);
  const trims = unaligned.value === "trimmed";
  const range = trims
    ? trimToBlocks(place.startBytes, device.capacityBytes, blockBytes)
    : untrimmed(place.startBytes, device.capacityBytes);
  const request = requestOf(scenario, plugged, range, blockBytes);
  const decided = decidePlacement(request);
  const offByDefault =
    device.memmapOnMemory === undefined && decided.outcome === "dram" && place.noRoom === undefined
      ? defaultInTheWay(request, decided)
      : undefined;
  const canSelfHost = (decided.selfHosted && place.noRoom === undefined) || offByDefault !== undefined;
  const placement = place.noRoom === undefined ? decided : noRoom(decided, place.noRoom);
  const blockPages = blockBytes / pageBytes;
  const nrBlocks = range.sizeBytes / blockBytes;
  return {
    device,
    blockBytes,
    blockRule,
    architecture: machine.arch,
    pageBytes,
    structPageBytes: machine.structPageBytes,
    range,
    nrBlocks,
    blockPages,
    placement,
    offByDefault,
    canSelfHost,
    offlineInaccessible: isOfflineInaccessible(device.driver, rules),
    altmapPages: canSelfHost ? placement.reservedPages : 0,
    memmapBytes: nrBlocks * blockPages * machine.structPageBytes,
    zoneContiguous: kernel.zoneContiguous ?? rules.zoneContiguous.value,
    notes: [
      ...(trims ? lossNotes(range, nrBlocks, blockBytes, unaligned.source) : []),
      ...place.notes,
      ...(rules.frozenSlab.value && offlinesKernelZone(scenario) ? [`${ENDLESS} (${rules.frozenSlab.source})`] : []),
      ...(offByDefault === undefined ? [] : [`${DEFAULT_OFF}: ${offByDefault}; ${SWITCH_ON}`]),
      ...(kernel.hugetlbFreeVmemmap && canSelfHost ? [`${UNOPTIMIZED} (${rules.excludesHvo.source})`] : []),
    ],
  };
}

/** What the kernel is asked: one device in one machine. */
function requestOf(
  { machine, kernel }: Scenario,
  { device, daxKind }: PlacedDevice,
  range: AddedRange,
  blockBytes: number,
): PlacementInput {
  return {
    kernel: kernel.version,
    architecture: machine.arch,
    blockBytes,
    structPageBytes: machine.structPageBytes,
    mode: kernel.memmapOnMemory,
    driver: device.driver,
    ...(device.memmapOnMemory !== undefined && { attribute: device.memmapOnMemory }),
    daxKind,
    hvo: kernel.hugetlbFreeVmemmap,
    configured: kernel.mhpMemmapOnMemory,
    sparsememVmemmap: kernel.sparsememVmemmap,
    whatIf: kernel.whatIf,
    pageblockOrder: kernel.pageblockOrder,
    hashMmu: kernel.disableRadix,
    rangeBytes: range.sizeBytes,
    startBytes: range.startBytes,
  };
}

/** The attribute and its value, where 1 written to it would lift the refusal. */
function defaultInTheWay(request: PlacementInput, decided: Placement): string | undefined {
  return decidePlacement({ ...request, attribute: true }).selfHosted ? decided.conditions[0]?.value : undefined;
}

/** Whether blocks go offline that were online in a kernel zone. */
function offlinesKernelZone({ events }: Scenario): boolean {
  return events.some((event, i) => event === "offline" && events.slice(0, i).findLast(isOnline) === "online_kernel");
}

const isOnline = (event: string): boolean => event === "online_kernel" || event === "online_movable";

const ENDLESS =
  "offlining a block of a kernel zone may never end in this kernel: a single slab page has a count of 0, passes isolation, and is tested for ever; the price is that of blocks that nobody uses; a signal to the writer ends it, an eject takes none";
const DEFAULT_OFF = "as the kernel comes, the memmap goes to DRAM";
const SWITCH_ON = "1 written to it before the memory is added puts the memmap on the memory";
const UNOPTIMIZED =
  "hugetlb_free_vmemmap=on frees nothing here: huge pages on self-hosted memory keep all of their vmemmap";

function noRoom(decided: Placement, reason: string): Placement {
  return { ...decided, selfHosted: false, outcome: "no-room", reason };
}

function lossNotes(range: AddedRange, nrBlocks: number, blockBytes: number, source: string): string[] {
  const { lostAtStartBytes, lostAtEndBytes, startBytes, sizeBytes } = range;
  const lost = lostAtStartBytes + lostAtEndBytes;
  if (lost === 0 || nrBlocks === 0) return [];
  const assumed = startBytes === undefined ? ", a start at a whole block assumed: devices.start says otherwise" : "";
  return [
    `the range is trimmed to whole memory blocks (${source}): ${nrBlocks} of ${formatBytes(blockBytes)}, ${fineBytes(sizeBytes)}, are added and ${fineBytes(lost)} lost: ${fineBytes(lostAtStartBytes)} at the start, ${fineBytes(lostAtEndBytes)} at the end${assumed}`,
  ];
}

/** What holds for the whole machine, one clause each. */
export function machineNotes(scenario: Scenario): string[] {
  const { structPageBytes, arch } = scenario.machine;
  const { caveat } = blockRuleOf(scenario);
  const twin = binaryTwin(scenario.machine.dramBytes);
  const sizes = architecture(arch, scenario.kernel.version).structPageBytes.value;
  return [
    ...(structPageBytes === 64
      ? []
      : [
          `what if struct pages had ${structPageBytes} bytes${sizes.includes(structPageBytes) ? "" : ` (no configuration of ${arch} has)`}: memmap, placement and lines follow, passes and operations execute what they do with 64; all fields of one are taken to be used, and recorded workloads are left out`,
        ]),
    ...(caveat === undefined ? [] : [caveat]),
    ...(twin === undefined
      ? []
      : [`machine.dram of ${twin.decimal} is decimal; modules sold so have ${twin.binary} together`]),
  ];
}
