import { architecture } from "../../src/hotplug/architectures.ts";
import { kernelRules } from "../../src/hotplug/kernels.ts";
import { type Hooks, HotplugMachine, type MachineSettings } from "../../src/hotplug/state/machine.ts";
import { ResourceTree } from "../../src/hotplug/state/resources.ts";
import type { ArchitectureName } from "../../src/scenario/words.ts";
import { GIB, MIB } from "../../src/units.ts";

export const HOT_START = 4 * GIB;
export const BLOCK = 128 * MIB;

interface TestMachineOptions extends Partial<Omit<MachineSettings, "rules" | "arch" | "kernel">> {
  readonly kernel?: string;
  readonly arch?: ArchitectureName;
  readonly hooks?: Hooks;
}

/** 1.5 GiB of boot memory in zone DMA32 of node 0 (no blocks of it), everything hot-added on node 1. */
export function testMachine(options: TestMachineOptions = {}): HotplugMachine {
  const { kernel = "6.12", arch = "x86_64", hooks, ...settings } = options;
  const { pageBytes } = architecture(arch, kernel);
  const pages = (1.5 * GIB) / pageBytes;
  const zone = { nid: 0, name: "DMA32", startPfn: 0, endPfn: pages, presentPages: pages, managedPages: pages } as const;
  return new HotplugMachine(
    {
      rules: kernelRules(kernel),
      kernel,
      arch: architecture(arch, kernel),
      blockBytes: BLOCK,
      structPageBytes: 64,
      mode: "Y",
      autoOnline: "offline",
      onlinePolicy: "contig-zones",
      autoMovableRatio: 301,
      autoMovableNumaAware: true,
      movableNode: false,
      whatIf: [],
      ...settings,
    },
    {
      zones: [{ ...zone, online: [{ startPfn: 0, endPfn: pages }] }],
      blocks: [],
      resources: new ResourceTree([{ start: 0, end: 1.5 * GIB - 1, name: "System RAM" }]),
      memTotalPages: pages,
    },
    hooks,
  );
}

/** All that rollback must leave as it was. */
export function fingerprint(machine: HotplugMachine): string {
  return JSON.stringify({
    blocks: [...machine.blocks.values()].map(({ id, state, altmap, group, zone }) => [
      id,
      state,
      altmap,
      group,
      zone?.key ?? null,
    ]),
    zones: [...machine.zones.values()]
      .filter((zone) => zone.isPopulated || zone.spannedPages > 0)
      .map((zone) => [
        zone.key,
        zone.startPfn,
        zone.spannedPages,
        zone.presentPages,
        zone.managedPages,
        zone.nrIsolatePageblock,
        zone.freeLists?.counts(),
      ]),
    groups: [...machine.groups.values()],
    resources: machine.resources.list(),
    total: machine.totalramPages,
    memmaps: [...machine.placedMemmaps],
  });
}
