import { LAYOUT_MAGIC, LAYOUT_MAGIC_OFFSET, LAYOUT_VERSION_OFFSET } from "../../assembly/layout/memory.ts";
import { LAYOUT_VERSION } from "../../assembly/layout/version.ts";
import { InputError, KernelAbort, KernelTrap } from "../errors.ts";
import { platform } from "../platform.ts";
import type { WasmExports } from "./exports.ts";
import { type MemoryRegions, WASM_PAGE_BYTES } from "./memory.ts";

export type WasmBuild = "release" | "debug";

/**
 * One WebAssembly instance with its memory, planned once: memory never grows, so views made from
 * `memory.buffer` stay valid for the life of the instance. After a trap or abort the instance is dead.
 */
export interface WasmInstance {
  readonly build: WasmBuild;
  readonly buffer: ArrayBuffer;
  /** Calls an export with u32/i32 arguments; the result is i32 (a negative errno, or 0). */
  call<Name extends ExportName>(name: Name, ...args: ExportArgs<Name>): number;
  /** The same for exports that return u32. */
  callU32<Name extends ExportName>(name: Name, ...args: ExportArgs<Name>): number;
}

export type ExportName = keyof WasmExports;
export type ExportArgs<Name extends ExportName> = Parameters<WasmExports[Name]>;
/** Exports whose first argument is where a region of linear memory lies: the context they work in. */
export type ContextExport = {
  [Name in ExportName]: WasmExports[Name] extends (context: number, ...args: infer _) => unknown ? Name : never;
}[ExportName];
/** What such an export takes behind its context. */
export type ContextArgs<Name extends ExportName> = ExportArgs<Name> extends [number, ...infer Rest] ? Rest : [];

const compiled = new Map<WasmBuild, WebAssembly.Module>();

/** Compiles altmap.wasm (or the debug build) once per thread. */
export function compileWasm(build: WasmBuild): WebAssembly.Module {
  const known = compiled.get(build);
  if (known) return known;
  const module = new WebAssembly.Module(platform().readWasm(build));
  compiled.set(build, module);
  return module;
}

/** Compiles when needed, and instantiates on a memory of exactly the plan's size. */
export function loadWasm(build: WasmBuild, plan: MemoryRegions): WasmInstance {
  return instantiateWasm(compileWasm(build), build, plan);
}

/** The part that Node and the browser share. */
export function instantiateWasm(module: WebAssembly.Module, build: WasmBuild, plan: MemoryRegions): WasmInstance {
  const wasmPages = Math.ceil(plan.totalBytes / WASM_PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: wasmPages });
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: abortFrom(memory) } });
  const exports = instance.exports as Record<string, unknown>;
  const call = <Name extends ExportName>(name: Name, ...args: ExportArgs<Name>): number => {
    const run = exports[name];
    if (typeof run !== "function") throw new RangeError(`altmap.wasm exports no ${name}`);
    try {
      return run(...args) as number;
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw new KernelTrap(name, args, error);
      throw error;
    }
  };
  call("initLayout");
  checkLayoutVersion(memory.buffer);
  return { build, buffer: memory.buffer, call, callU32: (name, ...args) => call(name, ...args) >>> 0 };
}

function checkLayoutVersion(buffer: ArrayBuffer): void {
  const view = new DataView(buffer);
  const magic = view.getUint32(LAYOUT_MAGIC_OFFSET, true);
  const version = view.getUint32(LAYOUT_VERSION_OFFSET, true);
  if (magic !== LAYOUT_MAGIC || version !== LAYOUT_VERSION) {
    throw new InputError({
      what: `altmap.wasm was compiled for another layout of memory: ${version.toString(16)}, not ${LAYOUT_VERSION.toString(16)}`,
      example: "npm run build",
    });
  }
}

/** AssemblyScript calls `abort(message, file, line, column)` with pointers to UTF-16 strings. */
function abortFrom(memory: WebAssembly.Memory) {
  return (message: number, file: number, line: number): never => {
    throw new KernelAbort(readString(memory, message), readString(memory, file), line);
  };
}

function readString(memory: WebAssembly.Memory, pointer: number): string {
  if (pointer === 0) return "";
  const bytes = new DataView(memory.buffer).getUint32(pointer - 4, true);
  return new TextDecoder("utf-16le").decode(new Uint8Array(memory.buffer, pointer, Math.min(bytes, 4096)));
}
