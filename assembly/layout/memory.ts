// Linear memory as a whole, shared between AssemblyScript and TypeScript.
// Only `export const` and `export const enum`: valid in both languages.

/** Written at LAYOUT_MAGIC_OFFSET by `initLayout`, checked by the host: "ALTM"; the version is in version.ts. */
export const LAYOUT_MAGIC = 0x4d544c41;
export const LAYOUT_MAGIC_OFFSET = 0;
export const LAYOUT_VERSION_OFFSET = 4;

/** The host's memory plan starts here; below lie the header and static data. */
export const HEAP_BASE = 0x10000;
