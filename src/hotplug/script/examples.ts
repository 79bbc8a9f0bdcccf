/** Scripts that come with altmap, by name: `altmap try NAME`. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  "chunk-fails": `# The altmap of chunk 3 cannot be allocated: blocks 0 to 2 are taken back, nothing is left. The retry succeeds.
schema: altmap/script-v1
name: chunk-fails
kernel: "6.12"
machine: { nodes: [{ id: 0, memory: 4GiB }, { id: 1 }], memory_block: 128MiB }
boot: memory_hotplug.memmap_on_memory=Y memhp_default_state=offline
steps:
  - plug: { dimm: d1, size: 1GiB, start: 0x200000000, node: 1 }
    fail: { stage: altmap, chunk: 3, errno: ENOMEM }
  - eject: d1
  - plug: { dimm: d1, size: 1GiB, start: 0x200000000, node: 1 }
`,
  "mixed-range": `# Two callers add neighbouring blocks, one with its memmap on them: the range goes only as it came.
schema: altmap/script-v1
name: mixed-range
kernel: "6.12"
machine: { nodes: [{ id: 0, memory: 4GiB }], memory_block: 128MiB }
steps:
  - add: { driver: direct, start: 0x200000000, size: 128MiB, node: 0 }
  - add: { driver: hyper-v, start: 0x208000000, size: 128MiB, node: 0 }
  - remove: { start: 0x200000000, size: 256MiB }
  - remove: { start: 0x200000000, size: 128MiB }
  - remove: { start: 0x208000000, size: 128MiB }
`,
  "online-fails": `# Onlining block 2 fails after the add was split into blocks: the add has succeeded, the rest stays offline.
schema: altmap/script-v1
name: online-fails
kernel: "6.12"
machine: { nodes: [{ id: 0, memory: 4GiB }, { id: 1 }], memory_block: 128MiB }
boot: memory_hotplug.memmap_on_memory=Y memhp_default_state=online_movable
steps:
  - plug: { dimm: d1, size: 512MiB, start: 0x200000000, node: 1 }
    fail: { stage: online, chunk: 2, errno: ENOMEM }
  - write: { file: memory66/state, value: online_movable }
  - write: { file: memory67/state, value: online_movable }
  - eject: d1
`,
  "prepare-vetoed": `# s390: the hypervisor does not give the block, so MEM_PREPARE_ONLINE is vetoed before anything is touched.
schema: altmap/script-v1
name: prepare-vetoed
kernel: "6.12"
machine: { arch: s390, nodes: [{ id: 0, memory: 4GiB }] }
boot: memory_hotplug.memmap_on_memory=Y
standby: { start: 0x100000000, size: 512MiB }
steps:
  - write: { file: memory16/state, value: online_movable }
    veto: { event: MEM_PREPARE_ONLINE }
  - write: { file: memory16/state, value: online_movable }
  - write: { file: memory16/state, value: offline }
`,
  "knob-while-bound": `# memmap_on_memory of a pmem device (off as it comes): before, while and after kmem is bound.
schema: altmap/script-v1
name: knob-while-bound
kernel: "6.12"
machine: { nodes: [{ id: 0, memory: 1536MiB }], memory_block: 128MiB }
boot: memory_hotplug.memmap_on_memory=Y memhp_default_state=offline
dax: { dax0.0: { kind: pmem, node: 0, start: 0x100200000, size: 400556032 } }
steps:
  - write: { file: dax0.0/memmap_on_memory, value: junk }
  - write: { file: dax0.0/memmap_on_memory, value: 1 }
    signal: true
  - write: { file: dax0.0/memmap_on_memory, value: 1 }
    during: bind
  - write: { file: dax0.0/memmap_on_memory, value: 1 }
  - bind: dax0.0
  - write: { file: dax0.0/memmap_on_memory, value: 0 }
  - write: { file: dax0.0/memmap_on_memory, value: 1 }
  - write: { file: memory_hotplug/parameters/memmap_on_memory, value: N }
  - unbind: dax0.0
  - write: { file: dax0.0/memmap_on_memory, value: 0 }
`,
  "kmem-or-daxctl": `# Under an online policy daxctl gives up; kmem binds a CXL device all the same, and each block goes online.
schema: altmap/script-v1
name: kmem-or-daxctl
kernel: "6.12"
machine: { nodes: [{ id: 0, memory: 4GiB }, { id: 1 }], memory_block: 128MiB }
boot: memory_hotplug.memmap_on_memory=Y memhp_default_state=online_movable
dax: { dax0.0: { kind: cxl, node: 1, start: 0x490000000, size: 1GiB } }
steps:
  - bind: dax0.0
  - bind: { device: dax0.0, by: kernel }
  - unbind: { device: dax0.0, by: driver }
`,
  "endless-offline": `# From 6.14 on single slab pages have a count of 0: isolation lets them pass, and the offline never ends.
schema: altmap/script-v1
name: endless-offline
kernel: "6.18"
machine: { nodes: [{ id: 0, memory: 4GiB }, { id: 1 }], memory_block: 128MiB }
boot: memory_hotplug.memmap_on_memory=Y memhp_default_state=offline
steps:
  - plug: { dimm: d1, size: 256MiB, start: 0x200000000, node: 1 }
  - write: { file: memory64/state, value: online_kernel }
  - use: { block: 64, single_slab_pages: 1 }
  - write: { file: memory64/state, value: offline }
    signal: true
  - write: { file: memory64/state, value: offline }
  - eject: d1
`,
};
