import type { Duplex, Readable, Writable } from "node:stream";

export const END_MARK = "@@end-of-command";

/** The guest took longer than it may. */
export class Unanswered extends Error {}

interface Waiter {
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A shell behind a serial line without echo: one command at a time, whose output (both streams)
 * ends where the shell prints the mark.
 */
export class SerialShell {
  private received = "";
  private waiter: Waiter | undefined;
  private failure: Error | undefined;
  private readonly input: Writable;

  constructor(input: Writable, output: Readable | Duplex) {
    this.input = input;
    output.setEncoding("utf8");
    output.on("data", (chunk: string) => {
      this.received += chunk;
      this.deliver();
    });
  }

  fail(error: Error): void {
    this.failure = error;
    this.waiter?.reject(error);
    this.waiter = undefined;
  }

  private deliver(): void {
    const end = this.received.indexOf(`${END_MARK}\n`);
    if (end < 0 || !this.waiter) return;
    const output = this.received.slice(0, end);
    this.received = this.received.slice(end + END_MARK.length + 1);
    this.waiter.resolve(output);
    this.waiter = undefined;
  }

  /** Waits for a mark the guest prints by itself (the end of its start-up). */
  waitForMark(timeoutMs: number): Promise<string> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiter = undefined;
        const tail = this.received.slice(-300);
        reject(new Unanswered(`the guest did not answer in ${timeoutMs} ms; last output: ${tail}`));
      }, timeoutMs);
      this.waiter = {
        resolve: (output) => {
          clearTimeout(timer);
          resolve(output);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.deliver();
    });
  }

  run(command: string, timeoutMs = 120_000): Promise<string> {
    const answer = this.waitForMark(timeoutMs);
    this.input.write(`{ ${command}; } 2>&1; echo; echo ${END_MARK}\n`);
    return answer.then((output) => output.replace(/\n$/, ""));
  }
}
