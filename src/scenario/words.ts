/** Who hot-adds memory. `direct` is any caller of add_memory that sets MHP_MEMMAP_ON_MEMORY itself. */
export const DRIVERS = [
  "acpi",
  "dax-kmem",
  "virtio-mem",
  "ppc64-dlpar",
  "s390-sclp",
  "hyper-v",
  "xen-balloon",
  "sysfs-probe",
  "direct",
] as const;

export type DriverName = (typeof DRIVERS)[number];

/** What kind of memory a dax device stands for: it decides the default of its `memmap_on_memory` attribute. */
export const DAX_KINDS = ["cxl", "pmem", "hmem", "user"] as const;

export type DaxKind = (typeof DAX_KINDS)[number];

/** Architectures that hot-add memory, each with the page sizes that the model knows. */
export const ARCHITECTURES = [
  "x86_64",
  "arm64-4k",
  "arm64-16k",
  "arm64-64k",
  "ppc64-radix-4k",
  "ppc64-radix-64k",
  "s390",
  "riscv64",
  "loongarch64-16k",
] as const;

export type ArchitectureName = (typeof ARCHITECTURES)[number];

/**
 * Proposals that were posted and never merged. `flag-overrides-parameter`: MHP_MEMMAP_ON_MEMORY of a caller bypasses
 * memory_hotplug.memmap_on_memory (June 2023). `writable-parameter`: the parameter can be changed at run time (August 2023).
 */
export const WHAT_IFS = ["flag-overrides-parameter", "writable-parameter"] as const;
export type WhatIf = (typeof WHAT_IFS)[number];
