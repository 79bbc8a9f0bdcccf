import { drawDevice, drawHost } from "../cost/drawMachine.ts";
import { type Estimate, estimate, type Random, seededRandom } from "../cost/sample.ts";
import type { KernelVersion } from "../linux/version.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { type PublishedOperation, recipeOf } from "./passes.ts";
import { priceRecipe } from "./predict.ts";

const SAMPLES = 200;

/** ns of one struct page of `operation` by one thread of a bare-metal host. */
export function operationPerPage(
  operation: PublishedOperation,
  kernel: KernelVersion,
  host: HostProfile,
  media: { readonly dram: DeviceProfile; readonly memmap: DeviceProfile },
): Estimate {
  const recipe = recipeOf(operation, kernel);
  const price = (random: Random) => {
    const dram = drawDevice(media.dram, random);
    const memmap = media.memmap === media.dram ? dram : drawDevice(media.memmap, random);
    const drawnHost = drawHost(host, random);
    const passes = priceRecipe(recipe, 1, { host: drawnHost, dram, memmap, nrCores: drawnHost.nrCores, guest: false });
    return passes.reduce((sum, pass) => sum + pass.ns, 0);
  };
  const random = seededRandom(1);
  return estimate(
    price(null),
    Float64Array.from({ length: SAMPLES }, () => price(random)),
  );
}
