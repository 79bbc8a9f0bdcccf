// The export list and nothing else.
export { initLayout } from "./header";
export { cacheInit, fillClean, touch } from "./cache";
export { sweep } from "./stream";
export { replayBatch } from "./replay";
