/** What was wrong, where, what was expected and an example that works: all a user needs to go on. */
export interface InputProblem {
  readonly what: string;
  /** File, line, key or offset. */
  readonly where?: string;
  readonly expected?: string;
  readonly example?: string;
}

/** No quote of an input needs more. */
const MAX_LINE_CHARACTERS = 2000;

/** One line that a terminal can show: what a mistaken file holds may be control sequences. */
function printable(text: string): string {
  const clean = text.replace(/[\r\n]+\s*/g, " ").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/g, "?");
  return clean.length <= MAX_LINE_CHARACTERS ? clean : `${clean.slice(0, MAX_LINE_CHARACTERS)}...`;
}

/** Bad input or usage: the command line prints the message alone and exits 2. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly problem: InputProblem;
  constructor(problem: InputProblem) {
    const lines = [problem.where === undefined ? problem.what : `${problem.where}: ${problem.what}`];
    if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`);
    if (problem.example !== undefined) lines.push(`  example: ${problem.example}`);
    super(lines.map(printable).join("\n"));
    this.problem = problem;
  }
}

/** Runs what knows no file: an InputError of it that names no place gets this one. */
export function namingFile<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InputError) || error.problem.where !== undefined) throw error;
    throw new InputError({ ...error.problem, where });
  }
}

/** The scenario needs more linear memory than wasm32 or this machine has: both numbers are given. */
export class MemoryPlanTooLarge extends InputError {
  readonly neededBytes: number;
  readonly limitBytes: number;
  constructor(neededBytes: number, limitBytes: number, what: string) {
    super({
      what: `${what} needs ${neededBytes} bytes of linear memory, and at most ${limitBytes} bytes exist`,
      expected: "a smaller range, or one that is windowed block by block",
    });
    this.neededBytes = neededBytes;
    this.limitBytes = limitBytes;
  }
}

/** A kernel returned a negative errno. */
export class HotplugError extends Error {
  override readonly name = "HotplugError";
  readonly errno: number;
  readonly operation: string;
  constructor(operation: string, errno: number, detail: string) {
    super(`${operation}: errno ${errno}: ${detail}`);
    this.errno = errno;
    this.operation = operation;
  }
}

/** An `assert` or `throw` in AssemblyScript. The instance is dead. */
export class KernelAbort extends Error {
  override readonly name = "KernelAbort";
  readonly file: string;
  readonly line: number;
  constructor(message: string, file: string, line: number) {
    super(`kernel abort: ${message} (${file}:${line})`);
    this.file = file;
    this.line = line;
  }
}

/** A WebAssembly trap, with the call that met it. The instance is dead. */
export class KernelTrap extends Error {
  override readonly name = "KernelTrap";
  constructor(call: string, args: readonly number[], cause: unknown) {
    super(`kernel trap in ${call}(${args.join(", ")}): ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The name in `known` nearest to `given` by edit distance, if it is near enough to be a slip. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase().slice(0, 64), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * What a user may have meant by `given`: the names that begin with it, else those that hold it, else the nearest ones
 * by edit distance, nearest first.
 */
export function namesLike(given: string, known: readonly string[]): { names: readonly string[]; isPrefix: boolean } {
  const typed = given.toLowerCase().slice(0, 64);
  const begins = typed === "" ? [] : known.filter((name) => name.toLowerCase().startsWith(typed));
  if (begins.length > 0) return { names: begins, isPrefix: true };
  const near = nearestName(given, known);
  // Shorter than this, a part is in too many names to say what was meant.
  const holds = typed.length < 3 ? [] : known.filter((name) => name.toLowerCase().includes(typed));
  return { names: [...new Set([...(near === undefined ? [] : [near]), ...holds])], isPrefix: false };
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
