import { checkLayout } from "./layout/check";
import { checkEngineLayout } from "./layout/checkEngine";
import { LAYOUT_MAGIC, LAYOUT_MAGIC_OFFSET, LAYOUT_VERSION_OFFSET } from "./layout/memory";
import { LAYOUT_VERSION } from "./layout/version";

/** Stamps the memory so that the host can refuse a module built from another layout. */
export function initLayout(): void {
  checkLayout();
  checkEngineLayout();
  store<u32>(LAYOUT_MAGIC_OFFSET, LAYOUT_MAGIC);
  store<u32>(LAYOUT_VERSION_OFFSET, LAYOUT_VERSION);
}
