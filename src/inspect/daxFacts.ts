import type { DaxKind } from "../scenario/words.ts";
import { numberAt, numbersIn, type SystemTree, textAt } from "./systemTree.ts";

/** A dax device, of /sys/bus/dax/devices. */
export interface DaxFacts {
  readonly name: string;
  readonly sizeBytes: number;
  /** null: not readable without root. */
  readonly startBytes: number | null;
  readonly node: number | null;
  /** null: bound to nothing, or nobody says. */
  readonly driver: string | null;
  readonly kind: DaxKind | null;
  /** null: the kernel has no such attribute (before 6.8). */
  readonly memmapOnMemory: boolean | null;
  /** The whole-device attribute of newer kernels: its value; null without it. */
  readonly hotplug: string | null;
  readonly alignBytes: number | null;
}

/** A window of CXL addresses: a root decoder. */
export interface CxlWindowFacts {
  readonly name: string;
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/** Every dax device that has a size, in the order of names. */
export function readDaxFacts(tree: SystemTree): DaxFacts[] {
  const folder = "sys/bus/dax/devices";
  return tree
    .list(folder)
    .filter((name) => /^dax\d{1,4}\.\d{1,4}$/.test(name))
    .sort()
    .flatMap((name) => {
      const at = `${folder}/${name}`;
      const sizeBytes = numberAt(tree, `${at}/size`) ?? 0;
      if (sizeBytes <= 0) return [];
      const node = numberAt(tree, `${at}/target_node`) ?? -1;
      const attribute = textAt(tree, `${at}/memmap_on_memory`)?.trim();
      return [
        {
          name,
          sizeBytes,
          startBytes: numberAt(tree, `${at}/resource`, 16) ?? null,
          node: node < 0 ? null : node,
          driver: driverOf(tree, name, at),
          kind: kindOf(tree.link(at) ?? ""),
          memmapOnMemory: attribute === undefined ? null : attribute !== "0" && attribute !== "N",
          hotplug: textAt(tree, `${at}/hotplug`)?.trim() ?? textAt(tree, `${at}/state`)?.trim() ?? null,
          alignBytes: numberAt(tree, `${at}/align`) ?? null,
        },
      ];
    });
}

function driverOf(tree: SystemTree, name: string, at: string): string | null {
  const link = tree.link(`${at}/driver`);
  if (link !== undefined) return link.slice(link.lastIndexOf("/") + 1);
  const drivers = ["kmem", "device_dax"];
  return drivers.find((driver) => tree.list(`sys/bus/dax/drivers/${driver}`).includes(name)) ?? null;
}

/** By what the device hangs on. @source drivers/dax/cxl.c, pmem.c, hmem/hmem.c, 6.12 */
function kindOf(link: string): DaxKind | null {
  if (/dax_region\d|\/region\d|ACPI0017|cxl/i.test(link)) return "cxl";
  if (/ndbus|namespace|nvdimm|pmem/i.test(link)) return "pmem";
  if (/hmem/i.test(link)) return "hmem";
  return null;
}

/** Root decoders of CXL: what firmware sets aside. */
export function readCxlWindows(tree: SystemTree): CxlWindowFacts[] {
  const folder = "sys/bus/cxl/devices";
  return numbersIn(tree, folder, "decoder0.").flatMap((nr) => {
    const name = `decoder0.${nr}`;
    const [startBytes, sizeBytes] = [
      numberAt(tree, `${folder}/${name}/start`, 16),
      numberAt(tree, `${folder}/${name}/size`, 16),
    ];
    return startBytes === undefined || sizeBytes === undefined || sizeBytes === 0
      ? []
      : [{ name, startBytes, sizeBytes }];
  });
}
