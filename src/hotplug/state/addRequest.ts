import type { Driver } from "../drivers.ts";
import type { MemoryGroup } from "./memoryBlock.ts";

/** One call of add_memory by a driver. */
export interface AddRequest {
  readonly nid: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly driver: Driver;
  readonly group: MemoryGroup | undefined;
  /** The per-device request of dax/kmem. @default false */
  readonly attribute?: boolean;
}
