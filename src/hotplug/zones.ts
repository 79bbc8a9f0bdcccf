/**
 * How many blocks set_zone_contiguous() looks at while one device goes on- or offline, block by block: `before` in each
 * walk, and where `grows` the device's own blocks that are online besides.
 *
 * @source mm/mm_init.c set_zone_contiguous, 6.12: from the start of the zone up to the first pageblock that is not online
 */
export interface ZoneWalk {
  readonly before: number;
  readonly grows: boolean;
}

/** The zone of a device, which it shares with the devices of its node that were plugged before. */
export interface DeviceZone {
  /** Those of one number share a node, and with it a zone. */
  readonly node: number;
  readonly online: ZoneWalk;
  /** Devices go offline in the order in which they came, ascending. */
  readonly offline: ZoneWalk;
}

/** A device that is the only one of its node. */
export const OWN_WALK: ZoneWalk = { before: 0, grows: true };

/** What decides a zone: whole memory blocks from a start that may not be known. */
export interface ZoneRange {
  readonly node: number;
  readonly startBytes: number | undefined;
  readonly sizeBytes: number;
}

/**
 * The walks of each range, in the order of the list. Ranges without a start lie one behind the other. Of a device that
 * goes offline, the one walk after its last block is left out where a hole lies behind it: it looks at what is left.
 *
 * @param blockBytes of a memory block
 */
export function deviceZones(ranges: readonly ZoneRange[], blockBytes: number): DeviceZone[] {
  return ranges.map(({ node }, i) => {
    const own = ranges[i]!;
    const isOfNode = (range: ZoneRange): boolean => range.node === node && range.sizeBytes > 0;
    const earlier = ranges.slice(0, i).filter(isOfNode);
    const later = ranges.slice(i + 1).filter(isOfNode);
    return { node, online: onlineWalk(own, earlier, blockBytes), offline: offlineWalk(own, later, blockBytes) };
  });
}

function onlineWalk(own: ZoneRange, there: readonly ZoneRange[], blockBytes: number): ZoneWalk {
  if (there.length === 0 || isBelow(own, there)) return OWN_WALK;
  const run = leadingRun(inOrder(there));
  return { before: blocksOf(run, blockBytes), grows: isBeside(run.at(-1)!, own) };
}

function offlineWalk(own: ZoneRange, left: readonly ZoneRange[], blockBytes: number): ZoneWalk {
  if (left.length === 0) return OWN_WALK;
  const sorted = inOrder(left);
  if (own.startBytes !== undefined && sorted.some((range) => (range.startBytes ?? Infinity) < own.startBytes!))
    return { before: blocksOf(leadingRun(sorted), blockBytes), grows: false };
  const run = isBeside(own, sorted[0]!) ? leadingRun(sorted) : [];
  return { before: blocksOf(run, blockBytes), grows: true };
}

const inOrder = (ranges: readonly ZoneRange[]): readonly ZoneRange[] =>
  ranges.some(({ startBytes }) => startBytes === undefined)
    ? ranges
    : [...ranges].sort((a, b) => a.startBytes! - b.startBytes!);

const isBelow = ({ startBytes }: ZoneRange, there: readonly ZoneRange[]): boolean =>
  startBytes !== undefined && there.every((range) => range.startBytes !== undefined && startBytes < range.startBytes);

/** Without a start nobody says that there is a hole. */
const isBeside = (low: ZoneRange, high: ZoneRange): boolean =>
  low.startBytes === undefined || high.startBytes === undefined || low.startBytes + low.sizeBytes === high.startBytes;

/** The ranges from the first on up to a hole. */
function leadingRun(sorted: readonly ZoneRange[]): readonly ZoneRange[] {
  const hole = sorted.findIndex((range, i) => i > 0 && !isBeside(sorted[i - 1]!, range));
  return hole < 0 ? sorted : sorted.slice(0, hole);
}

const blocksOf = (ranges: readonly ZoneRange[], blockBytes: number): number =>
  ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes / blockBytes, 0);
