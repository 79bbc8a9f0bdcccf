import { threeDigits } from "../../units.ts";

export interface Progress {
  add(nr: number): void;
  /** Says the last figures. */
  stop(): void;
}

const TERMINAL_MS = 500;
const LOG_MS = 10_000;

/** Rate and time left: on one line of a terminal, else a line every ten seconds. */
export function startProgress(done: string, things: string, total: number, tell: (line: string) => void): Progress {
  const start = performance.now();
  let nr = 0;
  const line = (): string => {
    const seconds = (performance.now() - start) / 1000;
    const rate = nr / Math.max(seconds, 1e-3);
    const left = rate > 0 && nr < total ? `, ${Math.ceil((total - nr) / rate)} s left` : "";
    return `${done} ${nr} of ${total} ${things} in ${threeDigits(seconds)} s, ${threeDigits(rate)} a second${left}`;
  };
  const isTerminal = process.stderr.isTTY === true;
  const show = (): void => {
    if (isTerminal) process.stderr.write(`\r${line()}\u001b[K`);
    else tell(line());
  };
  const timer = total === 0 ? undefined : setInterval(show, isTerminal ? TERMINAL_MS : LOG_MS);
  let isStopped = false;
  return {
    add(more) {
      nr += more;
    },
    stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      if (isTerminal && total > 0) process.stderr.write("\r\u001b[K");
      if (total > 0) tell(line());
    },
  };
}
