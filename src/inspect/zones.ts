import { InputError } from "../errors.ts";
import { type SystemTree, textAt } from "./systemTree.ts";

/** One zone of /proc/zoneinfo; pages. */
export interface ZoneFacts {
  readonly node: number;
  readonly zone: string;
  readonly spannedPages: number;
  readonly presentPages: number;
  readonly managedPages: number;
  readonly freePages: number;
  readonly startPfn: number | undefined;
}

/** Free blocks of one zone by order, of /proc/buddyinfo. */
export interface FreeByOrder {
  readonly node: number;
  readonly zone: string;
  /** Blocks of 2^order pages, index = order. */
  readonly blocks: readonly number[];
}

const HEAD = /^Node (\d{1,4}), zone +(\w+)/;

/** Zones with memory, in the file's order; none without the file. @error InputError for numbers that are none */
export function readZones(tree: SystemTree): ZoneFacts[] {
  const text = textAt(tree, "proc/zoneinfo");
  if (text === undefined) return [];
  const starts = text.split(/^(?=Node \d{1,4}, zone)/m).filter((part) => HEAD.test(part));
  if (starts.length === 0) throw noZones(tree, "proc/zoneinfo");
  return starts
    .map((part) => {
      const [, node, zone] = HEAD.exec(part)!;
      const pages = (key: string): number | undefined => {
        const found = new RegExp(`^ +(?:pages )?${key}:? +(\\d{1,15})$`, "m").exec(part);
        return found ? Number(found[1]) : undefined;
      };
      return {
        node: Number(node),
        zone: zone!,
        spannedPages: pages("spanned") ?? 0,
        presentPages: pages("present") ?? 0,
        managedPages: pages("managed") ?? 0,
        freePages: pages("free") ?? 0,
        startPfn: pages("start_pfn"),
      };
    })
    .filter(({ presentPages }) => presentPages > 0);
}

/** Of every zone; none without the file. @error InputError when it is another file */
export function readFreeByOrder(tree: SystemTree): FreeByOrder[] {
  const text = textAt(tree, "proc/buddyinfo");
  if (text === undefined) return [];
  const rows = text.split("\n").flatMap((line): FreeByOrder[] => {
    const [head, node, zone] = HEAD.exec(line) ?? [];
    if (head === undefined) return [];
    const blocks = line.slice(head.length).trim().split(/\s+/).map(Number);
    if (blocks.some((count) => !Number.isInteger(count) || count < 0)) throw noZones(tree, "proc/buddyinfo");
    return [{ node: Number(node), zone: zone!, blocks }];
  });
  if (rows.length === 0) throw noZones(tree, "proc/buddyinfo");
  return rows;
}

function noZones(tree: SystemTree, path: string): InputError {
  return new InputError({
    what: "holds no zones",
    where: `${tree.name}/${path}`,
    expected: `what cat /${path} prints`,
    example: path.endsWith("buddyinfo") ? "Node 0, zone   Normal      0      1 ..." : "Node 0, zone   Normal",
  });
}
