import { decidePlacement, type Placement } from "../placement.ts";
import type { AddRequest } from "./addRequest.ts";
import type { HotplugMachine } from "./machine.ts";

/** Where the memmap of one add request goes on this machine. */
export function vmemmapPlacement(
  machine: HotplugMachine,
  request: Pick<AddRequest, "driver" | "sizeBytes" | "attribute">,
): Placement {
  const { kernel, arch, blockBytes, structPageBytes, mode, whatIf } = machine.settings;
  return decidePlacement({
    kernel,
    architecture: arch.name,
    blockBytes,
    structPageBytes,
    mode,
    whatIf,
    driver: request.driver.name,
    attribute: request.attribute ?? false,
    rangeBytes: request.sizeBytes,
  });
}
