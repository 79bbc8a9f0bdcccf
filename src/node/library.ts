// What `import ... from "altmap"` gives in Node: the public API on Node's files, zlib and threads.
import "./install.ts";

export * from "../index.ts";
export { type KeepOptions, keepCounts } from "./keptCounts.ts";
export { writeTouchTrace } from "./writeTouchTrace.ts";
