// The export list and nothing else.
export { initLayout } from "./header";
