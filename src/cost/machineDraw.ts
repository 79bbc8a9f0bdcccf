import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import { streamedRates } from "../machine/streams.ts";
import { drawDevice, drawHost, drawStreamed } from "./drawMachine.ts";
import type { DeviceDraw, HostDraw, StreamedDraw } from "./draws.ts";
import { draw, type Held, type Random, seededRandom } from "./sample.ts";

/** What holds the struct pages: boot memory's are always in DRAM, hot-added memory's follow the placement. */
export interface MemmapMedia {
  readonly boot: DeviceProfile;
  readonly hotAdded: DeviceProfile;
}

/** One draw of everything a price depends on. */
export interface MachineDraw {
  readonly host: HostDraw;
  readonly boot: DeviceDraw;
  readonly hotAdded: DeviceDraw;
  /** Clears and copies of pages on boot memory and on the hot-added memory, whatever the placement of the memmap. */
  readonly streamed: { readonly boot: StreamedDraw; readonly hotAdded: StreamedDraw };
}

/** A machine as its profiles state it, and drawn from their ranges: made once, it prices any number of counts. */
export interface MachineSamples {
  readonly stated: MachineDraw;
  readonly draws: readonly MachineDraw[];
}

export interface SampleOptions {
  /** Draws behind each interval. @default 400 */
  readonly samples?: number;
  /** @default 1 */
  readonly seed?: number;
  /** `scope.key` of inputs that are taken as stated in every draw (`altmap answer --why`). */
  readonly held?: Held;
}

export const DEFAULT_SAMPLES = 400;

/** @returns draws of host and media; the same device in both places is drawn once */
export function sampleMachine(host: HostProfile, media: MemmapMedia, options: SampleOptions = {}): MachineSamples {
  const { samples = DEFAULT_SAMPLES, seed = 1, held } = options;
  const rates = streamedRatesOf(host, media);
  const one = (random: Random) => drawMachineWith(host, media, rates, random, held);
  return {
    stated: one(null),
    draws: Array.from({ length: samples }, (_, i) => one(seededRandom(seed + i * DRAW_STRIDE))),
  };
}

/** DRAM of another socket, which a memmap in DRAM is for some CPUs. */
export interface RemoteShare {
  /** Of the CPUs, 0 to 1. */
  readonly share: number;
  readonly idleReadNs: Quantity;
}

/**
 * The same machine with the hot-added memory's struct pages in DRAM: what both placements share is drawn alike.
 *
 * @param remote the memmap lies on one node: the latency is the mean over the CPUs. @default local to every CPU
 */
export function memmapInDram(machine: MachineSamples, remote?: RemoteShare): MachineSamples {
  const inDram = ({ host, boot, streamed }: MachineDraw, random: Random): MachineDraw => ({
    host,
    boot,
    hotAdded: remote === undefined || remote.share === 0 ? boot : partlyRemote(boot, remote, random),
    streamed,
  });
  return {
    stated: inDram(machine.stated, null),
    draws: machine.draws.map((draw, i) => inDram(draw, seededRandom(REMOTE_SEED + i))),
  };
}

const REMOTE_SEED = 0x2e07;

function partlyRemote(boot: DeviceDraw, { share, idleReadNs }: RemoteShare, random: Random): DeviceDraw {
  const furtherNs = share * Math.max(0, draw(idleReadNs, random) - boot.idleReadNs);
  return {
    ...boot,
    idleReadNs: boot.idleReadNs + furtherNs,
    sequentialReadNs: boot.sequentialReadNs + furtherNs,
  };
}

/** Draws are seeded one by one: the i-th of two machines share what the machines share. */
const DRAW_STRIDE = 0x9e3779b1;

/** One draw of a host and its two memories, with their rates of clearing and copying. */
export function drawMachine(host: HostProfile, media: MemmapMedia, random: Random): MachineDraw {
  return drawMachineWith(host, media, streamedRatesOf(host, media), random);
}

const streamedRatesOf = (host: HostProfile, { boot, hotAdded }: MemmapMedia) => ({
  boot: streamedRates(host, boot, boot),
  hotAdded: streamedRates(host, boot, hotAdded),
});

function drawMachineWith(
  host: HostProfile,
  media: MemmapMedia,
  rates: ReturnType<typeof streamedRatesOf>,
  random: Random,
  held?: Held,
): MachineDraw {
  const [ofHost, ofBoot, ofDevice] = [random?.(), random?.(), random?.()];
  const from = (seed: number | undefined): Random => (seed === undefined ? null : () => seed);
  const boot = drawnOnce(bootDraws, media.boot, ofBoot, held, () => drawDevice(media.boot, from(ofBoot), held, "dram"));
  return {
    host: drawnOnce(hostDraws, host, ofHost, held, () => drawHost(host, from(ofHost), held)),
    boot,
    hotAdded: media.hotAdded === media.boot ? boot : drawDevice(media.hotAdded, from(ofDevice), held),
    streamed: {
      boot: drawStreamed(rates.boot, from(ofHost), held),
      hotAdded: drawStreamed(rates.hotAdded, from(ofHost), held),
    },
  };
}

/** Draws of a profile by seed: machines that share a host or its DRAM draw it once. */
type DrawsBySeed<P extends object, D> = WeakMap<P, Map<number | undefined, D>>;
const hostDraws: DrawsBySeed<HostProfile, HostDraw> = new WeakMap();
const bootDraws: DrawsBySeed<DeviceProfile, DeviceDraw> = new WeakMap();
/** More seeds than one answer has: beyond them nothing is kept. */
const MAX_KEPT = 10_000;

function drawnOnce<P extends object, D>(
  kept: DrawsBySeed<P, D>,
  profile: P,
  seed: number | undefined,
  held: Held | undefined,
  make: () => D,
): D {
  if (held !== undefined) return make();
  const bySeed = kept.get(profile) ?? new Map<number | undefined, D>();
  kept.set(profile, bySeed);
  const known = bySeed.get(seed) ?? make();
  if (bySeed.size < MAX_KEPT) bySeed.set(seed, known);
  return known;
}
