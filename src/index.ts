/** The public API of the library. */
export { demandOf, emptyTouchCounts, type TouchCounts, writeBacksOf } from "./counts.ts";
export { InputError, KernelAbort, KernelTrap, MemoryPlanTooLarge } from "./errors.ts";
