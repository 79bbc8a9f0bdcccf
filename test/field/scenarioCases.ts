import { GIB, MIB } from "../../src/units.ts";
import type { FieldCase } from "./fieldCase.ts";
import { ARCHES, PARAMETERS, QUIET, SIZES } from "./scenarioMachineCases.ts";

/** dax/kmem trims a range to whole memory blocks; no other driver but virtio-mem does. */
const TRIMMED: readonly FieldCase[] = [
  {
    id: "explain a dax range of no whole blocks",
    kind: "C",
    run: ["explain", "05-dax-121.25GiB-2GiB-blocks.yaml"],
    exitCode: 0,
    prints: [
      "dax-kmem, 121.25 GiB, 60 blocks",
      "120 GiB, are added and 1.25 GiB lost: 0 B at the start, 1.25 GiB at the end",
      "memmap 1.875 GiB (60 x 32 MiB) on the memory; 118.125 GiB of 120 GiB left",
    ],
    never: ["-EINVAL"],
    json: {
      "devices.0.blocks": 60,
      "devices.0.added_bytes": 120 * GIB,
      "devices.0.lost_start_bytes": 0,
      "devices.0.lost_end_bytes": 1.25 * GIB,
      "devices.0.memmap_bytes": 1.875 * GIB,
      "devices.0.usable_bytes": 118.125 * GIB,
      "devices.0.outcome": "on-memory",
    },
  },
  {
    id: "answer with a dax range of no whole blocks",
    kind: "C",
    run: ["answer", "05-dax-121.25GiB-2GiB-blocks.yaml"],
    exitCode: 0,
    prints: ["1.25 GiB lost: 0 B at the start, 1.25 GiB at the end", "memory blocks of 2 GiB"],
    json: {
      "input.devices.0.memory_blocks": 60,
      "input.devices.0.added_bytes": 120 * GIB,
      "input.devices.0.lost_end_bytes": 1.25 * GIB,
      "input.devices.0.memmap_bytes": 1.875 * GIB,
      "results.1.device_usable_bytes": 118.125 * GIB,
      "results.0.device_usable_bytes": 120 * GIB,
    },
  },
  {
    id: "a dax range smaller than a block is rejected",
    kind: "C",
    run: ["explain", "--capacity", "1.75GiB", ...QUIET],
    exitCode: 0,
    prints: ["no whole blocks", "-EINVAL: the add fails with -EINVAL; no whole memory block of 2 GiB is left"],
  },
  {
    id: "ACPI does not trim",
    kind: "C",
    run: ["explain", "--capacity", "121.25GiB", "--driver", "acpi", ...QUIET],
    exitCode: 0,
    prints: ["-EINVAL", "no multiple of the memory block of 2 GiB"],
    never: ["lost"],
    json: { "devices.0.outcome": "-EINVAL", "devices.0.usable_bytes": 0 },
  },
  {
    id: "virtio-mem leaves parts of blocks unused",
    kind: "C",
    run: ["explain", "--capacity", "121.25GiB", "--driver", "virtio-mem", ...QUIET],
    exitCode: 0,
    prints: ["virtio_mem_init_hotplug", "1.25 GiB lost"],
    json: { "devices.0.blocks": 60, "devices.0.outcome": "dram", "devices.0.usable_bytes": 120 * GIB },
  },
  {
    id: "a range of whole blocks loses nothing",
    kind: "C",
    run: ["explain", "--capacity", "120GiB", ...QUIET],
    exitCode: 0,
    prints: ["60 blocks"],
    never: ["lost", "trimmed"],
  },
];

/** The x86_64 block size follows the end of RAM. */
const END_OF_RAM: readonly FieldCase[] = [
  {
    id: "a guest whose end of RAM is not stated carries its caveat",
    kind: "D",
    run: ["explain", "06-vm-128GiB-block-size.yaml"],
    exitCode: 0,
    prints: [
      "the end of RAM, which is not stated",
      "QEMU i440FX leaves below 4 GiB it is 129 GiB: blocks of 1 GiB",
      "QEMU q35 leaves below 4 GiB it is 130 GiB: blocks of 2 GiB",
      "machine.end_of_ram",
      "[inferred] (?)",
    ],
  },
  {
    id: "answer carries the same caveat",
    kind: "D",
    run: ["answer", "06-vm-128GiB-block-size.yaml"],
    exitCode: 0,
    prints: [/^Note: the memory block size follows the end of RAM/m],
  },
  {
    id: "i440FX: RAM ends at 129 GiB",
    kind: "D",
    run: ["explain", "06-vm-128GiB-block-size.yaml", "--end-of-ram", "129GiB"],
    exitCode: 0,
    prints: ["memory block 1 GiB", "16 blocks"],
    never: ["not stated"],
    json: { "memory_block.bytes": GIB, "devices.0.blocks": 16, "memory_block.evidence": "read-6.12" },
  },
  {
    id: "q35: RAM ends at 130 GiB, stated in the scenario as an address",
    kind: "D",
    run: ["explain", "vm-q35-end-of-ram.yaml"],
    exitCode: 0,
    prints: ["memory block 2 GiB", "8 blocks"],
    never: ["not stated"],
  },
  {
    id: "bare metal near 64 GiB: a hole decides between 128 MiB and 2 GiB",
    kind: "D",
    run: ["explain", "bare-metal-63GiB.yaml"],
    exitCode: 0,
    prints: ["memory block 128 MiB", "blocks of 2 GiB", "machine.end_of_ram"],
  },
  {
    id: "bare metal with 128 GiB has 2 GiB blocks wherever RAM ends",
    kind: "D",
    run: ["explain", "bare-metal-128GiB.yaml"],
    exitCode: 0,
    prints: ["memory block 2 GiB"],
    never: ["not stated"],
  },
  {
    id: "a stated memory block is taken as it is",
    kind: "D",
    run: ["explain", "06-vm-128GiB-block-size.yaml", "--memory-block", "512MiB"],
    exitCode: 0,
    prints: ["memory block 512 MiB", "32 blocks"],
    never: ["not stated"],
  },
  {
    id: "an end of RAM below the memory is refused",
    kind: "D",
    run: ["explain", "06-vm-128GiB-block-size.yaml", "--end-of-ram", "127GiB"],
    exitCode: 2,
    prints: ["below the 128 GiB of"],
  },
];

/** Start addresses and CXL windows. */
const ADDRESSES: readonly FieldCase[] = [
  {
    id: "an unaligned start costs a block",
    kind: "J",
    run: ["explain", "13-dax-with-start-address.yaml"],
    exitCode: 0,
    prints: ["743 blocks", "510 MiB at the start, 1.875 GiB at the end"],
    json: {
      "devices.0.blocks": 743,
      "devices.0.start_bytes": 0x3080000000,
      "devices.0.lost_start_bytes": 510 * MIB,
      "devices.0.lost_end_bytes": 1920 * MIB,
    },
  },
  {
    id: "answer takes the start as well",
    kind: "J",
    run: ["answer", "13-dax-with-start-address.yaml"],
    exitCode: 0,
    prints: ["510 MiB at the start"],
    json: { "input.devices.0.memory_blocks": 743, "input.devices.0.start_bytes": 0x3080000000 },
  },
  {
    id: "an aligned start gives one more",
    kind: "J",
    run: ["explain", "dax-aligned-start.yaml"],
    exitCode: 0,
    prints: ["744 blocks"],
  },
  {
    id: "ACPI at an unaligned start fails",
    kind: "J",
    run: ["explain", "13-dax-with-start-address.yaml", "--driver", "acpi", "--capacity", "64GiB"],
    exitCode: 0,
    prints: ["the start 0x3060200000 is no multiple of the memory block of 2 GiB"],
    json: { "devices.0.outcome": "-EINVAL" },
  },
  {
    id: "devices take the CXL windows in order",
    kind: "J",
    run: ["explain", "cxl-windows.yaml"],
    exitCode: 0,
    prints: ["added from 0x2080000000 on, 31 blocks", "added from 0x3100000000 on, 32 blocks"],
    json: {
      "devices.0.lost_start_bytes": 1.75 * GIB,
      "devices.0.lost_end_bytes": 256 * MIB,
      "devices.1.lost_start_bytes": 0,
    },
  },
  {
    id: "from 6.15 on the windows advise smaller blocks",
    kind: "J",
    run: ["explain", "cxl-windows.yaml", "--kernel", "6.15"],
    exitCode: 0,
    prints: ["memory block 256 MiB", "advised by the CXL windows", "256 blocks"],
    never: ["lost"],
  },
  {
    id: "what does not fit a window is said",
    kind: "J",
    run: ["explain", "cxl-window-too-small.yaml"],
    exitCode: 0,
    prints: ["no-room: nothing is added; 128 GiB does not fit a CXL window", "64 GiB in the one at 0x2000000000"],
    json: { "devices.0.outcome": "no-room", "devices.0.usable_bytes": 0 },
  },
  {
    id: "what does not fit a window is not priced",
    kind: "J",
    run: ["answer", "cxl-window-too-small.yaml"],
    exitCode: 2,
    prints: ["128 GiB does not fit a CXL window", "machine.cxl_windows"],
  },
];

/** Scenarios as people write them, with what altmap has to say of each. */
export const SCENARIO_CASES: readonly FieldCase[] = [
  ...TRIMMED,
  ...END_OF_RAM,
  ...ADDRESSES,
  ...ARCHES,
  ...SIZES,
  ...PARAMETERS,
];
