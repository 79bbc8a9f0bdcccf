import { InputError } from "../errors.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { formatBytes, hex } from "../units.ts";
import { blockRuleOf } from "./blockRule.ts";
import { neighbours } from "./capacity.ts";
import { type Place, type PlacedDevice, placesOf } from "./cxlWindows.ts";
import { dramUse } from "./dramUse.ts";
import { type DevicePlan, type HotplugPlan, planOf } from "./plan.ts";
import { type DeviceZone, deviceZones, OWN_WALK } from "./zones.ts";

/**
 * Cuts each device into memory blocks and decides where its memmap goes. A device that cannot be added has a plan too:
 * its `placement.outcome` says why. Devices that are plugged together share zones and DRAM; alternatives do not.
 *
 * @error InputError for a capacity that is a slip: no unit, or decimal
 */
export function planDevices(scenario: Scenario, devices: readonly PlacedDevice[]): HotplugPlan[] {
  const blockRule = blockRuleOf(scenario);
  const places = placesOf(scenario, devices);
  const plans = devices.map((plugged, i) => planOf(scenario, plugged, places[i]!, blockRule));
  const zones = scenario.pluggedTogether ? zonesOf(plans, places) : plans.map((_, i) => aloneIn(i + 1));
  let dramBeforeBytes = 0;
  return plans.map((plan, i) => {
    const whole = { ...plan, zone: zones[i]!, dramBeforeBytes };
    if (scenario.pluggedTogether && plan.nrBlocks > 0) dramBeforeBytes += dramUse(plan, "dram").totalBytes;
    return whole;
  });
}

const aloneIn = (node: number): DeviceZone => ({ node, online: OWN_WALK, offline: OWN_WALK });

/**
 * Devices of one CXL window are of one node, which firmware's tables give the window; a device without a window is taken
 * as a node of its own. Node 0 is where DRAM is.
 *
 * @source drivers/acpi/numa/srat.c acpi_parse_cfmws (6.12): one node for each window that SRAT does not describe
 */
function zonesOf(plans: readonly DevicePlan[], places: readonly Place[]): DeviceZone[] {
  const stated = plans.flatMap(({ device }) => device.node ?? []);
  let next = Math.max(0, ...stated) + 1;
  const ofWindow = new Map<number, number>();
  const nodes = plans.map(({ device }, i) => {
    if (device.node !== undefined) return device.node;
    const { window } = places[i]!;
    if (window === undefined) return next++;
    const node = ofWindow.get(window) ?? next++;
    ofWindow.set(window, node);
    return node;
  });
  const blockBytes = plans[0]?.blockBytes ?? 1;
  return deviceZones(
    plans.map(({ range }, i) => ({ node: nodes[i]!, startBytes: range.startBytes, sizeBytes: range.sizeBytes })),
    blockBytes,
  );
}

/**
 * As planDevices, for devices that are then priced.
 *
 * @error InputError for a device that cannot be added, saying what fits
 */
export function planAdds(scenario: Scenario, devices: readonly PlacedDevice[]): HotplugPlan[] {
  const plans = planDevices(scenario, devices);
  for (const plan of plans) checkAdded(plan);
  return plans;
}

function checkAdded({ device, placement, range, blockBytes, nrBlocks }: HotplugPlan): void {
  const { id, capacityBytes } = device;
  if (placement.outcome === "no-room") {
    throw new InputError({
      what: `${id}: ${placement.reason}`,
      where: "machine.cxl_windows",
      expected: "a window with room for each device, or devices.start",
      example: "cxl_windows: [{ base: 0x1080000000, size: 1TiB }]",
    });
  }
  const { startBytes } = range;
  if (nrBlocks > 0 && Number.isInteger(nrBlocks) && (startBytes ?? 0) % blockBytes === 0) return;
  const fits = neighbours(capacityBytes, blockBytes);
  throw new InputError({
    what: `${id}: a capacity of ${capacityBytes} bytes (${formatBytes(capacityBytes)})${startBytes === undefined ? "" : ` from ${hex(startBytes)} on`} cannot be added by ${device.driver}: ${placement.reason}`,
    expected:
      (startBytes ?? 0) % blockBytes === 0 ? fits : `a start at a multiple of ${formatBytes(blockBytes)}, and ${fits}`,
    example: `--capacity ${fits.split(" or ").at(-1)}`,
  });
}
